/* SPDX-License-Identifier: MIT */
#include "topology.h"

#include <stdbool.h>

#define LEAF_LEVELS 0x0bu

#define EDX_HTT       (1u << 28)
#define ECX_LEGACY    (1u << 1) /* of leaf 0x80000001: cores, not threads */
#define LEVEL_THREADS 1u
#define LEVEL_CORES   2u
#define CACHE_SHARED  3u /* caches of this level and above belong to the package */

/* How many bits of the APIC id number the cores. */
static uint32_t core_bits(uint32_t vcpus)
{
    uint32_t bits = 0;

    while (bits < 31 && (1u << bits) < vcpus)
        bits++;
    return bits;
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

/* Intel's description of a cache: who shares it, and, in all of them, the cores there are. */
static uint32_t cache_shares(uint32_t eax, uint32_t vcpus)
{
    const uint32_t ids = (1u << core_bits(vcpus)) - 1;
    const bool shared = (eax >> 5 & 7) >= CACHE_SHARED;

    if ((eax & 0x1f) == 0)
        return eax; /* no cache */
    return (eax & 0x3fff) | (shared ? at_most(ids, 0xfff) << 14 : 0) | at_most(ids, 0x3f) << 26;
}

static void set_leaf(struct kvm_cpuid_entry2 *leaf, uint32_t index, uint32_t vcpus)
{
    switch (leaf->function) {
    case 0:
        if (leaf->eax < LEAF_LEVELS)
            leaf->eax = LEAF_LEVELS;
        break;
    case 1:
        leaf->ebx = (leaf->ebx & 0xffff) | at_most(vcpus, 255) << 16 | index << 24;
        leaf->edx = (leaf->edx & ~EDX_HTT) | (vcpus > 1 ? EDX_HTT : 0);
        break;
    case 4:
        leaf->eax = cache_shares(leaf->eax, vcpus);
        break;
    case 0x80000001:
        if (vcpus == 1) /* it says that the processors of a package are cores */
            leaf->ecx &= ~ECX_LEGACY;
        break;
    case 0x80000008:
        if ((leaf->ecx & 0xff) != 0 || vcpus > 1)
            leaf->ecx = (leaf->ecx & ~0xf0ffu) | at_most(vcpus - 1, 0xff) | core_bits(vcpus) << 12;
        break;
    case 0x8000001d:
        if ((leaf->eax & 0x1f) != 0)
            leaf->eax = cache_shares(leaf->eax, vcpus) & 0x3ffffff;
        break;
    case 0x8000001e:
        leaf->eax = index;
        leaf->ebx = index & 0xff;
        leaf->ecx = 0;
        break;
    case 0x80000026: /* newer than 0xb, and not filled in by KVM */
        leaf->eax = leaf->ebx = leaf->ecx = leaf->edx = 0;
        break;
    default:
        break;
    }
}

static void remove_levels(struct kvm_cpuid2 *cpuid)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < cpuid->nent; i++)
        if (cpuid->entries[i].function != LEAF_LEVELS && cpuid->entries[i].function != 0x1f)
            cpuid->entries[kept++] = cpuid->entries[i];
    cpuid->nent = kept;
}

static void add_level(struct kvm_cpuid2 *cpuid, uint32_t number, uint32_t kind, uint32_t bits,
                      uint32_t processors, uint32_t index)
{
    cpuid->entries[cpuid->nent++] = (struct kvm_cpuid_entry2){
        .function = LEAF_LEVELS,
        .index = number,
        .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
        .eax = bits,
        .ebx = processors,
        .ecx = number | kind << 8,
        .edx = index,
    };
}

void topology_set(struct kvm_cpuid2 *cpuid, uint32_t index, uint32_t vcpus)
{
    remove_levels(cpuid);
    for (uint32_t i = 0; i < cpuid->nent; i++)
        set_leaf(&cpuid->entries[i], index, vcpus);
    add_level(cpuid, 0, LEVEL_THREADS, 0, 1, index);
    add_level(cpuid, 1, LEVEL_CORES, core_bits(vcpus), vcpus, index);
    add_level(cpuid, 2, 0, 0, 0, index);
}
