/* SPDX-License-Identifier: MIT
 * What a guest kernel supplies to the guest library: a dozen functions, found at link time.
 * Those marked "reserve time" may allocate; none of the others may, or may block. */
#ifndef HOLDFAST_GUEST_PLATFORM_H
#define HOLDFAST_GUEST_PLATFORM_H

#include "holdfast/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many CPUs there can be; hf_platform_cpu() is below it. Cannot fail. */
uint32_t hf_platform_cpus(void);

/* Keeps the caller on its CPU and interrupts away from it until unpin gets the returned value.
 * May nest. Cannot fail. */
uint64_t hf_platform_pin(void);
void hf_platform_unpin(uint64_t state);

/* The number of the CPU, while pinned. Cannot fail. */
uint32_t hf_platform_cpu(void);

/* Zeroed memory that is contiguous guest-physical RAM, aligned to align (a power of two, at most
 * a page and at most bytes rounded up to one). NULL when there is none. Reserve time. */
void *hf_platform_alloc(size_t bytes, size_t align);
void hf_platform_free(void *memory, size_t bytes);

/* The guest-physical address behind a kernel address; false if nothing is mapped there. */
bool hf_platform_gpa(const void *address, hf_gpa *gpa);

/* One zeroed page of RAM with a page number in [lowest, highest], taken out of the kernel's free
 * pages: its guest-physical page number, or 0 when there is none. */
uint64_t hf_platform_take_page(uint64_t lowest, uint64_t highest);
void hf_platform_give_page(uint64_t page);

/* Makes kernel addresses and page tables for a window at base: the address of its first page, or
 * NULL for want of memory. The window is cached. Congruent: the address is divisible by whatever
 * base is divisible by, as far as the kernel's layout allows. Reserve time. */
void *hf_platform_window_add(hf_gpa base, uint64_t pages);
/* May come after another CPU has added the window that follows at the same base. */
void hf_platform_window_remove(void *address, uint64_t pages);

/* Gives pages of a window a cache type and access rights; holds on every CPU when it returns.
 * Cannot fail: the tables exist since hf_platform_window_add(). May be called with interrupts off,
 * while other CPUs have theirs off, too, and wait for a lock of the caller: what makes them take
 * part has to reach them nonetheless, as an NMI does. */
void hf_platform_window_protect(void *address, uint64_t pages, enum hf_cache cache, bool writable);

/* Prints a line and ends the machine with this status. */
__attribute__((noreturn)) void hf_platform_die(uint8_t status, const char *reason);

#ifdef __cplusplus
}
#endif

#endif
