/* SPDX-License-Identifier: MIT
 * A neighbour in a memory cgroup: holds so many MiB, says "holds", and once a byte has come on its
 * standard input it takes whatever memory there is, page by page, until it is ended. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

#define PAGE 4096u
#define MOST (1ull << 30)

int main(int argc, char **argv)
{
    const uint64_t held = argc == 2 ? strtoull(argv[1], NULL, 10) << 20 : 0;
    const struct timespec pause = {.tv_nsec = 200000};
    char byte;

    uint8_t *memory = mmap(NULL, MOST, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || held > MOST || madvise(memory, MOST, MADV_NOHUGEPAGE) < 0 ||
        (held > 0 && madvise(memory, held, MADV_POPULATE_WRITE) < 0)) {
        perror("memory_taker");
        return 1;
    }
    puts("holds");
    fflush(stdout);
    if (read(STDIN_FILENO, &byte, 1) != 1)
        return 1;
    for (uint64_t at = held;;) {
        if (at < MOST && madvise(memory + at, PAGE, MADV_POPULATE_WRITE) == 0)
            at += PAGE;
        else
            nanosleep(&pause, NULL);
    }
}
