/* SPDX-License-Identifier: MIT
 * The guest's page tables that lead to an address: a processor that cannot reach one of them fails
 * the access as if it could not reach the page. */
#include "decoded.h"

#define CR0_PAGING   (1u << 31)
#define CR4_5_LEVELS (1u << 12)

#define ENTRY_PRESENT (1ull << 0)
#define ENTRY_LEAF    (1ull << 7)
#define ENTRY_ADDRESS 0x000ffffffffff000ull

static bool has_long_tables(const struct system_registers *system)
{
    return (system->cr0 & CR0_PAGING) != 0 && (system->efer & EFER_LMA) != 0;
}

bool decoded_walk_to(const struct instruction_context *context, uint64_t linear, uint64_t *gpa)
{
    const struct system_registers *system = &context->system;
    uint64_t entry = system->cr3;

    if (!has_long_tables(system))
        return false;
    for (uint32_t level = (system->cr4 & CR4_5_LEVELS) != 0 ? 5 : 4; level > 0; level--) {
        const uint32_t shift = 12 + 9 * (level - 1);
        const uint64_t table = entry & ENTRY_ADDRESS;
        if (!context->source.read(context->source.who, table + (linear >> shift & 511) * 8, &entry,
                                  sizeof entry) ||
            (entry & ENTRY_PRESENT) == 0)
            return false;
        if (level == 1 || (level < 4 && (entry & ENTRY_LEAF) != 0)) {
            const uint64_t inside = (1ull << shift) - 1;
            *gpa = (entry & ENTRY_ADDRESS & ~inside) | (linear & inside);
            return true;
        }
    }
    return false;
}

bool decoded_walk(const struct instruction_context *context, uint64_t linear,
                  decoded_entry_visitor *visit, void *who)
{
    const struct system_registers *system = &context->system;
    uint64_t table = system->cr3 & ENTRY_ADDRESS;

    if ((system->cr0 & CR0_PAGING) == 0)
        return true;
    if ((system->efer & EFER_LMA) == 0)
        return false;
    for (uint32_t level = (system->cr4 & CR4_5_LEVELS) != 0 ? 5 : 4; level > 0; level--) {
        const uint64_t gpa = table + (linear >> (12 + 9 * (level - 1)) & 511) * 8;
        uint64_t entry;
        visit(who, gpa);
        if (!context->source.read(context->source.who, gpa, &entry, sizeof entry))
            return false;
        if ((entry & ENTRY_PRESENT) == 0 || (level < 4 && (entry & ENTRY_LEAF) != 0))
            return true;
        table = entry & ENTRY_ADDRESS;
    }
    return true;
}
