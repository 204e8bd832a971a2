/* SPDX-License-Identifier: MIT
 * pageout MIB: has so much memory of its own written to swap, says "out", and waits for a line on
 * standard input. Then it reads a byte of it, and prints which: SIGBUS ends it where the swap has
 * an I/O error. Exit status: 1 the memory could not be written to swap. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

int main(int count, char **words)
{
    const size_t bytes = (count > 1 ? strtoul(words[1], NULL, 10) : 1) << 20;
    unsigned char *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *present = malloc(bytes / PAGE);
    size_t out = 0;

    if (memory == MAP_FAILED || present == NULL)
        return 1;
    for (size_t at = 0; at < bytes; at++)
        memory[at] = (unsigned char)(at / PAGE * 251 + at + 1);
    if (madvise(memory, bytes, MADV_PAGEOUT) != 0 || mincore(memory, bytes, present) != 0)
        return 1;
    for (size_t page = 0; page < bytes / PAGE; page++)
        out += !(present[page] & 1);
    if (out < bytes / PAGE / 2)
        return 1;
    puts("out");
    fflush(stdout);
    getchar();
    printf("read %u\n", *(volatile unsigned char *)(memory + bytes / 2));
    return 0;
}
