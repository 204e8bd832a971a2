/* SPDX-License-Identifier: MIT */
#include "search.h"

#include "decoded.h"
#include "holdfast/abi.h"

/* Adds an access to one page, once: the one that is the most certain. */
static void add_page(const struct search *search, uint64_t gpa, bool write,
                     enum certainty certainty)
{
    const struct instruction_source *source = &search->context->source;
    struct instruction_accesses *found = search->found;
    const enum certainty at_most = certainty > search->certainty ? certainty : search->certainty;
    const struct instruction_access access = {gpa, write, at_most};

    if (!source->is_memory(source->who, gpa))
        return; /* a device's: KVM tells of those otherwise */
    for (uint32_t i = 0; i < found->count; i++) {
        struct instruction_access *other = &found->access[i];
        if (other->gpa / HF_PAGE_SIZE != gpa / HF_PAGE_SIZE || other->write != write)
            continue;
        if (at_most < other->certainty)
            *other = access;
        return;
    }
    if (found->count == INSTRUCTION_ACCESSES_MOST)
        found->whole = false;
    else
        found->access[found->count++] = access;
}

struct walk {
    const struct search *search;
    enum certainty certainty;
};

/* A processor may mark an entry as used, and some treat each look at one as a write. */
static void add_entry(void *who, uint64_t gpa)
{
    const struct walk *walk = who;

    add_page(walk->search, gpa, false, walk->certainty);
    add_page(walk->search, gpa, true,
             walk->certainty > ACCESS_POSSIBLE ? walk->certainty : ACCESS_POSSIBLE);
}

void search_add(const struct search *search, uint64_t linear, uint64_t bytes, bool write,
                enum certainty certainty)
{
    struct walk walk = {search, certainty};

    for (uint64_t done = 0; done < bytes;) {
        const uint64_t at = linear + done;
        uint64_t gpa;
        if (!decoded_walk(search->context, at, add_entry, &walk))
            search->found->whole = false;
        if (decoded_translate(search->context, at, &gpa))
            add_page(search, gpa, write, certainty);
        else
            search->found->whole = false;
        done += HF_PAGE_SIZE - at % HF_PAGE_SIZE;
    }
}
