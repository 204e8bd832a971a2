/* SPDX-License-Identifier: MIT
 * resident NAME: maps page 0 of an object, reads it, says "mapped", and waits for a line on
 * standard input. Then it accesses the page once more, and prints the signal that it got. */
#include "device.h"

int main(int count, char **words)
{
    const int fd = open_device(O_RDWR);
    const uint32_t object = open_object(fd, count > 1 ? words[1] : "");
    const struct holdfast_linux_reserve window = reserve(fd, 1, 1);
    char *at = see(fd, PROT_READ | PROT_WRITE, &window, 0, 1);

    catch_accesses();
    expect(map(fd, window.window, 0, object, 0, 1, 0) == 0 && signal_of(at, true) == 0);
    printf("mapped\n");
    fflush(stdout);
    getchar();
    printf("signal %d\n", signal_of(at, true));
    return 0;
}
