/* SPDX-License-Identifier: MIT
 * Host memory with a name: a file, a block device or a memfd that a guest may open. */
#ifndef HOLDFAST_MEMORY_OBJECT_H
#define HOLDFAST_MEMORY_OBJECT_H

#include "holdfast/abi.h"
#include "vmm/error.h"
#include "vmm/process/made_file.h"

#include <stdbool.h>
#include <stdint.h>

/* What --object and the control service's Attach say. */
struct object_spec {
    char name[HF_OBJECT_NAME_MAX];
    char path[4096]; /* "": a memfd */
    uint64_t bytes;  /* 0: as large as the file is */
    bool read_only;
    bool create; /* make the file if it is not there */
};

enum object_kind { OBJECT_FILE, OBJECT_BLOCK_DEVICE, OBJECT_MEMFD };

struct object {
    int fd;
    enum object_kind kind;
    bool writable;
    struct made_file new_file; /* the file, if this call made it */
    bool in_memory;            /* its pages are nowhere else: a memfd, a file on tmpfs */
    bool made;                 /* all of these are there: see memory_make_object() */
    bool residency_told; /* mincore(2) tells a vCPU, which has no capability: not of others' */
    uint64_t bytes;
    char source[256];
};

/* Reads "name=N[,path=P][,size=S][,access=ro|rw][,create]". 0, or -1 with the error set. */
int object_parse(const char *text, struct object_spec *spec, struct error *error);

/* Whether a spec makes sense by itself: names, sizes, combinations. 0, or -1 with the error. */
int object_check(const struct object_spec *spec, struct error *error);

/* Makes its path, if it has one, absolute: what the VM is told is the same for whoever asks it. 0,
 * or -1 with the error set. */
int object_path_make_absolute(struct object_spec *spec, struct error *error);

/* Opens the file that the spec names, or makes it where that was asked for, with the rights of this
 * process. What it is, is seen before it is opened; may wait for its file system. The descriptor,
 * or -1 with the error set and nothing left behind. new_file tells whether it was made. */
int object_open_path(const struct object_spec *spec, struct made_file *new_file,
                     struct error *error);

/* Takes over a descriptor: it is closed in the end, also if it will not do for the spec, whose path
 * is only a name for it. May wait for its file system. 0, or -1 with the error set. */
int object_take(const struct object_spec *spec, int fd, struct object *object, struct error *error);

/* Opens what the spec names. 0, or -1 with the error set and nothing left behind. */
int object_open(const struct object_spec *spec, struct object *object, struct error *error);
void object_close(struct object *object); /* leaves fd -1; closing twice is harmless */

/* Makes what was written to the object stable, as fsync(2) does. HF_OK or, logged, HF_IO_ERROR.
 * May take long; allocates nothing here. */
enum hf_status object_flush(const struct object *object);

/* Gives the content of pages back to the host; they read as zeros then, mapped or not. Pages that
 * were made stay, and are cleared. HF_OK, HF_NOT_SUPPORTED, which has discarded nothing, or logged
 * HF_IO_ERROR, with which some may be gone; also for HF_NOT_SUPPORTED where the call has changed
 * something before. May take long; allocates nothing here.
 *
 * At most OBJECT_DISCARD_MOST pages: the kernel keeps who touches pages that are being discarded
 * waiting, and that may be a MAP, for which all others wait. */
#define OBJECT_DISCARD_MOST 65536u
enum hf_status object_discard(const struct object *object, uint64_t first, uint64_t pages,
                              bool has_changed);

const char *object_kind_name(enum object_kind kind);

#endif
