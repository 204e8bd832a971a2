/* SPDX-License-Identifier: MIT
 * A file system whose files do not answer: stuck_files DIRECTORY mounts it there, says "ready" and
 * serves it until it is killed, with which all who wait for it go on with an error. Its files, of 1
 * MiB and full of zeros, by name: fine    answers open    from its lookup on, nothing is answered
 * any more: whoever opens it waits look    from its open on, nothing is answered: whoever asks for
 * its file system waits read    what is read is never answered; all else is fails   the first read
 * fails, and from then on nothing is answered What is not answered stays unread, but for the reads
 * of "read", for which nobody waits himself: the kernel lets nobody die who waits for a request
 * that was read. Exit status 77: the file system cannot be mounted here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define BYTES      (1u << 20)
#define BUFFER     (1u << 17)
#define FOR_LONG   3600
#define NO_FLUSH   (1u << 5) /* FOPEN_NOFLUSH, Linux 5.16 */
#define FIRST_FILE 2u        /* the root is 1 */

static const char *const names[] = {"fine", "open", "look", "read", "fails"};
enum { FINE, OPEN, LOOK, READ, FAILS, FILES };

static int device;

static void answer(const struct fuse_in_header *request, int error, const void *data, size_t bytes)
{
    struct fuse_out_header header = {
        .len = (uint32_t)(sizeof header + bytes), .error = -error, .unique = request->unique};
    struct iovec parts[] = {{&header, sizeof header}, {(void *)(uintptr_t)data, bytes}};

    if (writev(device, parts, bytes > 0 ? 2 : 1) < 0 && errno != ENOENT)
        perror("stuck_files: answer");
}

static struct fuse_attr attributes(uint64_t node)
{
    return (struct fuse_attr){
        .ino = node,
        .size = node == FUSE_ROOT_ID ? 0 : BYTES,
        .blocks = BYTES / 512,
        .blksize = 4096,
        .mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0666,
        .nlink = 1,
    };
}

static void begin(const struct fuse_in_header *request, const struct fuse_init_in *in)
{
    const struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION,
        .max_readahead = BYTES,
        .flags = FUSE_ASYNC_READ, /* else nobody dies who waits for a read */
        .max_write = 65536,
        .max_background = 16,
        .congestion_threshold = 12,
        .time_gran = 1,
    };

    answer(request, 0, &out, sizeof out);
}

/* Whether all the rest is to stay unanswered. */
static bool look_up(const struct fuse_in_header *request, const char *name)
{
    for (uint32_t i = 0; i < FILES; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        const struct fuse_entry_out out = {
            .nodeid = FIRST_FILE + i,
            .entry_valid = FOR_LONG,
            .attr_valid = FOR_LONG,
            .attr = attributes(FIRST_FILE + i),
        };
        answer(request, 0, &out, sizeof out);
        return i == OPEN;
    }
    answer(request, ENOENT, NULL, 0);
    return false;
}

/* Whether all the rest is to stay unanswered. */
static bool read_page(const struct fuse_in_header *request, const struct fuse_read_in *in)
{
    static const uint8_t zeros[BUFFER];

    if (request->nodeid == FIRST_FILE + FAILS) {
        answer(request, EIO, NULL, 0);
        return true;
    }
    if (request->nodeid != FIRST_FILE + READ)
        answer(request, 0, zeros, in->size < sizeof zeros ? in->size : sizeof zeros);
    return false;
}

/* Whether all the rest is to stay unanswered. */
static bool serve(const struct fuse_in_header *request, const void *body)
{
    const struct fuse_attr_out attr = {.attr_valid = FOR_LONG, .attr = attributes(request->nodeid)};
    const struct fuse_open_out opened = {.fh = request->nodeid, .open_flags = NO_FLUSH};
    const struct fuse_statfs_out space = {.st = {.bsize = 4096, .namelen = 255, .frsize = 4096}};

    switch (request->opcode) {
    case FUSE_INIT:
        begin(request, body);
        return false;
    case FUSE_LOOKUP:
        return look_up(request, body);
    case FUSE_GETATTR:
    case FUSE_SETATTR:
        answer(request, 0, &attr, sizeof attr);
        return false;
    case FUSE_OPEN:
    case FUSE_OPENDIR:
        answer(request, 0, &opened, sizeof opened);
        return request->nodeid == FIRST_FILE + LOOK;
    case FUSE_READ:
        return read_page(request, body);
    case FUSE_STATFS:
        answer(request, 0, &space, sizeof space);
        return false;
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
        answer(request, 0, NULL, 0);
        return false;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        return false; /* no answer is wanted */
    default:
        answer(request, ENOSYS, NULL, 0);
        return false;
    }
}

int main(int count, char **words)
{
    static union {
        struct fuse_in_header header;
        uint8_t bytes[BUFFER];
    } request;
    char options[128];
    bool is_stuck = false;

    if (count != 2) {
        fprintf(stderr, "usage: stuck_files DIRECTORY\n");
        return 2;
    }
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) {
        printf("/dev/fuse: %s\n", strerror(errno));
        return 77;
    }
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
             device);
    if (mount("stuck", words[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
        printf("FUSE cannot be mounted: %s\n", strerror(errno));
        return 77;
    }
    printf("ready\n");
    fflush(stdout);
    while (!is_stuck) {
        const ssize_t got = read(device, &request, sizeof request);
        if (got < (ssize_t)sizeof request.header)
            return errno == ENODEV ? 0 : 1; /* it was unmounted */
        is_stuck = serve(&request.header, request.bytes + sizeof request.header);
    }
    for (;;)
        pause();
}
