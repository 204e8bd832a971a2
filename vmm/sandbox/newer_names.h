/* SPDX-License-Identifier: MIT
 * Names that the headers of older releases lack. */
#ifndef HOLDFAST_SANDBOX_NEWER_NAMES_H
#define HOLDFAST_SANDBOX_NEWER_NAMES_H

#include <linux/kvm.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED /* Linux 5.18 */
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef KVM_PRE_FAULT_MEMORY /* Linux 6.11: as prefault.c has it */
#define KVM_PRE_FAULT_MEMORY _IOWR(KVMIO, 0xd5, __u64[8])
#endif

/* What the C library uses from 2.42 on. The header that has them does not go with its own. */
#define TERMINAL_GET2 0x802c542aul
#define TERMINAL_SET2 0x402c542bul

#endif
