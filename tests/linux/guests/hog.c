/* SPDX-License-Identifier: MIT
 * hog MIB [PASSES]: a program of a Linux guest that wants more memory than there is. In each pass
 * it writes all of it, reads all of it back and compares; no page is ever zero, for Linux does not
 * swap those. The first pass goes from end to end, the others go to and fro. Prints how far it is.
 * Exit status: 0 all was as written, 1 something differs, 2 bad arguments or no memory. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE_SIZE 4096u
#define WORDS     (PAGE_SIZE / sizeof(uint64_t))
#define STEP      7919u /* a prime that divides no number of MiB */

struct figures {
    uint64_t swapped_out, swapped_in, major_faults, milliseconds;
};

static uint64_t *memory;
static uint64_t pages;

/* No two pages, passes or words of a page have the same content. Odd, so never 0. */
static uint64_t first_word(uint64_t page, unsigned pass)
{
    uint64_t mixed = (page + 1) * 0x9e3779b97f4a7c15u + pass * 0xbf58476d1ce4e5b9u;

    mixed ^= mixed >> 31;
    return (mixed * 0x94d049bb133111ebu) | 1;
}

static void write_page(uint64_t page, unsigned pass)
{
    uint64_t *at = memory + page * WORDS, value = first_word(page, pass);

    for (unsigned i = 0; i < WORDS; i++, value += 0x9e3779b97f4a7c16u)
        at[i] = value;
}

static bool is_as_written(uint64_t page, unsigned pass)
{
    const uint64_t *at = memory + page * WORDS;
    uint64_t value = first_word(page, pass), differences = 0;

    for (unsigned i = 0; i < WORDS; i++, value += 0x9e3779b97f4a7c16u)
        differences |= at[i] ^ value;
    return differences == 0;
}

static void tell(unsigned pass, const char *word, uint64_t done)
{
    if (done * 10 / pages != (done - 1) * 10 / pages)
        printf("hog: pass %u: %s %3llu%%\n", pass, word, (unsigned long long)(done * 100 / pages));
}

/* The page that comes next: STEP and the number of pages have no common divisor. */
static uint64_t nth(uint64_t n, unsigned pass)
{
    return pass == 1 ? n : n * STEP % pages;
}

static uint64_t run_pass(unsigned pass)
{
    uint64_t differ = 0;

    for (uint64_t n = 0; n < pages; n++) {
        write_page(nth(n, pass), pass);
        tell(pass, "written", n + 1);
    }
    for (uint64_t n = 0; n < pages; n++) {
        const uint64_t page = nth(n, pass);

        if (!is_as_written(page, pass)) {
            differ++;
            if (differ <= 5)
                printf("hog: page %llu is not as written\n", (unsigned long long)page);
        }
        tell(pass, "read back and compared", n + 1);
    }
    return differ;
}

static void look(struct figures *figures)
{
    FILE *file = fopen("/proc/vmstat", "re");
    struct timespec now;
    char name[64];
    unsigned long long value;

    clock_gettime(CLOCK_MONOTONIC, &now);
    *figures = (struct figures){.milliseconds =
                                    (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
    while (file != NULL && fscanf(file, "%63s %llu", name, &value) == 2) {
        if (strcmp(name, "pswpout") == 0)
            figures->swapped_out = value;
        else if (strcmp(name, "pswpin") == 0)
            figures->swapped_in = value;
        else if (strcmp(name, "pgmajfault") == 0)
            figures->major_faults = value;
    }
    if (file != NULL)
        fclose(file);
}

static void tell_figures(const struct figures *before, const struct figures *after,
                         uint64_t compared, uint64_t differ)
{
    printf("hog: pages %llu differ %llu swapped-out %llu swapped-in %llu major-faults %llu "
           "milliseconds %llu\n",
           (unsigned long long)compared, (unsigned long long)differ,
           (unsigned long long)(after->swapped_out - before->swapped_out),
           (unsigned long long)(after->swapped_in - before->swapped_in),
           (unsigned long long)(after->major_faults - before->major_faults),
           (unsigned long long)(after->milliseconds - before->milliseconds));
}

int main(int count, char **words)
{
    const uint64_t mib = count > 1 ? strtoull(words[1], NULL, 10) : 0;
    const unsigned long passes = count > 2 ? strtoul(words[2], NULL, 10) : 1;
    struct figures before, after;
    uint64_t differ = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mib == 0 || mib > 1u << 20 || mib % STEP == 0 || passes == 0 || passes > 1000) {
        fprintf(stderr, "usage: hog MIB [PASSES]\n");
        return 2;
    }
    pages = mib << 20 >> 12;
    memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("hog: mmap");
        return 2;
    }
    look(&before);
    for (unsigned pass = 1; pass <= passes; pass++)
        differ += run_pass(pass);
    look(&after);
    tell_figures(&before, &after, pages * passes, differ);
    printf("hog: %llu pages written and compared, %llu differ\n",
           (unsigned long long)(pages * passes), (unsigned long long)differ);
    return differ == 0 ? 0 : 1;
}
