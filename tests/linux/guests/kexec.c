/* SPDX-License-Identifier: MIT
 * kexec KERNEL INITRAMFS WORD...: begins another kernel in this one's place, without a reset. */
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char line[2048] = "";

    if (argc < 3)
        return 2;
    for (int i = 3; i < argc; i++) {
        strncat(line, argv[i], sizeof line - strlen(line) - 1);
        strncat(line, " ", sizeof line - strlen(line) - 1);
    }
    const int kernel = open(argv[1], O_RDONLY | O_CLOEXEC);
    const int initramfs = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (kernel < 0 || initramfs < 0 ||
        syscall(SYS_kexec_file_load, kernel, initramfs, strlen(line) + 1, line, 0UL) != 0) {
        fprintf(stderr, "kexec_file_load: %s\n", strerror(errno));
        return 1;
    }
    syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
    fprintf(stderr, "kexec: %s\n", strerror(errno));
    return 1;
}
