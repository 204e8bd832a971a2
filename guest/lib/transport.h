/* SPDX-License-Identifier: MIT
 * The instruction that carries a call to the VMM. */
#ifndef HOLDFAST_GUEST_TRANSPORT_H
#define HOLDFAST_GUEST_TRANSPORT_H

#include "guest/lib/discover.h"
#include "holdfast/abi.h"

/* Takes the best transport announced. HF_OK or HF_GUEST_NO_TRANSPORT. */
int hf_transport_choose(const struct hf_announcement *announcement);

/* One call over the transport chosen, or HF_GUEST_NOT_READY. */
uint64_t hf_transport_call(uint32_t call, hf_gpa arguments);

#endif
