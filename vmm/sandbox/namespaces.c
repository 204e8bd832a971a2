/* SPDX-License-Identifier: MIT
 * A thread of its own makes a namespace and ends. The descriptor keeps what it has made. */
#include "namespaces.h"

#include "vmm/process/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT  3
#define RULES (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static int files = -1;
static int network = -1;

/* What a thread is to make, and what has come of it. */
struct making {
    int flag; /* CLONE_NEW... */
    const char *path;
    const char *kept[KEPT]; /* directories that stay; NULL: fewer */
    int fd;                 /* -1: cause */
    int cause;
};

/* All directories on the way to one, from here on. */
static int make_directories(const char *path)
{
    char part[PATH_MAX];

    for (const char *end = path; *end != '\0';) {
        end = strchrnul(end + 1, '/');
        snprintf(part, sizeof part, "%.*s", (int)(end - path), path);
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int keep(int tree, const char *path)
{
    return make_directories(path) < 0
               ? -1
               : move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* With what is mounted below it, where the kernel can do so (Linux 5.12). */
static int make_read_only(const char *path)
{
    struct mount_attr wanted = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                            MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};

    if (mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &wanted, sizeof wanted) == 0)
        return 0;
    return errno == ENOSYS ? mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | RULES, NULL)
                           : -1;
}

/* What stays is put into a new file system, over a directory that is there anyhow, and that becomes
 * the root. */
static int change_root(const char *const kept[KEPT], const int trees[KEPT])
{
    if (mount("holdfast", kept[0], "tmpfs", RULES, "size=64k,mode=0755") < 0 || chdir(kept[0]) < 0)
        return -1;
    for (int i = 0; i < KEPT && kept[i] != NULL; i++)
        if (keep(trees[i], kept[i] + 1) < 0)
            return -1;
    /* The old root comes to lie over the new one. */
    if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return -1;
    for (int i = 0; i < KEPT && kept[i] != NULL; i++)
        if (make_read_only(kept[i]) < 0)
            return -1;
    return make_read_only("/");
}

/* Of the namespace that the calling thread is in, alone. */
static int empty_files(const char *const kept[KEPT])
{
    int trees[KEPT];
    int count = 0;
    int result = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);

    for (; count < KEPT && kept[count] != NULL && result == 0; count++) {
        trees[count] =
            open_tree(AT_FDCWD, kept[count], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        if (trees[count] < 0)
            break;
    }
    if (result == 0)
        result = count < KEPT && kept[count] != NULL ? -1 : change_root(kept, trees);
    const int cause = errno;
    while (count > 0)
        close(trees[--count]);
    errno = cause;
    return result;
}

/* Whether threads that enter come to the root that was made. It takes CAP_SYS_CHROOT, which making
 * does not, and leads to the root of the namespace: of a VMM that was started in a chroot, that is
 * the host's. */
static int try_to_enter(int made)
{
    struct stat wanted, found;

    if (stat("/", &wanted) < 0 || setns(made, CLONE_NEWNS) < 0 || stat("/", &found) < 0)
        return -1;
    if (wanted.st_dev == found.st_dev && wanted.st_ino == found.st_ino)
        return 0;
    errno = EINVAL;
    return -1;
}

static void *make_in_thread(void *argument)
{
    struct making *making = argument;

    making->fd = -1;
    if (unshare(making->flag) == 0)
        making->fd = open(making->path, O_RDONLY | O_CLOEXEC);
    making->cause = errno;
    if (making->fd < 0 || making->flag != CLONE_NEWNS ||
        (empty_files(making->kept) == 0 && try_to_enter(making->fd) == 0))
        return NULL;
    making->cause = errno;
    close(making->fd);
    making->fd = -1;
    return NULL;
}

/* The descriptor, or -1 with errno. */
static int make(struct making *making)
{
    pthread_t thread;
    const int failed = thread_start(&thread, make_in_thread, making);

    if (failed == 0)
        pthread_join(thread, NULL);
    errno = failed != 0 ? failed : making->cause;
    return failed != 0 ? -1 : making->fd;
}

int namespaces_make_files(const struct memory_places *places)
{
    struct making making = {
        .flag = CLONE_NEWNS, .path = "/proc/thread-self/ns/mnt", .kept = {"/proc"}};
    int count = 1;

    for (int i = 0; i < 2; i++)
        if (places->cgroups[i] != NULL)
            making.kept[count++] = places->cgroups[i];
    files = make(&making);
    return files < 0 ? -1 : 0;
}

int namespaces_make_network(void)
{
    struct making making = {.flag = CLONE_NEWNET, .path = "/proc/thread-self/ns/net"};

    network = make(&making);
    return network < 0 ? -1 : 0;
}

int namespaces_enter(void)
{
    /* The root and working directory have to be the thread's own. */
    if (files >= 0 && (unshare(CLONE_FS) < 0 || setns(files, CLONE_NEWNS) < 0))
        return -1;
    return network < 0 ? 0 : setns(network, CLONE_NEWNET);
}

void namespaces_finish(void)
{
    if (files >= 0)
        close(files);
    if (network >= 0)
        close(network);
    files = network = -1;
}
