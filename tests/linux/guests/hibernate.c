/* SPDX-License-Identifier: MIT
 * Hibernates a Linux guest that refuses it: the kernel is asked before the modules are there which
 * would. Writes the image to a disk beside the kernel's swap, and resumes from there.
 *   hibernate save|reboot DISK COMMAND   COMMAND loads the modules. Turns the VM off, or resets it;
 *                                        when it has been resumed, ends with status 0
 *   hibernate resume DISK COMMAND        does not return; status 1 if it cannot be resumed */
#include <errno.h>
#include <fcntl.h>
#include <linux/suspend_ioctls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PAGE 4096u

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("hibernate, line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno);    \
            fflush(stdout);                                                                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static int snapshot;

static void save(const char *disk, void *page, int then)
{
    const int out = open(disk, O_WRONLY | O_DIRECT);
    uint64_t pages = 0;
    int in_suspend = 0;

    expect(out >= 0 && ioctl(snapshot, SNAPSHOT_FREEZE) == 0);
    expect(ioctl(snapshot, SNAPSHOT_CREATE_IMAGE, &in_suspend) == 0);
    if (!in_suspend) {
        expect(ioctl(snapshot, SNAPSHOT_UNFREEZE) == 0);
        return;
    }
    while (read(snapshot, page, PAGE) == PAGE) {
        pages++;
        expect(pwrite(out, page, PAGE, (off_t)(pages * PAGE)) == PAGE);
    }
    *(uint64_t *)page = pages;
    expect(pwrite(out, page, PAGE, 0) == PAGE && fsync(out) == 0);
    reboot(then);
}

static void resume(const char *disk, void *page)
{
    const int in = open(disk, O_RDONLY | O_DIRECT);
    uint64_t pages;

    expect(in >= 0 && pread(in, page, PAGE, 0) == PAGE);
    pages = *(uint64_t *)page;
    for (uint64_t i = 1; i <= pages; i++) {
        expect(pread(in, page, PAGE, (off_t)(i * PAGE)) == PAGE);
        expect(write(snapshot, page, PAGE) == PAGE);
    }
    expect(ioctl(snapshot, SNAPSHOT_FREEZE) == 0);
    expect(ioctl(snapshot, SNAPSHOT_ATOMIC_RESTORE) == 0);
}

int main(int count, char **words)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int saves = count == 4 && strcmp(words[1], "resume") != 0;

    expect(count == 4 && page != MAP_FAILED);
    mknod("/tmp/snapshot", S_IFCHR | 0600, makedev(10, 231));
    snapshot = open("/tmp/snapshot", (saves ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    expect(snapshot >= 0 && system(words[3]) == 0);
    if (saves)
        save(words[2], page, strcmp(words[1], "save") == 0 ? RB_POWER_OFF : RB_AUTOBOOT);
    else
        resume(words[2], page);
    return saves ? 0 : 1;
}
