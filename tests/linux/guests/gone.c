/* SPDX-License-Identifier: MIT
 * Programs that have the kernel access a page of a window, over and over, while and after the host
 * takes it away: each is told (EFAULT or a signal) and ends. Standard input: a line when the page
 * is gone. gone NAME: of the object's page 1; page 0 is to stay if the object does. Exit status: 0
 * all have ended, each as it should. */
#include "device.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

struct robust_list_head head;

static long futex(void *word, int operation, uint32_t value, uint32_t *word2, uint32_t value3)
{
    return syscall(SYS_futex, word, operation, value, (void *)1, word2, value3);
}

static bool wake_op(char *at)
{
    uint32_t other = 0;

    return futex(&other, FUTEX_WAKE_OP_PRIVATE, 1, (uint32_t *)at,
                 FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)) >= 0;
}

/* Of a window's page a private futex alone can be had. */
static bool lock_pi(char *at)
{
    if (syscall(SYS_futex, at, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0) != 0)
        return false;
    return syscall(SYS_futex, at, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0) == 0;
}

static bool write_from(char *at)
{
    static int sink = -1;

    if (sink < 0)
        expect((sink = open("/tmp/sink", O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0);
    return pwrite(sink, at, 64, 0) == 64;
}

static bool read_to(char *at)
{
    static int source = -1;

    if (source < 0)
        expect((source = open("/proc/self/maps", O_RDONLY)) >= 0);
    return pread(source, at, 64, 0) == 64;
}

static bool touch(char *at)
{
    return signal_of(at, true) == 0;
}

/* The kernel looks at the list when the program ends. */
static bool die_robust(char *at)
{
    struct robust_list *entry = (void *)(at + 512);

    entry->next = entry;
    head.list.next = entry;
    head.futex_offset = -256;
    *(volatile uint32_t *)(at + 256) = (uint32_t)getpid();
    expect(syscall(SYS_set_robust_list, &head, sizeof head) == 0);
    return true;
}

static const struct {
    const char *name;
    bool (*access)(char *at);
} programs[] = {
    {"wake_op", wake_op}, {"lock_pi", lock_pi}, {"write", write_from},
    {"read", read_to},    {"touch", touch},     {"robust", die_robust},
};
#define PROGRAMS (sizeof programs / sizeof programs[0])

/* Accesses the page until that fails. */
static int run(size_t which, int fd, const struct holdfast_linux_reserve *window, int ready,
               int gone, bool busy)
{
    /* The page is one for all of them, so each has bytes of its own in it. */
    char *at =
        see(fd, PROT_READ | PROT_WRITE, window, 0, 2) + PAGE + which * (PAGE / PROGRAMS / 64 * 64);
    char byte;

    catch_accesses();
    expect(signal_of(at, true) == 0);
    memset(at, 0, 4);
    expect(programs[which].access(at));
    expect(write(ready, "r", 1) == 1);
    if (!busy || programs[which].access == die_robust)
        expect(read(gone, &byte, 1) == 0);
    if (programs[which].access == die_robust)
        return 0;
    for (uint64_t count = 0;; count++) {
        if (programs[which].access(at))
            continue;
        printf("%s ended after %s, errno %d\n", programs[which].name, count > 0 ? "others" : "one",
               errno);
        return 0;
    }
}

static bool ended(pid_t child, const char *name)
{
    int status;

    for (int tries = 0; tries < 1500; tries++) {
        if (waitpid(child, &status, WNOHANG) == child) {
            if (status != 0)
                printf("%s: status 0x%x\n", name, (unsigned)status);
            return status == 0;
        }
        if (tries == 1000)
            kill(child, SIGKILL);
        usleep(20000);
    }
    printf("%s does not end\n", name);
    return false;
}

int main(int count, char **words)
{
    const int fd = open_device(O_RDWR);
    const uint32_t object = open_object(fd, words[1]);
    const struct holdfast_linux_reserve window = reserve(fd, 2, 1);
    const bool busy = count > 2;
    char *first = see(fd, PROT_READ | PROT_WRITE, &window, 0, 1);
    int ready[2], gone[2];
    pid_t child[PROGRAMS];
    char byte;
    bool all = true;

    setvbuf(stdout, NULL, _IOLBF, 0);
    expect(map(fd, window.window, 0, object, 0, 2, 0) == 0);
    expect(pipe2(gone, O_CLOEXEC) == 0);
    for (size_t i = 0; i < PROGRAMS; i++) {
        expect(pipe2(ready, O_CLOEXEC) == 0);
        child[i] = fork();
        if (child[i] == 0) {
            close(gone[1]);
            close(ready[0]);
            exit(run(i, fd, &window, ready[1], gone[0], busy));
        }
        close(ready[1]);
        expect(read(ready[0], &byte, 1) == 1);
        close(ready[0]);
    }
    printf("mapped\n");
    while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
        ;
    close(gone[1]);
    for (size_t i = 0; i < PROGRAMS; i++)
        all = ended(child[i], programs[i].name) && all;
    catch_accesses();
    printf("page 0: signal %d\n", signal_of(first, true));
    return all ? 0 : 1;
}
