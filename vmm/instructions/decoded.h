/* SPDX-License-Identifier: MIT
 * Reading one instruction, for the files that look at instructions. */
#ifndef HOLDFAST_INSTRUCTIONS_DECODED_H
#define HOLDFAST_INSTRUCTIONS_DECODED_H

#include "instructions.h"

#include <Zydis/Zydis.h>
#include <stddef.h>

_Static_assert(INSTRUCTION_LONGEST == ZYDIS_MAX_INSTRUCTION_LENGTH, "as Zydis reads them");

#define EFER_LMA (1u << 10) /* the processor is in 64-bit or compatibility mode */

struct decoded {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* The guest-physical address behind a linear one; false if the guest has none there. */
bool decoded_translate(const struct instruction_context *context, uint64_t linear, uint64_t *gpa);

/* Copies data at a linear address, or code at rip; returns how many bytes could be had. */
size_t decoded_fetch(const struct instruction_context *context, uint64_t linear, uint8_t *bytes,
                     size_t count);
size_t decoded_fetch_code(const struct instruction_context *context, uint64_t rip, uint8_t *bytes,
                          size_t count);

/* false: these bytes are no instruction. */
bool decoded_read(const struct instruction_context *context, const uint8_t *bytes, size_t count,
                  struct decoded *decoded);

/* The same as KVM's emulator reads them: it overlooks a prefix that makes no instruction of these
 * bytes for a processor. The length is with the prefix. */
bool decoded_read_emulated(const struct instruction_context *context, const uint8_t *bytes,
                           size_t count, struct decoded *decoded);

/* Where an offset in a segment lies: only FS and GS have a base in 64-bit mode. */
uint64_t decoded_linear(const struct instruction_context *context, ZydisRegister segment,
                        uint64_t offset);

/* The lowest bits of an address or a value, as many as there are. */
uint64_t decoded_cut(uint64_t value, uint32_t bits);

/* The width of the stack pointer, whatever width addresses have otherwise. */
uint32_t decoded_stack_bits(const struct instruction_context *context);

/* The linear address of a memory operand of an instruction at rip; false: it is none. */
bool decoded_operand_address(const struct instruction_context *context,
                             const struct decoded *decoded, const ZydisDecodedOperand *operand,
                             const struct registers *regs, uint64_t rip, uint64_t *linear);

/* ---- page_walk.c ---- */

/* Called for the entry of each page table, by guest-physical address. */
typedef void decoded_entry_visitor(void *who, uint64_t gpa);

/* Visits the entries that lead to a linear address, as far as they are present and can be read.
 * false: there are more, or the tables have a form that is not known here. */
bool decoded_walk(const struct instruction_context *context, uint64_t linear,
                  decoded_entry_visitor *visit, void *who);

/* Where a linear address leads to by the tables alone, whoever may access it; false: nowhere, or
 * the tables cannot be read or have a form that is not known here. */
bool decoded_walk_to(const struct instruction_context *context, uint64_t linear, uint64_t *gpa);

/* ---- extended_state.c ---- */

/* How many bytes XSAVE and its like touch at most, with the registers' mask, the 576 at the
 * beginning included. */
uint64_t decoded_state_bytes(const struct instruction_context *context);

/* The offsets, not scaled, of those elements of a gather or a scatter that its mask selects.
 * Returns how many; 0 if the vector registers cannot be read. */
#define DECODED_ELEMENTS_MOST 16u
uint32_t decoded_element_offsets(const struct instruction_context *context,
                                 const struct decoded *decoded, const ZydisDecodedOperand *operand,
                                 int64_t offsets[DECODED_ELEMENTS_MOST]);

/* ---- registers.c ---- */

/* All of them, for Zydis. */
void decoded_register_values(const struct registers *regs, ZydisRegisterContext *values);

/* A general register, or a part of one; what is above the part is undefined. Any other reads as 0.
 */
uint64_t decoded_register(const struct registers *regs, ZydisRegister name);

/* Sets the part and leaves the rest of the register as it is. Any other register: nothing. */
void decoded_set_register(struct registers *regs, ZydisRegister name, uint64_t value);

/* ---- step_back.c ---- */

/* Whether it is a string instruction that is repeated. */
bool decoded_is_repeated(const struct decoded *decoded);

/* Whether it stores below the stack pointer. */
bool decoded_pushes(const struct decoded *decoded);

/* How much it stores there, if it does. */
uint32_t decoded_pushed_bytes(const struct instruction_context *context,
                              const struct decoded *decoded);

/* Takes back what an instruction that has made the store has done to regs besides moving rip, so
 * that it does the same when it is run again. regs: those behind it. */
void decoded_step_back(const struct instruction_context *context, const struct decoded *decoded,
                       const struct instruction_store *store, struct registers *regs);

#endif
