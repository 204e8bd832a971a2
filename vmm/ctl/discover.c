/* SPDX-License-Identifier: MIT
 * Finding the running VMs and clearing up after dead ones. */
#include "vmm/ctl/discover.h"
#include "vmm/cause.h"

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
    const struct discovered *one = left, *other = right;
    const int names = strcmp(one->name, other->name);

    return names != 0 ? names : (int)one->directory - (int)other->directory;
}

static bool add(struct discovery *discovery, const char *name, unsigned directory)
{
    void *vms = reallocarray(discovery->vms, discovery->count + 1, sizeof discovery->vms[0]);
    if (vms == NULL)
        return false;
    discovery->vms = vms;
    struct discovered *vm = &discovery->vms[discovery->count++];
    strcpy(vm->name, name);
    vm->directory = directory;
    return true;
}

/* A VMM's socket before it has its final name: ".NAME.sock-PID". */
static bool is_temporary(const char *entry)
{
    return entry[0] == '.' && strstr(entry, VM_SOCKET_SUFFIX "-") != NULL;
}

/* Whether the entry is a dead socket, or nothing any more. It is removed if the directory's lock is
 * ours: then no VMM is about to listen on it. */
static bool clear_if_dead(const char *directory_path, int directory, bool locked, const char *entry)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory_path, entry);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    const enum socket_life life = socket_probe(path);
    if (life == SOCKET_DEAD && locked)
        unlinkat(directory, entry, 0);
    return life == SOCKET_DEAD || life == SOCKET_ABSENT;
}

static bool scan(struct discovery *discovery, unsigned number, DIR *stream, bool locked)
{
    struct dirent *entry;
    char name[VM_NAME_MAX + 1];
    while ((entry = readdir(stream)) != NULL) {
        bool named = vm_name_of_socket(entry->d_name, name);
        if (!named && !is_temporary(entry->d_name))
            continue;
        bool dead =
            clear_if_dead(discovery->directories[number], dirfd(stream), locked, entry->d_name);
        if (named && !dead && !add(discovery, name, number))
            return false;
    }
    return true;
}

static enum exit_code explain_open(const struct discovery *discovery, unsigned number,
                                   struct error *error)
{
    int reason = errno;
    bool refused = reason == EACCES || reason == EPERM;
    if (reason == ENOENT || (number > 0 && refused))
        return EXIT_OK;
    error_set(error, "cannot look for VMs in %s: %s", discovery->directories[number],
              cause_text(reason));
    return refused ? EXIT_PERMISSION : EXIT_CONTACT;
}

static enum exit_code look_in(struct discovery *discovery, unsigned number, struct error *error)
{
    int directory = runtime_directory_open(discovery->directories[number]);
    if (directory < 0)
        return explain_open(discovery, number, error);
    const int lock = runtime_directory_lock(directory, LOCK_WAIT_MS);
    DIR *stream = fdopendir(directory);
    bool scanned = stream != NULL && scan(discovery, number, stream, lock >= 0);
    if (lock >= 0)
        runtime_directory_unlock(lock);
    if (stream != NULL)
        closedir(stream);
    else
        close(directory);
    if (scanned)
        return EXIT_OK;
    error_set(error, "%s", cause_text(ENOMEM));
    return EXIT_FAILED;
}

enum exit_code discover(struct discovery *discovery, struct error *error)
{
    *discovery = (struct discovery){0};
    int directories = runtime_directory_search(discovery->directories, error);
    enum exit_code code = directories < 0 ? EXIT_CONTACT : EXIT_OK;
    for (int i = 0; i < directories && code == EXIT_OK; i++)
        code = look_in(discovery, (unsigned)i, error);
    if (code != EXIT_OK)
        discovery_free(discovery);
    else if (discovery->count > 0)
        qsort(discovery->vms, discovery->count, sizeof discovery->vms[0], by_name);
    return code;
}

void discovery_free(struct discovery *discovery)
{
    free(discovery->vms);
    discovery->vms = NULL;
    discovery->count = 0;
}
