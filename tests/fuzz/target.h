/* SPDX-License-Identifier: MIT
 * What each file of this folder is: a target of libFuzzer, with its oracle. tests/fuzz/fuzz.mk says
 * who runs it.
 *
 * An input is a string of bytes, whatever it holds. A corpus is a folder of inputs that together
 * reach what can be reached. */
#ifndef HOLDFAST_FUZZ_TARGET_H
#define HOLDFAST_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Tries one input and returns 0; what must not be ends the process. Leaves nothing behind that the
 * next input could meet. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Before the first input; optional. */
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* After all inputs of the corpus: fails unless they have come as far as they should, and prints how
 * far. Optional; libFuzzer does not know it. */
void fuzz_reached(void);

#endif
