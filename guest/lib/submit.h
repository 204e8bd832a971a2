/* SPDX-License-Identifier: MIT
 * From a call's structure to the VMM and back. Nothing here allocates or blocks. */
#ifndef HOLDFAST_GUEST_SUBMIT_H
#define HOLDFAST_GUEST_SUBMIT_H

#include "guest/lib/arguments.h"
#include "guest/lib/init.h"
#include "guest/lib/transport.h"
#include "holdfast/guest.h"

#include <stddef.h>

/* With VMCALL and VMMCALL, KVM answers some calls itself: -1 below CPL 0, else other negative
 * numbers. */
static inline int hf_status_of(uint64_t answer)
{
    if (answer == UINT64_MAX)
        return HF_PRIVILEGE;
    return answer <= UINT16_MAX ? (int)answer : HF_GUEST_REFUSED;
}

/* A call by the owner of this CPU's argument page: the structure is copied to it and, with what
 * the VMM wrote, back. The call's status or HF_GUEST_REFUSED.
 *
 * Always inline, because the size is known where it is called: the copies are a few moves. */
__attribute__((always_inline)) static inline int
hf_submit_pinned(const struct hf_arguments *arguments, enum hf_call call, void *structure,
                 size_t bytes)
{
    __builtin_memcpy(arguments->page, structure, bytes);
    const int status = hf_status_of(hf_transport_call((uint32_t)call, arguments->gpa));
    if (status == HF_OK)
        __builtin_memcpy(structure, arguments->page, bytes);
    return status;
}

/* A whole call. Also HF_GUEST_NOT_READY. */
__attribute__((always_inline)) static inline int hf_submit(enum hf_call call, void *structure,
                                                           size_t bytes)
{
    if (!hf_is_ready())
        return HF_GUEST_NOT_READY;
    struct hf_arguments arguments = hf_arguments_pin();
    const int status = hf_submit_pinned(&arguments, call, structure, bytes);
    hf_arguments_unpin(&arguments);
    return status;
}

#endif
