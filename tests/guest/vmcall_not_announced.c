/* SPDX-License-Identifier: MIT
 * A hypercall instruction that the VMM does not announce does no harm, though it may never end:
 * other CPUs go on, calls work, the VM ends when asked to. */
/* vm: --vcpus 3 */
#include "raw_calls.h"

static uint64_t answers[2]; /* 0: none yet */

static void vmcall(void *argument)
{
    uint64_t rax = HF_VMCALL_NUMBER;

    (void)argument;
    __asm__ volatile("vmcall"
                     : "+a"(rax)
                     : "b"(raw_pages), "c"(0xdead), "d"(HF_VMCALL_MAGIC)
                     : "memory");
    answers[0] = rax;
}

static void vmmcall(void *argument)
{
    uint64_t rax = HF_VMCALL_NUMBER;

    (void)argument;
    __asm__ volatile("vmmcall"
                     : "+a"(rax)
                     : "b"(raw_pages), "c"(0xdead), "d"(HF_VMCALL_MAGIC)
                     : "memory");
    answers[1] = rax;
}

static void try_vmcall(void *argument)
{
    nano_try(vmcall, argument, NULL);
}

static void try_vmmcall(void *argument)
{
    nano_try(vmmcall, argument, NULL);
}

int guest_main(void)
{
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    nano_run_on(1, try_vmcall, NULL);
    nano_run_on(2, try_vmmcall, NULL);
    for (unsigned i = 0; i < 200; i++) {
        struct hf_reserve reserve = {.bytes = 4096, .tag = TAG};
        CHECK_EQUAL(CALL(RESERVE, reserve), HF_OK);
        CHECK_EQUAL(hf_info(&info), HF_OK);
    }
    /* Whoever was answered was told that this is no call, by the VMM or by KVM. */
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t answer = __atomic_load_n(&answers[i], __ATOMIC_RELAXED);
        CHECK(answer == 0 || answer == HF_UNKNOWN_CALL || (int64_t)answer < 0);
    }
    return 0;
}
