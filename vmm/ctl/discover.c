/* SPDX-License-Identifier: MIT
 * Finding the running VMs and clearing up after dead ones. */
#include "vmm/ctl/discover.h"

#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_WAIT_MS 500u

static int by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

static bool add(struct discovery *discovery, const char *name)
{
    void *names = reallocarray(discovery->names, discovery->count + 1, sizeof discovery->names[0]);
    if (names == NULL)
        return false;
    discovery->names = names;
    strcpy(discovery->names[discovery->count++], name);
    return true;
}

/* A VMM's socket before it has its final name: ".NAME.sock-PID". */
static bool is_temporary(const char *entry)
{
    return entry[0] == '.' && strstr(entry, VM_SOCKET_SUFFIX "-") != NULL;
}

/* Whether the entry is a dead socket, or nothing any more. It is removed if the directory's lock is
 * ours: then no VMM is about to listen on it. */
static bool clear_if_dead(const struct discovery *discovery, int directory, bool locked,
                          const char *entry)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", discovery->directory, entry);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    const enum socket_life life = socket_probe(path);
    if (life == SOCKET_DEAD && locked)
        unlinkat(directory, entry, 0);
    return life == SOCKET_DEAD || life == SOCKET_ABSENT;
}

static bool scan(struct discovery *discovery, DIR *stream, bool locked)
{
    struct dirent *entry;
    char name[VM_NAME_MAX + 1];
    while ((entry = readdir(stream)) != NULL) {
        bool named = vm_name_of_socket(entry->d_name, name);
        if (!named && !is_temporary(entry->d_name))
            continue;
        bool dead = clear_if_dead(discovery, dirfd(stream), locked, entry->d_name);
        if (named && !dead && !add(discovery, name))
            return false;
    }
    return true;
}

static enum exit_code explain_open(const struct discovery *discovery, struct error *error)
{
    if (errno == ENOENT)
        return EXIT_OK;
    int reason = errno;
    error_set(error, "cannot look for VMs in %s: %s", discovery->directory, strerror(reason));
    return reason == EACCES || reason == EPERM ? EXIT_PERMISSION : EXIT_CONTACT;
}

enum exit_code discover(struct discovery *discovery, struct error *error)
{
    *discovery = (struct discovery){0};
    if (runtime_directory_path(discovery->directory, error) != 0)
        return EXIT_CONTACT;
    int directory = runtime_directory_open(discovery->directory);
    if (directory < 0)
        return explain_open(discovery, error);
    bool locked = runtime_directory_lock(directory, LOCK_WAIT_MS);
    DIR *stream = fdopendir(directory);
    bool scanned = stream != NULL && scan(discovery, stream, locked);
    if (stream != NULL)
        closedir(stream); /* gives the lock back */
    else
        close(directory);
    if (!scanned) {
        discovery_free(discovery);
        error_set(error, "out of memory");
        return EXIT_FAILED;
    }
    if (discovery->count > 0)
        qsort(discovery->names, discovery->count, sizeof discovery->names[0], by_name);
    return EXIT_OK;
}

void discovery_free(struct discovery *discovery)
{
    free(discovery->names);
    discovery->names = NULL;
    discovery->count = 0;
}
