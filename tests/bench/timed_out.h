/* SPDX-License-Identifier: MIT
 * One OUT between two readings of the time-stamp counter, the same in all guests that are measured.
 * A host that emulates ring 0 takes its time for every instruction here; the same sequence with a
 * NOP in the place of the OUT takes that time too, and it is subtracted from every sample. */
#ifndef HOLDFAST_BENCH_TIMED_OUT_H
#define HOLDFAST_BENCH_TIMED_OUT_H

/* In: ECX = port, R8D = value, RBX = whatever the VMM looks for there. Out: EAX = ticks, EDI =
 * EAX after the OUT. Changes EDX and ESI. Each % is doubled for extended asm. */
#define TIMED(instruction)                                                                         \
    "rdtsc\n\t"                                                                                    \
    "mov %%eax, %%esi\n\t"                                                                         \
    "mov %%r8d, %%eax\n\t"                                                                         \
    "mov %%ecx, %%edx\n\t" instruction "\n\t"                                                      \
    "mov %%eax, %%edi\n\t"                                                                         \
    "rdtsc\n\t"                                                                                    \
    "sub %%esi, %%eax\n\t"

#define TIMED_OUT TIMED("outl %%eax, %%dx")
#define TIMED_NOP TIMED("nop")

/* No device claims this port. */
#define UNCLAIMED_PORT 0x4850

#endif
