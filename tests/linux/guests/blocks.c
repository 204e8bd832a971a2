/* SPDX-License-Identifier: MIT
 * Reads and writes a block device past the page cache, or a file as if it were one.
 *   blocks write DEVICE SEED COUNT MOST   writes COUNT runs of up to MOST sectors, at places and
 * with content that follow from SEED: the same on any device of the same size blocks hammer DEVICE
 * SEED COUNT PROCESSES each process writes and reads COUNT blocks of 4096 bytes of its own, in
 * between those of the others, and compares Exit status: 0 done, 1 a request failed or a block is
 * not as written, 2 bad arguments. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTOR 512u
#define BLOCK  4096u

static int device;
static uint64_t device_bytes;

static void fail(const char *what, uint64_t at)
{
    fprintf(stderr, "blocks: %s at byte %llu: %s\n", what, (unsigned long long)at, strerror(errno));
    exit(1);
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void *buffer(size_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED)
        fail("no memory", 0);
    return memory;
}

/* A device by direct I/O. */
static void open_device(const char *path)
{
    struct stat status;

    device = open(path, O_RDWR | O_CLOEXEC);
    if (device < 0 || fstat(device, &status) < 0)
        fail(path, 0);
    device_bytes = (uint64_t)status.st_size;
    if (S_ISBLK(status.st_mode) &&
        (ioctl(device, BLKGETSIZE64, &device_bytes) < 0 || fcntl(device, F_SETFL, O_DIRECT) < 0))
        fail(path, 0);
}

static int write_runs(uint64_t seed, uint64_t count, uint64_t most)
{
    uint64_t *words = buffer(most * SECTOR);

    for (uint64_t run = 0; run < count; run++) {
        const uint64_t sectors = 1 + next(&seed) % most;
        const uint64_t at = next(&seed) % (device_bytes / SECTOR - sectors + 1) * SECTOR;

        for (uint64_t i = 0; i < sectors * SECTOR / sizeof *words; i++)
            words[i] = next(&seed);
        if (pwrite(device, words, sectors * SECTOR, (off_t)at) != (ssize_t)(sectors * SECTOR))
            fail("write", at);
    }
    return 0;
}

/* Of one process's block: how often it was written. */
static void fill(uint64_t *words, uint64_t block, uint64_t generation)
{
    for (unsigned i = 0; i < BLOCK / sizeof *words; i++)
        words[i] = (block << 32 | i) ^ generation * 0x9e3779b97f4a7c15u;
}

static void compare(const uint64_t *words, uint64_t *wanted, uint64_t block, uint64_t generation)
{
    fill(wanted, block, generation);
    if (memcmp(words, wanted, BLOCK) != 0) {
        fprintf(stderr, "blocks: block %llu is not as it was written the %lluth time\n",
                (unsigned long long)block, (unsigned long long)generation);
        exit(1);
    }
}

static int hammer_own(uint64_t seed, uint64_t count, uint64_t process, uint64_t processes)
{
    const uint64_t own = device_bytes / BLOCK / processes;
    uint32_t *generation = buffer(own * sizeof *generation);
    uint64_t *words = buffer(BLOCK), *wanted = buffer(BLOCK);

    for (uint64_t i = 0; i < count + own; i++) {
        const uint64_t n = i < count ? next(&seed) % own : i - count;
        const uint64_t block = n * processes + process;
        const off_t at = (off_t)(block * BLOCK);

        if (generation[n] > 0) {
            if (pread(device, words, BLOCK, at) != BLOCK)
                fail("read", block * BLOCK);
            compare(words, wanted, block, generation[n]);
        }
        fill(words, block, ++generation[n]);
        if (pwrite(device, words, BLOCK, at) != BLOCK)
            fail("write", block * BLOCK);
    }
    return 0;
}

static int hammer(uint64_t seed, uint64_t count, uint64_t processes)
{
    int status, worst = 0;

    for (uint64_t process = 0; process < processes; process++) {
        const pid_t pid = fork();

        if (pid < 0)
            fail("fork", 0);
        if (pid == 0)
            exit(hammer_own(seed + process, count, process, processes));
    }
    while (wait(&status) > 0)
        if (status != 0)
            worst = 1;
    return worst;
}

int main(int count, char **words)
{
    uint64_t number[3] = {0};

    for (int i = 0; count == 6 && i < 3; i++)
        number[i] = strtoull(words[3 + i], NULL, 10);
    if (number[0] == 0 || number[1] == 0 || number[2] == 0) {
        fprintf(stderr, "usage: blocks write|hammer DEVICE SEED COUNT SECTORS|PROCESSES\n");
        return 2;
    }
    open_device(words[2]);
    if (strcmp(words[1], "write") == 0 && number[2] <= device_bytes / SECTOR)
        return write_runs(number[0], number[1], number[2]);
    if (strcmp(words[1], "hammer") == 0 && number[2] <= device_bytes / BLOCK)
        return hammer(number[0], number[1], number[2]);
    fprintf(stderr, "blocks: %s: write or hammer; %s has %llu bytes\n", words[1], words[2],
            (unsigned long long)device_bytes);
    return 2;
}
