/* SPDX-License-Identifier: MIT
 * A core file of the machine, of the form that QEMU's has: gdb and crash read it. */
#ifndef HOLDFAST_MACHINE_CORE_FILE_H
#define HOLDFAST_MACHINE_CORE_FILE_H

#include "vmm/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct memory;

/* What stands before RAM: it is made while the machine is paused, and RAM is written behind it. */
struct core_file {
    const struct memory *memory;
    uint8_t *head;
    size_t head_bytes;
    uint64_t bytes; /* of the whole file */
    _Atomic uint64_t written;
};

/* Reads the vCPUs' registers. The machine must be paused, or wait after its guest's end. 0, or -1
 * with the error set. */
int core_file_make(struct core_file *core, struct machine *machine, struct error *error);
void core_file_free(struct core_file *core);

/* Writes the file to a non-blocking descriptor, by which core->written grows. Holds no lock. It is
 * given up when stop is readable. 0, or -1 with the error set. */
int core_file_write(struct core_file *core, int fd, int stop, struct error *error);

#endif
