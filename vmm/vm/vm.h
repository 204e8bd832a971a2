/* SPDX-License-Identifier: MIT
 * A VM as a whole: its pieces, made in the order in which they need one another, and taken apart.
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_VM_VM_H
#define HOLDFAST_VM_VM_H

#include "vmm/arena/arena.h"
#include "vmm/control/control.h"
#include "vmm/devices/console.h"
#include "vmm/error.h"
#include "vmm/machine/kvm.h"
#include "vmm/machine/machine.h"
#include "vmm/memory/guarantee.h"
#include "vmm/memory/memory.h"
#include "vmm/options/options.h"
#include "vmm/options/setting.h"
#include "vmm/process/made_file.h"

#include <stdint.h>

struct vm {
    struct kvm kvm;
    struct guarantee_of_process process;
    struct memory *memory;
    struct arena *arena;
    struct console *console;
    struct machine *machine;
    struct control *control;
    struct made_file console_file;
    struct made_file console_log_file;
    struct settings settings;
    uint32_t objects_attached;
    struct made_file object_file[BACKINGS_OBJECTS];
};

/* Whether this process may have as many files open as a VM needs. 0, or -1 with the error set. */
int vm_check_limits(const struct options *options, struct error *error);

/* Makes all pieces, for a VM of which only vm->kvm is there; no vCPU runs yet. 0, or -1 with the
 * error set: a limit, an option that cannot be met, or a signal has come; the pieces that were made
 * stay. */
int vm_build(struct vm *vm, const struct options *options, struct error *error);

/* Makes the filters of system calls, and has threads that wait for theirs go on. No such thread may
 * begin to wait after this. 0, or -1 with the error set. */
int vm_enter_sandbox(const struct vm *vm, struct error *error);

/* Until only one thread is left that does anything. Of a VM that was not finished, too. Cannot
 * fail, but may wait for the host. */
void vm_end_threads(struct vm *vm);

/* After that, gives memory and files back. Cannot fail, but may wait for the host. */
void vm_give_back(struct vm *vm);

/* Removes the files that a VM has made which then did not start. Cannot fail. */
void vm_remove_files(struct vm *vm, const struct options *options);

#endif
