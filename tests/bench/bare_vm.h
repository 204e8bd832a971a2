/* SPDX-License-Identifier: MIT
 * The least that a VM can be: one vCPU in 64-bit ring 0, RAM for its loop, and one memory slot
 * over a far range of addresses where host pages come and go, as Holdfast's arena has it. */
#ifndef HOLDFAST_BENCH_BARE_VM_H
#define HOLDFAST_BENCH_BARE_VM_H

#include <stdint.h>

#define PAGE      4096ull
#define RANGE_GPA (4ull << 30)
#define RANGE     (1ull << 30)

struct bare_vm {
    int kvm_fd;
    int vm_fd;
    int vcpu_fd;
    uint8_t *range; /* host address of the slot */
    uint8_t *spare; /* host memory that no slot has */
};

/* A VM with interrupt controllers and one vCPU, and then what that needs to run. Both end the
 * process with a message where the host refuses. */
void bare_vm_create(struct bare_vm *vm);
void bare_vm_fit_out(struct bare_vm *vm);

/* Gives the vCPU a slot elsewhere over part of the spare memory; 0 bytes delete it. */
#define SPARE_GPA   (8ull << 30)
#define SPARE_BYTES (2ull << 20)
void bare_vm_slot(const struct bare_vm *vm, uint64_t bytes);

/* Runs the guest until its next exit. Before it gets there it reads a byte of each of so many
 * pages. The ticks that the exit before took, from its OUT to the instruction behind. */
uint32_t bare_vm_run(const struct bare_vm *vm, uint64_t read_gpa, uint64_t read_pages);

/* Ticks of what surrounds the OUT; part of what bare_vm_run() tells. */
uint32_t bare_vm_overhead(void);

/* Says what failed, and why, and ends the process. */
_Noreturn void fail(const char *what);

#endif
