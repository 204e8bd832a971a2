/* SPDX-License-Identifier: MIT
 * Hibernates a Linux guest that refuses it: the kernel is asked before the modules are there which
 * would. Writes the image to a disk beside the kernel's swap, and resumes from there.
 *   hibernate save|reboot DISK COMMAND   COMMAND loads the modules. Turns the VM off, or resets it;
 *                                        when it has been resumed, ends with status 0
 *   hibernate resume DISK COMMAND        does not return; status 1 if it cannot be resumed */
#include <errno.h>
#include <fcntl.h>
#include <linux/suspend_ioctls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PAGE 4096u
#define PART (64 * PAGE) /* written and read at a time */

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("hibernate, line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno);    \
            fflush(stdout);                                                                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static int snapshot;

static void save(const char *disk, char *page, int then)
{
    const int out = open(disk, O_WRONLY | O_DIRECT);
    uint64_t pages = 0;
    int in_suspend = 0;

    /* The smaller, the sooner. */
    expect(out >= 0 && ioctl(snapshot, SNAPSHOT_PREF_IMAGE_SIZE, 0ul) == 0);
    expect(ioctl(snapshot, SNAPSHOT_FREEZE) == 0);
    expect(ioctl(snapshot, SNAPSHOT_CREATE_IMAGE, &in_suspend) == 0);
    if (!in_suspend) {
        expect(ioctl(snapshot, SNAPSHOT_UNFREEZE) == 0);
        return;
    }
    for (ssize_t got = PAGE; got == PAGE;) {
        size_t fill = 0;

        while (fill < PART && (got = read(snapshot, page + fill, PAGE)) == PAGE)
            fill += PAGE;
        expect(pwrite(out, page, PART, (off_t)(PAGE + pages * PAGE)) == PART);
        pages += fill / PAGE;
    }
    memcpy(page, &pages, sizeof pages);
    expect(pwrite(out, page, PAGE, 0) == PAGE && fsync(out) == 0);
    reboot(then);
}

static void resume(const char *disk, char *page)
{
    const int in = open(disk, O_RDONLY | O_DIRECT);
    uint64_t pages;

    expect(in >= 0 && pread(in, page, PAGE, 0) == PAGE);
    memcpy(&pages, page, sizeof pages);
    for (uint64_t i = 0; i < pages; i++) {
        if (i % (PART / PAGE) == 0)
            expect(pread(in, page, PART, (off_t)(PAGE + i * PAGE)) == PART);
        expect(write(snapshot, page + i % (PART / PAGE) * PAGE, PAGE) == PAGE);
    }
    expect(ioctl(snapshot, SNAPSHOT_FREEZE) == 0);
    expect(ioctl(snapshot, SNAPSHOT_ATOMIC_RESTORE) == 0);
}

int main(int count, char **words)
{
    char *page = mmap(NULL, PART, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int saves = count == 4 && strcmp(words[1], "resume") != 0;

    expect(count == 4 && page != (char *)MAP_FAILED);
    mknod("/tmp/snapshot", S_IFCHR | 0600, makedev(10, 231));
    snapshot = open("/tmp/snapshot", (saves ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
    expect(snapshot >= 0 && system(words[3]) == 0);
    if (saves)
        save(words[2], page, strcmp(words[1], "save") == 0 ? RB_POWER_OFF : RB_AUTOBOOT);
    else
        resume(words[2], page);
    return saves ? 0 : 1;
}
