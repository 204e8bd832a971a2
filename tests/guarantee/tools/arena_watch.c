/* SPDX-License-Identifier: MIT
 * usage: arena_watch PID
 * Looks at what lies in the arena of a VMM again and again, until the process is gone or this one
 * gets SIGTERM. To be started while nothing is being mapped. Prints "looks N holes N foreign N";
 * status 1 if there was anything foreign. */
#include "arena_maps.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

static volatile sig_atomic_t stop;

static void stop_now(int signal)
{
    (void)signal;
    stop = 1;
}

int main(int argc, char **argv)
{
    const struct sigaction action = {.sa_handler = stop_now};
    struct arena_maps maps = {0};
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/maps", argc == 2 ? atoi(argv[1]) : 0);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "arena_watch: cannot read %s\n", path);
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    while (!stop && arena_maps_look(&maps, fd))
        ;
    printf("looks %" PRIu64 " holes %" PRIu64 " foreign %" PRIu64 "\n", maps.looks, maps.holes,
           maps.foreign);
    return maps.foreign == 0 && maps.looks > 0 && maps.end > 0 ? 0 : 1;
}
