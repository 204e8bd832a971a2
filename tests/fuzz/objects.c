/* SPDX-License-Identifier: MIT
 * Files of every kind to be attached as objects, by their path or by a descriptor that is open for
 * anything: sealed, empty, special, missing, too short. Each is refused with a line that can be
 * shown, and leaves no descriptor and no file behind; or it is open as was asked for, can be
 * mapped, and DISCARD zeroes the pages that it names and no other. */
#include "target.h"
#include "tests/unit/chance.h"
#include "vmm/memory/object.h"
#include "vmm/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FILE_MOST (16 * HF_PAGE_SIZE)
#define SEALS     (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
#define NEW_FILE  "new"
#define PATTERN   0x5au

enum kind { MEMFD, PLAIN, FOLDER, FIFO, SOCKET, DEVICE, MISSING, DANGLING, KINDS };

static char folder[] = "/tmp/holdfast-fuzz-XXXXXX";
static uint64_t opened, refused, discarded;

static void in_folder(const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

static void end(void)
{
    static const char *const names[] = {"plain", "folder", "fifo", "socket", "dangling", NEW_FILE};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        in_folder(names[i], path);
        remove(path);
    }
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[PATH_MAX];

    (void)count, (void)arguments;
    assert_non_null(mkdtemp(folder));
    atexit(end);
    in_folder("folder", path);
    assert_int_equal(mkdir(path, 0700), 0);
    in_folder("fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    in_folder("dangling", path);
    assert_int_equal(symlink("nowhere", path), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    return 0;
}

static void fill(int fd, uint64_t bytes)
{
    static uint8_t content[FILE_MOST];

    memset(content, PATTERN, sizeof content);
    assert_int_equal(write(fd, content, bytes), bytes);
}

/* The path of a file of some kind. *fd is open as long as that is needed, or -1. */
static void make_file(enum kind kind, uint64_t bytes, char path[PATH_MAX], int *fd)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty"};
    static const char *const names[KINDS] = {
        [PLAIN] = "plain",   [FOLDER] = "folder",  [FIFO] = "fifo",
        [SOCKET] = "socket", [MISSING] = NEW_FILE, [DANGLING] = "dangling"};

    *fd = -1;
    if (kind == MEMFD) {
        *fd = memfd_create("given", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        fill(*fd, bytes);
        fcntl(*fd, F_ADD_SEALS, ((int)below(16) << 1 & SEALS) | (one_in(2) ? F_SEAL_SEAL : 0));
        snprintf(path, PATH_MAX, "/proc/self/fd/%d", *fd);
    } else if (kind == DEVICE) {
        strcpy(path, devices[below(4)]);
    } else {
        in_folder(names[kind], path);
    }
    if (kind == PLAIN) {
        *fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        fill(*fd, bytes);
    }
}

static void check_refusal(const struct object *object, const struct error *error)
{
    struct error plain = *error;

    assert_int_equal(object->fd, -1);
    assert_int_equal(strncmp(error->text, "object o: ", 10), 0);
    utf8_make_plain(plain.text);
    assert_string_equal(plain.text, error->text);
    refused++;
}

static void check_open(const struct object_spec *spec, const struct object *object)
{
    struct stat info;
    const int flags = fcntl(object->fd, F_GETFL);

    assert_int_equal(fstat(object->fd, &info), 0);
    assert_true(S_ISREG(info.st_mode));
    assert_int_equal(object->kind, spec->path[0] == '\0' ? OBJECT_MEMFD : OBJECT_FILE);
    assert_true(object->bytes > 0 && object->bytes <= (uint64_t)info.st_size);
    assert_true(spec->bytes == 0 || object->bytes == spec->bytes);
    assert_true(object->bytes == (uint64_t)info.st_size || object->bytes % HF_PAGE_SIZE == 0);
    assert_int_equal(object->writable, !spec->read_only);
    assert_int_equal(flags & (O_PATH | O_APPEND), 0);
    assert_int_not_equal(flags & O_ACCMODE, O_WRONLY);
    assert_true(spec->read_only || (flags & O_ACCMODE) == O_RDWR);
    assert_true((fcntl(object->fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_true(!object->new_file.is_made || spec->create);
    opened++;
}

/* Each byte of the object is as it was, or 0 where its page was discarded. */
static void discard(const struct object *object, uint8_t was)
{
    const uint64_t pages = (object->bytes + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE;
    const uint64_t first = below(pages);
    const uint64_t end_page = first + 1 + below(pages - first);
    uint8_t content[HF_PAGE_SIZE];

    const enum hf_status status = object_discard(object, first, end_page - first, false);
    if (status == HF_NOT_SUPPORTED)
        return;
    assert_int_equal(status, HF_OK);
    for (uint64_t page = 0; page < pages; page++) {
        const uint8_t wanted = page >= first && page < end_page ? 0 : was;
        const ssize_t got =
            pread(object->fd, content, sizeof content, (off_t)(page * HF_PAGE_SIZE));
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++)
            assert_int_equal(content[i], wanted);
    }
    assert_int_equal(object_flush(object), HF_OK);
    discarded++;
}

static struct object_spec choose_spec(const char *path)
{
    struct object_spec spec = {.name = "o", .read_only = one_in(2), .create = one_in(8)};

    strcpy(spec.path, path);
    switch (below(4)) {
    case 0:
        spec.bytes = 1 + below(FILE_MOST);
        break;
    case 1:
        spec.bytes = (1 + below(FILE_MOST / HF_PAGE_SIZE)) * HF_PAGE_SIZE;
        break;
    default:
        break;
    }
    return spec;
}

/* The number that the next descriptor gets: the same as before if none was left open. */
static int next_descriptor(void)
{
    const int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

/* As object_open(), or by a descriptor that somebody hands over. */
static int open_or_take(const struct object_spec *spec, struct object *object, struct error *error)
{
    static const int modes[] = {O_RDWR, O_RDONLY, O_WRONLY, O_PATH, O_RDWR | O_APPEND};

    if (spec->path[0] == '\0' || one_in(2))
        return object_open(spec, object, error);
    const int fd = open(spec->path, modes[below(5)] | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return object_open(spec, object, error);
    return object_take(spec, fd, object, error);
}

static void try_object(void)
{
    const enum kind kind = (enum kind)below(KINDS);
    const uint64_t bytes = one_in(8) ? 0 : below(FILE_MOST);
    char path[PATH_MAX] = "";
    struct object object;
    struct error error = {""};
    int fd = -1;

    if (!one_in(8))
        make_file(kind, bytes, path, &fd);
    const struct object_spec spec = choose_spec(path);
    const int before = next_descriptor();
    if (object_check(&spec, &error) == 0) {
        if (open_or_take(&spec, &object, &error) < 0)
            check_refusal(&object, &error);
        else {
            check_open(&spec, &object);
            if (object.writable)
                discard(&object, fd >= 0 ? PATTERN : 0);
            made_file_remove(&object.new_file, spec.path);
        }
        object_close(&object);
    }
    assert_int_equal(next_descriptor(), before);
    if (fd >= 0)
        close(fd);
    in_folder(NEW_FILE, path);
    assert_int_equal(access(path, F_OK), -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    chance_take_input(bytes, size);
    while (chance_left > 0)
        try_object();
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu objects opened, %llu refused, %llu times discarded\n", (unsigned long long)opened,
           (unsigned long long)refused, (unsigned long long)discarded);
    assert_true(opened > 0 && refused > 0 && discarded > 0);
}
