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
static int is_file;
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
    is_file = S_ISREG(status.st_mode);
    if (!is_file &&
        (ioctl(device, BLKGETSIZE64, &device_bytes) < 0 || fcntl(device, F_SETFL, O_DIRECT) < 0))
        fail(path, 0);
}

typedef void on_run(uint64_t at, uint64_t bytes, uint64_t *seed);

static uint64_t *words;

static void write_words(uint64_t at, uint64_t bytes)
{
    if (pwrite(device, words, bytes, (off_t)at) != (ssize_t)bytes)
        fail("write", at);
}

static void write_run(uint64_t at, uint64_t bytes, uint64_t *seed)
{
    for (uint64_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = next(seed);
    write_words(at, bytes);
}

static void zero_run(uint64_t at, uint64_t bytes, uint64_t *seed)
{
    const uint64_t range[2] = {at, bytes};

    (void)seed;
    memset(words, 0, bytes);
    if (is_file)
        write_words(at, bytes);
    else if (ioctl(device, BLKZEROOUT, range) < 0)
        fail("zeros", at);
}

static void discard_run(uint64_t at, uint64_t bytes, uint64_t *seed)
{
    const uint64_t range[2] = {at, bytes};
    const uint64_t first = (at + BLOCK - 1) / BLOCK * BLOCK, end = (at + bytes) / BLOCK * BLOCK;

    if (is_file && end > first)
        zero_run(first, end - first, seed);
    else if (!is_file && ioctl(device, BLKDISCARD, range) < 0)
        fail("discard", at);
}

static int runs(on_run *perform, uint64_t seed, uint64_t count, uint64_t most)
{
    words = buffer(most * SECTOR);
    for (uint64_t run = 0; run < count; run++) {
        const uint64_t sectors = 1 + next(&seed) % most;
        const uint64_t at = next(&seed) % (device_bytes / SECTOR - sectors + 1) * SECTOR;

        perform(at, sectors * SECTOR, &seed);
    }
    return 0;
}

/* Of one process's block: how often it was written. */
static void fill(uint64_t *to, uint64_t block, uint64_t generation)
{
    for (unsigned i = 0; i < BLOCK / sizeof *to; i++)
        to[i] = (block << 32 | i) ^ generation * 0x9e3779b97f4a7c15u;
}

static void compare(uint64_t *wanted, uint64_t block, uint64_t generation)
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
    uint64_t *wanted = buffer(BLOCK);

    words = buffer(BLOCK);

    for (uint64_t i = 0; i < count + own; i++) {
        const uint64_t n = i < count ? next(&seed) % own : i - count;
        const uint64_t block = n * processes + process;
        const off_t at = (off_t)(block * BLOCK);

        if (generation[n] > 0) {
            if (pread(device, words, BLOCK, at) != BLOCK)
                fail("read", block * BLOCK);
            compare(wanted, block, generation[n]);
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

static const struct {
    const char *name;
    on_run *perform;
} modes[] = {{"write", write_run}, {"zero", zero_run}, {"discard", discard_run}};

int main(int count, char **arguments)
{
    uint64_t number[3] = {0};

    for (int i = 0; count == 6 && i < 3; i++)
        number[i] = strtoull(arguments[3 + i], NULL, 10);
    if (number[0] == 0 || number[1] == 0 || number[2] == 0) {
        fprintf(stderr, "usage: blocks write|zero|discard|hammer DEVICE SEED COUNT MOST\n");
        return 2;
    }
    open_device(arguments[2]);
    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(arguments[1], modes[i].name) == 0 && number[2] <= device_bytes / SECTOR)
            return runs(modes[i].perform, number[0], number[1], number[2]);
    if (strcmp(arguments[1], "hammer") == 0 && number[2] <= device_bytes / BLOCK)
        return hammer(number[0], number[1], number[2]);
    fprintf(stderr, "blocks: %s: no such mode, or more than the %llu bytes of %s\n", arguments[1],
            (unsigned long long)device_bytes, arguments[2]);
    return 2;
}
