/* SPDX-License-Identifier: MIT
 * Booting: an ELF kernel in guest RAM, entered in 64-bit mode by the Linux boot protocol (RSI
 * points to a struct boot_params with the memory map and the command line). */
#ifndef HOLDFAST_MACHINE_BOOT_H
#define HOLDFAST_MACHINE_BOOT_H

#include "vmm/error.h"

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

/* A kernel image as it was read at start; a reset loads it again. */
struct boot_image {
    const char *path;
    uint8_t *bytes;
    size_t size;
    uint64_t entry; /* guest-physical */
    const char *append;
};

/* Reads the image and checks that it can be booted in this RAM. 0, or -1 with the error set. */
int boot_read(struct boot_image *image, const char *path, const char *append,
              const struct memory *memory, struct error *error);
void boot_forget(struct boot_image *image);

/* Writes kernel, page tables, memory map and command line to RAM. Cannot fail: boot_read() has
 * checked all of it. */
void boot_load(const struct boot_image *image, const struct memory *memory);

/* The registers with which the first vCPU enters the kernel; sregs holds the vCPU's own. */
void boot_registers(const struct boot_image *image, struct kvm_regs *regs, struct kvm_sregs *sregs);

/* The part of an ELF image that is the boot room's own affair. */
int elf_check(const struct boot_image *image, const struct memory *memory, uint64_t *entry,
              struct error *error);
void elf_load(const struct boot_image *image, const struct memory *memory);

/* Guest-physical addresses below this are the loader's and not for kernel segments. */
#define BOOT_LOW_END 0x100000u

#endif
