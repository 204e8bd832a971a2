/* SPDX-License-Identifier: MIT
 * Reading one instruction, for instruction.c and undo_store.c. */
#ifndef HOLDFAST_MACHINE_DECODED_H
#define HOLDFAST_MACHINE_DECODED_H

#include "instruction.h"

#include <Zydis/Zydis.h>
#include <stddef.h>

#define INSTRUCTION_LONGEST ZYDIS_MAX_INSTRUCTION_LENGTH

struct decoded {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* Copies data at a linear address, or code at rip; returns how many bytes could be had. */
size_t decoded_fetch(const struct instruction_context *context, uint64_t linear, uint8_t *bytes,
                     size_t count);
size_t decoded_fetch_code(const struct instruction_context *context, uint64_t rip, uint8_t *bytes,
                          size_t count);

/* false: these bytes are no instruction. */
bool decoded_read(const struct instruction_context *context, const uint8_t *bytes, size_t count,
                  struct decoded *decoded);

/* Where an offset in a segment lies: only FS and GS have a base in 64-bit mode. */
uint64_t decoded_linear(const struct instruction_context *context, ZydisRegister segment,
                        uint64_t offset);

/* The linear address of a memory operand of an instruction at rip; false: it is none. */
bool decoded_operand_address(const struct instruction_context *context,
                             const struct decoded *decoded, const ZydisDecodedOperand *operand,
                             const struct kvm_regs *regs, uint64_t rip, uint64_t *linear);

#endif
