/* SPDX-License-Identifier: MIT
 * mseal(2), of Linux 6.10: memory that can neither be unmapped, nor mapped over, nor given other
 * rights any more, for the rest of the process's life. */
#ifndef HOLDFAST_SANDBOX_SEAL_H
#define HOLDFAST_SANDBOX_SEAL_H

#include <stdint.h>

/* Whole pages. 0, or -1 with errno. */
int seal_range(uint64_t begin, uint64_t end);

/* What is not written of the program and its libraries: their code, and constants. 0, or -1 with
 * errno. Stacks are not sealed: the C library gives them back. */
int seal_programs(void);

#endif
