/* SPDX-License-Identifier: MIT
 * CPUID tells each vCPU the same package, in all the ways in which it can be asked, whatever the
 * host's processors are. */
#include "vmm/machine/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define LEAVES 16u

/* What a host with two packages of 8 cores with two threads might give out, the vCPU being set up
 * on processor 13. */
static struct kvm_cpuid2 *host(void)
{
    static const struct kvm_cpuid_entry2 leaves[] = {
        {.function = 0, .eax = 0xd},
        {.function = 1, .ebx = 0x0d100800, .edx = 1u << 28 | 1},
        {.function = 4, .index = 0, .eax = 0x1c004121},
        {.function = 4, .index = 1, .eax = 0x1c03c163},
        {.function = 4, .index = 2, .eax = 0},
        {.function = 0xb, .index = 0, .eax = 1, .ebx = 2, .ecx = 0x100, .edx = 13},
        {.function = 0xb, .index = 1, .eax = 4, .ebx = 16, .ecx = 0x201, .edx = 13},
        {.function = 0x1f, .index = 0, .eax = 1, .ebx = 2, .ecx = 0x100, .edx = 13},
        {.function = 0x80000001, .ecx = 3},
        {.function = 0x80000008, .eax = 0x3028, .ecx = 0x400f},
        {.function = 0x8000001e, .eax = 13, .ebx = 0x106, .ecx = 1},
    };
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof *cpuid + LEAVES * sizeof leaves[0]);

    assert_non_null(cpuid);
    cpuid->nent = sizeof leaves / sizeof leaves[0];
    __builtin_memcpy(cpuid->entries, leaves, sizeof leaves);
    assert_true(cpuid->nent + TOPOLOGY_LEAVES <= LEAVES);
    return cpuid;
}

static const struct kvm_cpuid_entry2 *leaf(const struct kvm_cpuid2 *cpuid, uint32_t function,
                                           uint32_t index)
{
    const struct kvm_cpuid_entry2 *found = NULL;

    for (uint32_t i = 0; i < cpuid->nent; i++) {
        if (cpuid->entries[i].function == function && cpuid->entries[i].index == index) {
            assert_null(found); /* once only */
            found = &cpuid->entries[i];
        }
    }
    return found;
}

static void one_package(uint32_t vcpus, uint32_t bits)
{
    for (uint32_t i = 0; i < vcpus; i += 1 + vcpus / 7) {
        struct kvm_cpuid2 *cpuid = host();
        topology_set(cpuid, i, vcpus);

        const uint32_t shown = vcpus < 255 ? vcpus : 255;
        assert_int_equal(leaf(cpuid, 1, 0)->ebx, i << 24 | shown << 16 | 0x0800);
        assert_int_equal(leaf(cpuid, 1, 0)->edx, (vcpus > 1 ? 1u << 28 : 0) | 1);
        assert_int_equal(leaf(cpuid, 0xb, 0)->eax, 0);
        assert_int_equal(leaf(cpuid, 0xb, 0)->ebx, 1);
        assert_int_equal(leaf(cpuid, 0xb, 0)->ecx, 0x100);
        assert_int_equal(leaf(cpuid, 0xb, 1)->eax, bits);
        assert_int_equal(leaf(cpuid, 0xb, 1)->ebx, vcpus);
        assert_int_equal(leaf(cpuid, 0xb, 1)->ecx, 0x201);
        assert_int_equal(leaf(cpuid, 0xb, 2)->ebx, 0);
        for (uint32_t level = 0; level < 3; level++)
            assert_int_equal(leaf(cpuid, 0xb, level)->edx, i);
        assert_null(leaf(cpuid, 0x1f, 0));

        /* Nobody shares the first cache, the package shares the third. */
        const uint32_t ids = 1u << bits;
        assert_int_equal(leaf(cpuid, 4, 0)->eax >> 14 & 0xfff, 0);
        assert_int_equal(leaf(cpuid, 4, 1)->eax >> 14 & 0xfff, ids - 1);
        assert_int_equal(leaf(cpuid, 4, 0)->eax >> 26, ids < 64 ? ids - 1 : 63);
        assert_int_equal(leaf(cpuid, 4, 0)->eax & 0x3fff, 0x0121);
        assert_int_equal(leaf(cpuid, 4, 2)->eax, 0);

        assert_int_equal(leaf(cpuid, 0x80000008, 0)->ecx,
                         bits << 12 | (vcpus < 256 ? vcpus - 1 : 255));
        assert_int_equal(leaf(cpuid, 0x80000008, 0)->eax, 0x3028);
        assert_int_equal(leaf(cpuid, 0x8000001e, 0)->eax, i);
        assert_int_equal(leaf(cpuid, 0x8000001e, 0)->ebx, i & 0xff); /* one thread a core */
        assert_int_equal(leaf(cpuid, 0x8000001e, 0)->ecx, 0);
        free(cpuid);
    }
}

static void all_vcpus_are_cores_of_one_package(void **state)
{
    (void)state;
    one_package(1, 0);
    one_package(2, 1);
    one_package(3, 2);
    one_package(64, 6);
    one_package(65, 7);
    one_package(1024, 10);
}

static void an_old_processor_gets_the_leaf(void **state)
{
    struct kvm_cpuid2 *cpuid = host();

    (void)state;
    cpuid->entries[0].eax = 1;
    topology_set(cpuid, 0, 2);
    assert_int_equal(leaf(cpuid, 0, 0)->eax, 0xb);
    free(cpuid);
    cpuid = host();
    topology_set(cpuid, 0, 2);
    assert_int_equal(leaf(cpuid, 0, 0)->eax, 0xd);
    free(cpuid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_vcpus_are_cores_of_one_package),
        cmocka_unit_test(an_old_processor_gets_the_leaf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
