/* SPDX-License-Identifier: MIT
 * How long a command takes from its exec to the first byte that it prints: "start COUNT COMMAND
 * [ARGUMENT ...]" runs it so often and prints the microseconds of each run. */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static _Noreturn void fail(const char *what, int error)
{
    fprintf(stderr, "start: %s: %s\n", what, strerror(error));
    exit(1);
}

static uint64_t microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* The command with its standard output in the pipe. */
static pid_t spawn(char **command, const int ends[2])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    const int error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    if (error != 0)
        fail(command[0], error);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static uint64_t one_start(char **command)
{
    char text[256];
    int ends[2];
    int status;

    if (pipe(ends) < 0)
        fail("pipe", errno);
    const uint64_t begin = microseconds();
    const pid_t pid = spawn(command, ends);
    close(ends[1]);
    ssize_t got = read(ends[0], text, sizeof text);
    const uint64_t took = microseconds() - begin;
    if (got <= 0)
        fail(command[0], got < 0 ? errno : ENODATA);
    while (got > 0)
        got = read(ends[0], text, sizeof text);
    close(ends[0]);
    if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(command[0], ECHILD);
    return took;
}

int main(int argc, char **argv)
{
    const int count = argc > 2 ? atoi(argv[1]) : 0;

    if (count <= 0) {
        fputs("usage: start COUNT COMMAND [ARGUMENT ...]\n", stderr);
        return 2;
    }
    for (int i = 0; i < count; i++)
        printf("%llu\n", (unsigned long long)one_start(argv + 2));
    return 0;
}
