/* SPDX-License-Identifier: MIT
 * What the processor touches when it delivers an exception or an interrupt: none of it is named by
 * the instruction that it comes to. */
#include "decoded.h"
#include "search.h"

#define TSS_FIRST_STACK 4u /* of 10, in 64-bit mode: three by privilege, one unused, seven more */
#define TSS_STACKS      11u
#define FRAME_BYTES     48u
#define GATE_BYTES      16u

/* The stacks that the processor may change to; it aligns them first. */
static void add_stacks(const struct search *search)
{
    const struct instruction_context *context = search->context;
    uint64_t stacks[TSS_STACKS];

    const size_t read = decoded_fetch(context, context->system.tr_base + TSS_FIRST_STACK,
                                      (uint8_t *)stacks, sizeof stacks);
    for (size_t i = 0; i < read / sizeof stacks[0]; i++)
        if (stacks[i] != 0)
            search_add(search, (stacks[i] & ~15ull) - FRAME_BYTES, FRAME_BYTES, true,
                       ACCESS_POSSIBLE);
}

void instruction_find_delivery(const struct instruction_context *context, uint8_t vector,
                               struct instruction_accesses *accesses)
{
    const struct search search = {context, accesses, ACCESS_POSSIBLE};
    const struct system_registers *system = &context->system;
    const uint64_t stack = decoded_linear(context, ZYDIS_REGISTER_SS, context->registers.rsp);

    accesses->count = 0;
    search_add(&search, system->idt_base + (uint64_t)vector * GATE_BYTES, GATE_BYTES, false,
               ACCESS_POSSIBLE);
    search_add(&search, system->tr_base, TSS_FIRST_STACK + TSS_STACKS * sizeof(uint64_t), false,
               ACCESS_POSSIBLE);
    search_add(&search, (stack & ~15ull) - FRAME_BYTES, FRAME_BYTES, true, ACCESS_POSSIBLE);
    add_stacks(&search);
    search_add(&search, system->gdt_base, (uint64_t)system->gdt_limit + 1, false, ACCESS_POSSIBLE);
    search_instruction(&search);
    accesses->whole = false;
}
