/* SPDX-License-Identifier: MIT
 * Windows of a program, by /dev/holdfast: what it may do, what it may not, and what becomes of
 * accesses to pages that are not there. The VM has the objects "disk" (writable, 64 pages or more)
 * and "rom" (not writable).
 * Says "NAME passed" for each test; ends with 1 at the first thing that is wrong. */
#include "device.h"

#include <sys/uio.h>
#include <sys/wait.h>

static int fd;
static uint32_t disk, rom;

static void shows_the_object(void)
{
    static const char text[] = "written by a program";
    const struct holdfast_linux_reserve window = reserve(fd, 8, 2);
    char *at = see(fd, PROT_READ | PROT_WRITE, &window, 0, 8);
    struct holdfast_linux_flush flush = {.object = disk};

    expect(map(fd, window.window, 0, disk, 8, 4, 0) == 0);
    expect(map(fd, window.window, 4, disk, 10, 2, HOLDFAST_LINUX_READ_ONLY) == 0);
    strcpy(at + 2 * PAGE + 100, text);
    expect(strcmp(at + 4 * PAGE + 100, text) == 0);
    /* A VMM that is too old for it says so. */
    expect(ioctl(fd, HOLDFAST_FLUSH, &flush) == 0 || errno == EOPNOTSUPP);
    expect(munmap(at, 8 * PAGE) == 0);
    expect(unmap(fd, window.window, 0, 4) == 0 && unmap(fd, window.window, 4, 2) == 0);
    expect(release(fd, window.window) == 0);
}

static void accesses_without_a_map(void)
{
    const struct holdfast_linux_reserve window = reserve(fd, 4, 4);
    char *at = see(fd, PROT_READ | PROT_WRITE, &window, 0, 4);
    int ends[2];

    expect(pipe(ends) == 0);
    expect(signal_of(at, false) == SIGBUS && signal_of(at, true) == SIGBUS);
    refused(write(ends[1], at, 1), EFAULT);
    expect(map(fd, window.window, 1, disk, 0, 2, 0) == 0);
    expect(signal_of(at, false) == SIGBUS && signal_of(at + 3 * PAGE, false) == SIGBUS);
    expect(signal_of(at + PAGE, true) == 0 && signal_of(at + 2 * PAGE, true) == 0);
    expect(write(ends[1], at + PAGE, 1) == 1);
    /* What is unmapped leaves the program's page tables. */
    expect(unmap(fd, window.window, 1, 2) == 0);
    expect(signal_of(at + PAGE, false) == SIGBUS && signal_of(at + 2 * PAGE, true) == SIGBUS);
    refused(write(ends[1], at + PAGE, 1), EFAULT);
    /* Also when the window itself has gone, or another is in its place. */
    expect(release(fd, window.window) == 0);
    expect(signal_of(at + PAGE, false) == SIGBUS);
    const struct holdfast_linux_reserve next = reserve(fd, 4, 1);
    expect(signal_of(at + PAGE, false) == SIGBUS);
    expect(release(fd, next.window) == 0);
    expect(munmap(at, 4 * PAGE) == 0);
    expect(close(ends[0]) == 0 && close(ends[1]) == 0);
}

static void read_only_stays_read_only(void)
{
    const struct holdfast_linux_reserve window = reserve(fd, 4, 4);
    const off_t offset = (off_t)window.mmap_offset;
    char *early = see(fd, PROT_READ | PROT_WRITE, &window, 0, 4);
    int ends[2];

    refused(map(fd, window.window, 0, rom, 0, 1, 0), EROFS);
    expect(map(fd, window.window, 0, rom, 0, 1, HOLDFAST_LINUX_READ_ONLY) == 0);
    expect(map(fd, window.window, 1, disk, 0, 1, HOLDFAST_LINUX_READ_ONLY) == 0);
    expect(map(fd, window.window, 2, disk, 0, 1, 0) == 0);
    refused(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset), EACCES);
    refused(mmap(NULL, 4 * PAGE, PROT_WRITE, MAP_SHARED, fd, offset), EACCES);
    char *late = see(fd, PROT_READ, &window, 0, 3);
    refused(mprotect(late, PAGE, PROT_READ | PROT_WRITE), EACCES);
    char *writable = see(fd, PROT_READ | PROT_WRITE, &window, 2, 1);
    expect(signal_of(writable, true) == 0);
    /* Where the program came first, its write is what is refused; also in the kernel's name. */
    expect(signal_of(early, true) == SIGBUS && signal_of(early + PAGE, true) == SIGBUS);
    expect(signal_of(early + PAGE, false) == 0 && signal_of(early + PAGE, true) == SIGBUS);
    expect(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    refused(read(ends[0], early + PAGE, 1), EFAULT);
    expect(mprotect(early, 4 * PAGE, PROT_READ) == 0);
    expect(mprotect(early, 4 * PAGE, PROT_READ | PROT_WRITE) == 0);
    expect(signal_of(early + PAGE, true) == SIGBUS && signal_of(early + 2 * PAGE, true) == 0);
    expect(munmap(early, 4 * PAGE) == 0 && munmap(late, 3 * PAGE) == 0);
    expect(munmap(writable, PAGE) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
    for (uint64_t i = 0; i < 3; i++)
        expect(unmap(fd, window.window, i, 1) == 0);
    expect(release(fd, window.window) == 0);
}

static void file_open_for_reading(void)
{
    const int reader = open_device(O_RDONLY);
    const struct holdfast_linux_reserve window = reserve(reader, 1, 1);

    refused(map(reader, window.window, 0, disk, 0, 1, 0), EACCES);
    expect(map(reader, window.window, 0, disk, 0, 1, HOLDFAST_LINUX_READ_ONLY) == 0);
    refused(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, reader, (off_t)window.mmap_offset), EACCES);
    expect(signal_of(see(reader, PROT_READ, &window, 0, 1), false) == 0);
    expect(close(reader) == 0); /* with all that it holds; the mmap stays to the end */
}

static void mmap_refuses(void)
{
    const struct holdfast_linux_reserve window = reserve(fd, 4, 1);
    const off_t offset = (off_t)window.mmap_offset;
    const int other = open_device(O_RDWR);

    refused(mmap(NULL, 5 * PAGE, PROT_READ, MAP_SHARED, fd, offset), EINVAL);
    refused(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, offset + 3 * PAGE), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, offset + 4 * PAGE), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)1 << 45), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, other, offset), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, offset), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, offset), EINVAL);
    refused(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, offset), EPERM);
    char *at = see(fd, PROT_READ, &window, 0, 1);
    refused(mprotect(at, PAGE, PROT_READ | PROT_EXEC), EACCES);
    refused(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    refused(madvise(at, PAGE, MADV_DOFORK), EINVAL);
    expect(munmap(at, PAGE) == 0 && close(other) == 0 && release(fd, window.window) == 0);
}

static void calls_refuse(void)
{
    const struct holdfast_linux_reserve window = reserve(fd, 4, 2);
    const uint64_t w = window.window;
    struct holdfast_linux_reserve bad = {.bytes = PAGE, .tag = TAG, .maps_max = 1};
    struct holdfast_linux_open open = {.bytes = 0};
    struct holdfast_linux_flush flush = {.object = disk, .zero = 1};

    refused(ioctl(fd, _IO(HOLDFAST_LINUX_MAGIC, 0)), ENOTTY);
    refused(ioctl(fd, _IOW(HOLDFAST_LINUX_MAGIC, 3, char[4000]), &bad), ENOTTY);
    refused(ioctl(fd, HOLDFAST_RESERVE, NULL), EFAULT);
    refused(ioctl(fd, HOLDFAST_INFO, (void *)~0xfful), EFAULT);
    refused(ioctl(fd, HOLDFAST_FLUSH, &flush), EINVAL);
    memset(open.name, 'n', sizeof open.name);
    refused(ioctl(fd, HOLDFAST_OPEN, &open), ENOENT);
    strcpy(open.name, "nothing");
    refused(ioctl(fd, HOLDFAST_OPEN, &open), ENOENT);

    bad.zero = 1;
    refused(ioctl(fd, HOLDFAST_RESERVE, &bad), EINVAL);
    bad = (struct holdfast_linux_reserve){.bytes = PAGE, .tag = 0, .maps_max = 1};
    refused(ioctl(fd, HOLDFAST_RESERVE, &bad), EINVAL);
    bad = (struct holdfast_linux_reserve){.bytes = PAGE, .tag = TAG, .maps_max = 0};
    refused(ioctl(fd, HOLDFAST_RESERVE, &bad), EINVAL);
    bad.maps_max = HOLDFAST_WINDOW_MAPS_MAX + 1;
    refused(ioctl(fd, HOLDFAST_RESERVE, &bad), EINVAL);
    bad.maps_max = 1;
    bad.bytes = UINT64_MAX;
    refused(ioctl(fd, HOLDFAST_RESERVE, &bad), E2BIG);

    refused(map(fd, w + 1, 0, disk, 0, 1, 0), ENXIO);
    refused(map(fd, w, 0, disk, 0, 1, 2), EINVAL);
    refused(map(fd, w, 0, disk, 0, 0, 0), EINVAL);
    refused(map(fd, w, 0, 0, 0, 1, 0), ENXIO); /* the guest's RAM */
    refused(map(fd, w, 0, disk + rom, 0, 1, 0), ENXIO);
    refused(map(fd, w, 0, disk, UINT64_MAX, 1, 0), ENXIO);
    refused(map(fd, w, 4, disk, 0, 1, 0), ERANGE);
    refused(map(fd, w, UINT64_MAX, disk, 0, 2, 0), ERANGE);
    refused(map(fd, w, 1, disk, 0, UINT64_MAX, 0), ERANGE);
    refused(map(fd, w, 0, disk, 0, (uint64_t)1 << 32 | 1, 0), ERANGE);
    expect(map(fd, w, 0, disk, 0, 2, 0) == 0);
    refused(map(fd, w, 1, disk, 0, 1, 0), EEXIST);
    expect(map(fd, w, 3, disk, 0, 1, 0) == 0);
    refused(map(fd, w, 2, disk, 0, 1, 0), ENOSPC);
    refused(release(fd, w), EBUSY);
    refused(unmap(fd, w + 1, 0, 2), ENXIO);
    refused(unmap(fd, w, 0, 1), EINVAL);
    refused(unmap(fd, w, 0, 3), EINVAL);
    refused(unmap(fd, w, 1, 1), ENOENT);
    refused(unmap(fd, w, 2, 1), ENOENT);
    refused(unmap(fd, w, 0, UINT64_MAX), ERANGE);
    expect(unmap(fd, w, 0, 2) == 0);
    refused(unmap(fd, w, 0, 2), ENOENT);
    expect(unmap(fd, w, 3, 1) == 0 && release(fd, w) == 0);
    refused(release(fd, w), ENXIO);
}

static void windows_of_a_file_are_limited(void)
{
    const int other = open_device(O_RDWR);
    const uint64_t before = arena_free(fd);
    struct holdfast_linux_reserve call = {.bytes = PAGE, .tag = TAG, .maps_max = 1};

    for (uint32_t i = 0; i < HOLDFAST_FILE_WINDOWS_MAX; i++)
        reserve(other, 1, 1);
    refused(ioctl(other, HOLDFAST_RESERVE, &call), EMFILE);
    expect(close(other) == 0);
    expect(arena_free(fd) == before);
}

/* Nobody has learnt of the window, and so there is none. */
static void an_answer_without_a_place(void)
{
    const uint64_t before = arena_free(fd);
    struct holdfast_linux_reserve *call =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect(call != MAP_FAILED);
    *call = (struct holdfast_linux_reserve){.bytes = PAGE, .tag = TAG, .maps_max = 1};
    expect(mprotect(call, PAGE, PROT_READ) == 0);
    refused(ioctl(fd, HOLDFAST_RESERVE, call), EFAULT);
    expect(arena_free(fd) == before);
    expect(munmap(call, PAGE) == 0);
}

static int status_of(pid_t child)
{
    int status;

    expect(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A child has the descriptor, and not the mmap. */
static void children(void)
{
    const int own = open_device(O_RDWR);
    const struct holdfast_linux_reserve window = reserve(own, 2, 2);
    const uint64_t before = arena_free(fd);
    char *at = see(own, PROT_READ, &window, 0, 2);

    expect(map(own, window.window, 0, disk, 0, 1, 0) == 0 && signal_of(at, false) == 0);
    const pid_t child = fork();
    if (child == 0) {
        expect(signal_of(at, false) == SIGSEGV);
        char *mine = see(own, PROT_READ | PROT_WRITE, &window, 0, 2);
        expect(signal_of(mine, true) == 0);
        expect(map(own, window.window, 1, disk, 1, 1, 0) == 0);
        expect(unmap(own, window.window, 0, 1) == 0);
        exit(signal_of(mine, false) == SIGBUS ? 7 : 1);
    }
    expect(status_of(child) == 7);
    expect(signal_of(at, false) == SIGBUS && signal_of(at + PAGE, false) == 0);
    /* The windows last as long as anything that can reach them. */
    expect(close(own) == 0 && signal_of(at + PAGE, false) == 0 && arena_free(fd) == before);
    expect(munmap(at, PAGE) == 0 && arena_free(fd) == before);
    expect(munmap(at + PAGE, PAGE) == 0 && arena_free(fd) == before + 2);
}

/* A program that dies leaves nothing behind. */
static void a_dead_program(void)
{
    const uint64_t before = arena_free(fd);
    const pid_t child = fork();
    int status;

    if (child == 0) {
        const int own = open_device(O_RDWR);
        const struct holdfast_linux_reserve window = reserve(own, 16, 4);
        expect(map(own, window.window, 3, disk, 0, 8, 0) == 0);
        expect(signal_of(see(own, PROT_READ | PROT_WRITE, &window, 0, 16) + 3 * PAGE, true) == 0);
        kill(getpid(), SIGKILL);
    }
    expect(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    expect(arena_free(fd) == before);
}

#define RUN(test) (test(), printf("%s passed\n", #test), (void)fflush(stdout))

int main(void)
{
    catch_accesses();
    fd = open_device(O_RDWR);
    disk = open_object(fd, "disk");
    rom = open_object(fd, "rom");
    RUN(shows_the_object);
    RUN(accesses_without_a_map);
    RUN(read_only_stays_read_only);
    RUN(file_open_for_reading);
    RUN(mmap_refuses);
    RUN(calls_refuse);
    RUN(windows_of_a_file_are_limited);
    RUN(an_answer_without_a_place);
    RUN(children);
    RUN(a_dead_program);
    return 0;
}
