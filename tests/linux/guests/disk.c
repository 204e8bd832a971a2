/* SPDX-License-Identifier: MIT
 * disk DEVICE WORKING_SET_MIB: measures a block device by direct I/O, in a Linux guest. First it
 * writes the device from end to end; each block begins with its own number, which each later read
 * checks. For each workload one line: name, bytes a second, then median and 99th percentile in
 * nanoseconds, from the request to its end, and the number of requests. Exit status: 0 measured, 1
 * a request failed or a block is not as written, 2 bad arguments. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SMALL      4096u
#define LARGE      (128u << 10)
#define MOST_DEPTH 16u
#define SAMPLES    (1u << 18)
#define SECOND     1000000000u

struct workload {
    const char *name;
    uint32_t bytes; /* of a request */
    uint32_t depth; /* requests at a time */
    bool write, random;
    bool in_working_set; /* else all of the device */
};

static const struct workload workloads[] = {
    {"sequential-write", LARGE, 1, true, false, false},
    {"sequential-read", LARGE, 1, false, false, false},
    {"sequential-read-4-deep", LARGE, 4, false, false, false},
    {"random-read-again", SMALL, 1, false, true, true},
    {"random-read-again-16-deep", SMALL, 16, false, true, true},
    {"random-read-all", SMALL, 1, false, true, false},
    {"random-write-again", SMALL, 1, true, true, true},
    {"random-write-all", SMALL, 1, true, true, false},
};

struct request {
    struct iocb block; /* first: a completion names it */
    uint64_t began;
    char *buffer;
};

static int device;
static uint64_t device_bytes, working_set;
static aio_context_t context;
static struct request requests[MOST_DEPTH];
static uint32_t samples[SAMPLES];
static uint32_t sample_count;

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "disk: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t random_number(void)
{
    static uint64_t state = 88172645463325252u; /* the same for every device */

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void submit(struct request *request, const struct workload *workload, uint64_t offset)
{
    struct iocb *block = &request->block;

    *block = (struct iocb){
        .aio_data = (uint64_t)(uintptr_t)request,
        .aio_lio_opcode = workload->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
        .aio_fildes = (uint32_t)device,
        .aio_buf = (uint64_t)(uintptr_t)request->buffer,
        .aio_nbytes = workload->bytes,
        .aio_offset = (int64_t)offset,
    };
    for (uint64_t at = 0; at < workload->bytes; at += SMALL) {
        const uint64_t number = workload->write ? offset + at : ~0ull;

        memcpy(request->buffer + at, &number, sizeof number);
    }
    request->began = now();
    if (workload->depth > 1) {
        if (syscall(SYS_io_submit, context, 1, &block) != 1)
            fail("io_submit");
        return;
    }
    const ssize_t done = workload->write
                             ? pwrite(device, request->buffer, workload->bytes, (off_t)offset)
                             : pread(device, request->buffer, workload->bytes, (off_t)offset);
    if (done != (ssize_t)workload->bytes)
        fail(workload->name);
}

static struct request *reap(const struct workload *workload)
{
    struct io_event event;

    if (workload->depth == 1)
        return &requests[0];
    if (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
        fail("io_getevents");
    if (event.res != (int64_t)workload->bytes) {
        errno = event.res < 0 ? (int)-event.res : EIO;
        fail(workload->name);
    }
    return (struct request *)(uintptr_t)event.data;
}

static void finish(struct request *request, const struct workload *workload)
{
    const uint64_t took = now() - request->began;

    if (sample_count < SAMPLES)
        samples[sample_count++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    for (uint64_t at = 0; at < workload->bytes; at += SMALL) {
        uint64_t number;

        memcpy(&number, request->buffer + at, sizeof number);
        if (number != (uint64_t)request->block.aio_offset + at) {
            fprintf(stderr, "disk: %s: the block at %llu is not as written\n", workload->name,
                    (unsigned long long)request->block.aio_offset + at);
            exit(1);
        }
    }
}

static uint64_t next_offset(const struct workload *workload, uint64_t count)
{
    const uint64_t blocks =
        (workload->in_working_set ? working_set : device_bytes) / workload->bytes;

    return (workload->random ? random_number() : count) % blocks * workload->bytes;
}

/* Until the time is over, and at least so many requests. */
static uint64_t run(const struct workload *workload, uint64_t least, uint64_t until)
{
    uint64_t count = 0, waited = 0;

    for (; count < workload->depth; count++)
        submit(&requests[count], workload, next_offset(workload, count));
    for (; waited < count; waited++) {
        struct request *request = reap(workload);

        finish(request, workload);
        if (count < least || now() < until)
            submit(request, workload, next_offset(workload, count++));
    }
    return count;
}

static int by_size(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void measure(const struct workload *workload)
{
    static const struct workload warm = {"first read", LARGE, 1, false, false, true};

    if (workload->in_working_set)
        run(&warm, working_set / LARGE, 0);
    sample_count = 0;
    const uint64_t began = now();
    const uint64_t count = run(workload, 0, began + SECOND);
    const uint64_t took = now() - began;

    qsort(samples, sample_count, sizeof samples[0], by_size);
    printf("%s %llu %u %u %llu\n", workload->name,
           (unsigned long long)((double)(count * workload->bytes) * SECOND / (double)took),
           samples[sample_count / 2], samples[(uint64_t)sample_count * 99 / 100],
           (unsigned long long)count);
}

int main(int count, char **words)
{
    const struct workload fill = {"first write", LARGE, 1, true, false, false};

    setvbuf(stdout, NULL, _IOLBF, 0);
    working_set = count == 3 ? strtoull(words[2], NULL, 10) << 20 : 0;
    if (working_set == 0) {
        fprintf(stderr, "usage: disk DEVICE WORKING_SET_MIB\n");
        return 2;
    }
    device = open(words[1], O_RDWR | O_DIRECT | O_CLOEXEC);
    if (device < 0 || ioctl(device, BLKGETSIZE64, &device_bytes) < 0)
        fail(words[1]);
    if (device_bytes < working_set || device_bytes % LARGE != 0) {
        fprintf(stderr, "disk: %s has %llu bytes\n", words[1], (unsigned long long)device_bytes);
        return 2;
    }
    char *buffers = mmap(NULL, (size_t)MOST_DEPTH * LARGE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (buffers == MAP_FAILED || syscall(SYS_io_setup, MOST_DEPTH, &context) < 0)
        fail("io_setup");
    for (uint32_t i = 0; i < MOST_DEPTH; i++)
        requests[i].buffer = buffers + (size_t)i * LARGE;

    run(&fill, device_bytes / LARGE, 0);
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++)
        measure(&workloads[i]);
    return 0;
}
