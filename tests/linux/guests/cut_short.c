/* SPDX-License-Identifier: MIT
 * A program whose window shows a file that the host cuts short: four pages of the object "file", of
 * which one is left when a line has come on standard input. It gets SIGSEGV for an access to one
 * that is gone, EFAULT for a call that touches one, and goes on. */
#include "device.h"

static bool is_lost(char *at, bool write)
{
    return signal_of(at, write) == SIGSEGV;
}

int main(void)
{
    const int fd = open_device(O_RDWR);
    const uint32_t file = open_object(fd, "file");
    const struct holdfast_linux_reserve window = reserve(fd, 4, 4);
    char *at = see(fd, PROT_READ | PROT_WRITE, &window, 0, 4);
    char line[9];
    int ends[2];

    expect(map(fd, window.window, 0, file, 0, 4, 0) == 0 && pipe(ends) == 0);
    catch_accesses();
    memset(at, 'a', 4 * PAGE);
    printf("mapped\n");
    fflush(stdout);
    expect(fgets(line, sizeof line, stdin) != NULL);

    expect(is_lost(at + 2 * PAGE, false) && is_lost(at + 3 * PAGE, true));
    refused(write(ends[1], at + 2 * PAGE, 100), EFAULT);
    expect(write(ends[1], at, 100) == 100);
    refused(read(ends[0], at + 2 * PAGE, 100), EFAULT);
    expect(read(ends[0], at + PAGE - 50, 50) == 50);
    expect(is_lost(at + 2 * PAGE, true) && signal_of(at, true) == 0 && at[0] == 'a');
    printf("lost\n");
    fflush(stdout);

    expect(fgets(line, sizeof line, stdin) != NULL);
    expect(signal_of(at + 2 * PAGE, true) == 0 && at[2 * PAGE] == 0);
    printf("there again\n");
    return 0;
}
