/* SPDX-License-Identifier: MIT
 * Finding the running VMs and clearing up after dead ones. */
#include "holdfast/client.h"
#include "vmm/cause.h"
#include "vmm/client/reply.h"

#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/socket.h"
#include "vmm/wire/vm_name.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_WAIT_MS 500u

struct discovered {
    char name[VM_NAME_MAX + 1];
    unsigned directory; /* in which of them */
};

struct discovery {
    char directories[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    unsigned directories_count;
    struct discovered *vms; /* sorted by name */
    size_t count;
};

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

/* No directory: no VMs; nor are there any in one that is closed to this user, unless it is the
 * first. */
static enum holdfast_status explain_open(const struct discovery *discovery, unsigned number,
                                         struct error *error)
{
    int reason = errno;
    bool refused = reason == EACCES || reason == EPERM;
    if (reason == ENOENT || (number > 0 && refused))
        return HOLDFAST_OK;
    error_set(error, "cannot look for VMs in %s: %s", discovery->directories[number],
              cause_text(reason));
    return refused ? HOLDFAST_NOT_PERMITTED : HOLDFAST_UNREACHABLE;
}

static enum holdfast_status look_in(struct discovery *discovery, unsigned number,
                                    struct error *error)
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
        return HOLDFAST_OK;
    error_set(error, "%s", cause_text(ENOMEM));
    return HOLDFAST_NO_MEMORY;
}

static enum holdfast_status discover(struct discovery *discovery, struct error *error)
{
    int directories = runtime_directory_search(discovery->directories, error);
    enum holdfast_status status = directories < 0 ? HOLDFAST_UNREACHABLE : HOLDFAST_OK;
    for (int i = 0; i < directories && status == HOLDFAST_OK; i++)
        status = look_in(discovery, (unsigned)i, error);
    discovery->directories_count = directories < 0 ? 0 : (unsigned)directories;
    if (discovery->count > 0)
        qsort(discovery->vms, discovery->count, sizeof discovery->vms[0], by_name);
    return status;
}

/* ---- the reply ---- */

/* What its texts take. */
static size_t texts_room(const struct discovery *discovery)
{
    size_t longest = 0;
    for (unsigned i = 0; i < discovery->directories_count; i++)
        if (strlen(discovery->directories[i]) > longest)
            longest = strlen(discovery->directories[i]);
    const size_t each = longest + 2 * (VM_NAME_MAX + 1) + sizeof VM_SOCKET_SUFFIX + 64;
    return (discovery->count + discovery->directories_count) * each;
}

static bool describe_directories(struct reply *reply, struct holdfast_vms_reply *seen,
                                 const struct discovery *discovery)
{
    const char **list =
        bounded_array(&reply->room, discovery->directories_count + 1u, sizeof *list);
    if (list == NULL)
        return false;
    for (unsigned i = 0; i < discovery->directories_count; i++)
        if ((list[i] = reply_text(reply, discovery->directories[i])) == NULL)
            return false;
    list[discovery->directories_count] = NULL;
    seen->directories = list;
    seen->directories_count = discovery->directories_count;
    return true;
}

static bool describe_vm(struct reply *reply, struct holdfast_vm *vm, const char *directory,
                        const char *name)
{
    char path[PATH_MAX + VM_NAME_MAX + sizeof VM_SOCKET_SUFFIX + 1];
    snprintf(path, sizeof path, "%s/%s" VM_SOCKET_SUFFIX, directory, name);
    *vm = (struct holdfast_vm){.name = reply_text(reply, name), .path = reply_text(reply, path)};
    return vm->name != NULL && vm->path != NULL;
}

static bool describe_vms(struct reply *reply, const struct discovery *discovery)
{
    struct holdfast_vms_reply *seen = REPLY_MAKE(reply, holdfast_vms_reply);
    struct holdfast_vm **list =
        (struct holdfast_vm **)reply_array(reply, discovery->count, sizeof(struct holdfast_vm));
    if (seen == NULL || list == NULL)
        return false;
    *seen = (struct holdfast_vms_reply){.vms = (const struct holdfast_vm *const *)list,
                                        .vms_count = discovery->count};
    for (size_t i = 0; i < discovery->count; i++)
        if (!describe_vm(reply, list[i], discovery->directories[discovery->vms[i].directory],
                         discovery->vms[i].name))
            return false;
    reply->seen.vms = seen;
    return describe_directories(reply, seen, discovery);
}

static const struct holdfast_reply *finish(const struct discovery *discovery)
{
    struct reply *reply = reply_new(4096 + texts_room(discovery));
    if (reply == NULL)
        return &reply_no_memory;
    if (describe_vms(reply, discovery))
        return reply_finish(reply);
    holdfast_free(&reply->seen);
    return &reply_no_memory;
}

const struct holdfast_reply *holdfast_find(void)
{
    struct discovery *discovery = calloc(1, sizeof *discovery);
    struct error error;
    if (discovery == NULL)
        return &reply_no_memory;
    const enum holdfast_status status = discover(discovery, &error);
    const struct holdfast_reply *reply =
        status == HOLDFAST_OK ? finish(discovery) : reply_failure(0, status, error.text);
    free(discovery->vms);
    free(discovery);
    return reply;
}
