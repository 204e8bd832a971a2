/* SPDX-License-Identifier: MIT
 * What a harness says to CBMC: a function whose name begins with nondet_ returns every value, a
 * variable without a first value has every value, and each claim must hold for all of them. */
#ifndef HOLDFAST_PROOFS_PROOF_H
#define HOLDFAST_PROOFS_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __CPROVER__ /* CBMC has these built in; the compiler reads the harnesses, too */
void __CPROVER_assume(bool);
void __CPROVER_assert(bool, const char *);
#endif

/* From here on only what makes this true is looked at. */
#define ASSUME(condition) __CPROVER_assume(condition)

#define CLAIM(condition) __CPROVER_assert(condition, #condition)

/* Shows that the assumptions leave something: the runner demands that this claim fails. */
#define REACHED() __CPROVER_assert(false, "reached")

bool nondet_bool(void);
uint8_t nondet_u8(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);
size_t nondet_size(void);

void harness(void);

#endif
