/* SPDX-License-Identifier: MIT
 * Threads that map, unmap, see, touch, reserve and release in the same windows of /dev/holdfast for
 * as many seconds as the first argument says. Each touch shows the page that belongs there, or gets
 * SIGBUS; whatever the calls answer, none of them is EFAULT or EIO. Exit status: 0, or 1 with a
 * word. Pages of the object "disk" are numbered in their first word at the start. */
#include "device.h"

#include <pthread.h>
#include <time.h>

#define PAGES 16u

static int fd;
static uint32_t disk;
static volatile bool over;
static volatile uint64_t window, mmap_offset; /* of the window of the moment */
static volatile uint64_t touched, missed;

static time_t now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void tolerable(int result)
{
    expect(result == 0 || (errno != EFAULT && errno != EIO));
}

/* The page at place i of any window is page i of the object. */
static void *maps(void *seed)
{
    unsigned state = (unsigned)(uintptr_t)seed;

    while (!over) {
        const uint32_t at = (uint32_t)rand_r(&state) % PAGES;
        const uint32_t pages = 1 + (uint32_t)rand_r(&state) % (PAGES - at);

        tolerable(map(fd, window, at, disk, at, pages, (uint32_t)rand_r(&state) & 1));
        usleep(500);
        tolerable(unmap(fd, window, at, pages));
    }
    return NULL;
}

/* 0, or the signal that was the answer. */
static int look(volatile uint64_t *at, uint64_t wanted)
{
    const int signal = sigsetjmp(access_back, 0);

    if (signal == 0)
        expect(*at == wanted);
    return signal;
}

static void *sees(void *unused)
{
    (void)unused;
    while (!over) {
        char *at = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, (off_t)mmap_offset);
        if (at == MAP_FAILED)
            continue;
        for (uint64_t i = 0; i < 4 * PAGES; i++) {
            const uint64_t page = i % PAGES;
            const int signal = look((uint64_t *)(void *)(at + page * PAGE), page);

            expect(signal == 0 || signal == SIGBUS);
            __atomic_add_fetch(signal == 0 ? &touched : &missed, 1, __ATOMIC_RELAXED);
        }
        expect(munmap(at, PAGES * PAGE) == 0);
    }
    return NULL;
}

static void next_window(void)
{
    const struct holdfast_linux_reserve next = reserve(fd, PAGES, PAGES);

    mmap_offset = next.mmap_offset;
    window = next.window;
}

static void *replaces(void *unused)
{
    (void)unused;
    while (!over) {
        const uint64_t old = window;

        next_window();
        /* Until the others have no map in it any more. */
        while (release(fd, old) != 0) {
            for (uint32_t at = 0; at < PAGES; at++) {
                for (uint32_t pages = 1; pages <= PAGES - at; pages++)
                    tolerable(unmap(fd, old, at, pages));
            }
        }
        usleep(20000);
    }
    return NULL;
}

static void number_pages(void)
{
    const struct holdfast_linux_reserve first = reserve(fd, PAGES, 1);
    char *at = see(fd, PROT_READ | PROT_WRITE, &first, 0, PAGES);

    expect(map(fd, first.window, 0, disk, 0, PAGES, 0) == 0);
    for (uint64_t i = 0; i < PAGES; i++)
        *(uint64_t *)(void *)(at + i * PAGE) = i;
    expect(munmap(at, PAGES * PAGE) == 0);
    expect(unmap(fd, first.window, 0, PAGES) == 0 && release(fd, first.window) == 0);
}

int main(int argc, char **argv)
{
    static void *(*const bodies[])(void *) = {maps, maps, sees, sees, replaces};
    const unsigned count = sizeof bodies / sizeof bodies[0];
    pthread_t threads[sizeof bodies / sizeof bodies[0]];

    expect(argc == 2);
    catch_accesses();
    fd = open_device(O_RDWR);
    const uint64_t before = arena_free(fd);
    disk = open_object(fd, "disk");
    number_pages();
    next_window();
    for (unsigned i = 0; i < count; i++)
        expect(pthread_create(&threads[i], NULL, bodies[i], (void *)(uintptr_t)(i + 1)) == 0);
    const time_t end = now_s() + atoi(argv[1]);
    /* At least so long, and until both have been met often. */
    while (now_s() < end || touched < 100 || missed < 100)
        usleep(10000);
    over = true;
    for (unsigned i = 0; i < count; i++)
        expect(pthread_join(threads[i], NULL) == 0);
    const int other = open_device(O_RDONLY);
    expect(close(fd) == 0);
    expect(arena_free(other) == before);
    printf("touched %llu, missed %llu\n", (unsigned long long)touched, (unsigned long long)missed);
    return 0;
}
