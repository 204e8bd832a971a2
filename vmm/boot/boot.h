/* SPDX-License-Identifier: MIT
 * Booting: a kernel image, and what it is given, in guest RAM. An image is read and checked whole
 * once; a reset loads the same bytes again.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_BOOT_BOOT_H
#define HOLDFAST_BOOT_BOOT_H

#include "vmm/error.h"

#include <asm/bootparam.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

/* By which way into the kernel. */
enum boot_way {
    BOOT_AUTO,         /* the first of these that the image allows */
    BOOT_DIRECT,       /* the 64-bit entry of an ELF image, also of the one inside a bzImage */
    BOOT_DECOMPRESSOR, /* a bzImage unpacks itself */
    BOOT_PVH,          /* the 32-bit entry that an ELF note names, likewise */
};

/* text: "auto", "direct", "decompressor" or "pvh". 0, or -1 with the error set. */
int boot_way_parse(const char *text, enum boot_way *way, struct error *error);
const char *boot_way_name(enum boot_way way);

struct boot_config {
    const char *kernel; /* path */
    const char *initrd; /* path, or NULL */
    const char *append; /* kernel command line */
    enum boot_way way;
    uint32_t vcpus;
};

/* A file as it was read at start. */
struct boot_file {
    const char *option; /* by which it was given */
    const char *path;
    uint8_t *bytes;
    size_t size;
};

struct boot_image {
    struct boot_file kernel; /* an ELF image, or a bzImage that is to unpack itself */
    struct boot_file initrd; /* bytes NULL: none */
    const char *append;
    uint32_t vcpus;
    enum boot_way way; /* taken: not BOOT_AUTO */
    uint64_t entry;    /* guest-physical */
    uint64_t initrd_gpa;
    struct setup_header header; /* a bzImage's own; zero for others */
};

/* Reads the images and checks that they can be booted in this RAM. 0, or -1 with the error set. */
int boot_read(struct boot_image *image, const struct boot_config *config,
              const struct memory *memory, struct error *error);
void boot_forget(struct boot_image *image);

/* Writes kernel, initrd, tables and command line to RAM. Cannot fail: boot_read() has checked all
 * of it. */
void boot_load(const struct boot_image *image, const struct memory *memory);

/* The registers with which the first vCPU enters the kernel; sregs holds the vCPU's own. */
void boot_registers(const struct boot_image *image, struct kvm_regs *regs, struct kvm_sregs *sregs);

#endif
