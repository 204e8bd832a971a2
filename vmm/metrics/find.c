/* SPDX-License-Identifier: MIT
 * Finds VMs by their sockets. Nothing is locked, tried or removed: who may only look finds them,
 * too, and a VMM that was killed leaves a socket that tells of it. */
#include "room.h"

#include "vmm/cause.h"
#include "vmm/wire/runtime_directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VMS_MOST 4096u

/* NULL for want of memory, or because there are too many; the error is set then. */
static struct metrics_vm *grow(struct metrics_vms *vms, struct error *error)
{
    if (vms->count == VMS_MOST) {
        error_set(error, "there are more than %u sockets of VMs", VMS_MOST);
        return NULL;
    }
    void *more = reallocarray(vms->vm, vms->count + 1, sizeof *vms->vm);
    if (more == NULL) {
        error_set(error, "%s", cause_text(ENOMEM));
        return NULL;
    }
    vms->vm = more;
    struct metrics_vm *vm = &vms->vm[vms->count++];
    *vm = (struct metrics_vm){.state = METRICS_NEW};
    return vm;
}

static bool is_known(const struct metrics_vms *vms, const char *name)
{
    for (size_t i = 0; i < vms->count; i++)
        if (strcmp(vms->vm[i].name, name) == 0)
            return true;
    return false;
}

/* Of two VMs of one name the one in the first directory is told: labels must tell VMs apart. */
static int scan(struct metrics_vms *vms, DIR *stream, const char *path, struct error *error)
{
    char name[VM_NAME_MAX + 1];
    struct dirent *entry;

    while ((entry = readdir(stream)) != NULL) {
        if (!vm_name_of_socket(entry->d_name, name) || is_known(vms, name))
            continue;
        struct metrics_vm *vm = grow(vms, error);
        if (vm == NULL)
            return -1;
        strcpy(vm->name, name);
        const int length = snprintf(vm->path, sizeof vm->path, "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof vm->path)
            vms->count--; /* nobody can connect to it, either */
    }
    return 0;
}

/* false with the error set. A directory that is not there has no VMs. */
static bool look_in(struct metrics_vms *vms, const char *path, struct error *error)
{
    const int directory = runtime_directory_open(path);
    if (directory < 0) {
        const int cause = errno;
        error_set(error, "cannot look for VMs in %.300s: %s", path, cause_text(cause));
        return cause == ENOENT;
    }
    DIR *stream = fdopendir(directory);
    if (stream == NULL) {
        close(directory);
        error_set(error, "%s", cause_text(ENOMEM));
        return false;
    }
    const bool result = scan(vms, stream, path, error) == 0;
    closedir(stream);
    return result;
}

static int by_name(const void *left, const void *right)
{
    const struct metrics_vm *one = left;
    const struct metrics_vm *other = right;

    return strcmp(one->name, other->name);
}

/* What is known of a VM from the look before. */
static void keep(struct metrics_vms *to, const struct metrics_vms *from)
{
    for (size_t i = 0; i < to->count && from->count > 0; i++) {
        const struct metrics_vm *old =
            bsearch(&to->vm[i], from->vm, from->count, sizeof *from->vm, by_name);
        if (old == NULL)
            continue;
        to->vm[i].tags = old->tags;
        to->vm[i].was = old->state;
    }
}

int metrics_find(struct metrics_vms *vms, struct error *error)
{
    static _Thread_local char paths[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    struct metrics_vms found = {0};
    const int directories = runtime_directory_search(paths, error);
    int seen = 0;

    /* Those of others may be closed to this user, but not all. */
    for (int i = 0; i < directories; i++)
        seen += look_in(&found, paths[i], error);
    if (seen == 0) {
        metrics_free(&found);
        return -1;
    }
    if (found.count > 0)
        qsort(found.vm, found.count, sizeof *found.vm, by_name);
    keep(&found, vms);
    metrics_free(vms);
    *vms = found;
    return 0;
}

/* A socket has the name of its file, whatever that is. */
static void name_of_path(const char *path, char name[VM_NAME_MAX + 1])
{
    const char *file = strrchr(path, '/') + 1;

    if (!vm_name_of_socket(file, name))
        snprintf(name, VM_NAME_MAX + 1, "%.*s", VM_NAME_MAX, file);
}

int metrics_add(struct metrics_vms *vms, const char *vm, struct error *error)
{
    struct metrics_vm *added = grow(vms, error);

    if (added == NULL)
        return -1;
    if (strchr(vm, '/') != NULL) {
        name_of_path(vm, added->name);
        snprintf(added->path, sizeof added->path, "%s", vm);
    } else {
        snprintf(added->name, sizeof added->name, "%s", vm);
    }
    return 0;
}

void metrics_forget(struct metrics_vms *vms)
{
    for (size_t i = 0; i < vms->count; i++) {
        holdfast_free(vms->vm[i].reply);
        vms->vm[i].reply = NULL;
    }
}

void metrics_free(struct metrics_vms *vms)
{
    metrics_forget(vms);
    free(vms->vm);
    *vms = (struct metrics_vms){0};
}
