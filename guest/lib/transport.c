/* SPDX-License-Identifier: MIT
 * The three ways to call the VMM. */
#include "guest/lib/transport.h"

#include "holdfast/guest.h"

static struct hf_announcement announced;
static uint32_t transport; /* HF_FEATURE_..., 0: none yet */

int hf_use_transport(uint32_t feature)
{
    if (feature != HF_FEATURE_PIO && feature != HF_FEATURE_VMCALL && feature != HF_FEATURE_VMMCALL)
        return HF_GUEST_NO_TRANSPORT;
    if (!(announced.features & feature))
        return HF_GUEST_NO_TRANSPORT;
    __atomic_store_n(&transport, feature, __ATOMIC_RELEASE);
    return HF_OK;
}

int hf_transport_choose(const struct hf_announcement *announcement)
{
    static const uint32_t best_first[] = {HF_FEATURE_VMCALL, HF_FEATURE_VMMCALL, HF_FEATURE_PIO};

    announced = *announcement;
    for (unsigned i = 0; i < sizeof best_first / sizeof best_first[0]; i++) {
        if (hf_use_transport(best_first[i]) == HF_OK)
            return HF_OK;
    }
    return HF_GUEST_NO_TRANSPORT;
}

static uint64_t call_pio(uint32_t call, hf_gpa arguments)
{
    uint64_t rax = call;

    __asm__ volatile("outl %%eax, %%dx"
                     : "+a"(rax)
                     : "b"(arguments.value), "d"(announced.call_port)
                     : "memory");
    return rax;
}

static uint64_t call_vmcall(uint32_t call, hf_gpa arguments)
{
    uint64_t rax = HF_VMCALL_NUMBER;

    __asm__ volatile("vmcall"
                     : "+a"(rax)
                     : "b"(arguments.value), "c"((uint64_t)call), "d"(HF_VMCALL_MAGIC)
                     : "memory");
    return rax;
}

static uint64_t call_vmmcall(uint32_t call, hf_gpa arguments)
{
    uint64_t rax = HF_VMCALL_NUMBER;

    __asm__ volatile("vmmcall"
                     : "+a"(rax)
                     : "b"(arguments.value), "c"((uint64_t)call), "d"(HF_VMCALL_MAGIC)
                     : "memory");
    return rax;
}

uint64_t hf_transport_call(uint32_t call, hf_gpa arguments)
{
    switch (__atomic_load_n(&transport, __ATOMIC_ACQUIRE)) {
    case HF_FEATURE_PIO:
        return call_pio(call, arguments);
    case HF_FEATURE_VMCALL:
        return call_vmcall(call, arguments);
    case HF_FEATURE_VMMCALL:
        return call_vmmcall(call, arguments);
    default:
        return HF_GUEST_NOT_READY;
    }
}
