/* SPDX-License-Identifier: MIT
 * What CPUID says of Holdfast. */
#ifndef HOLDFAST_GUEST_DISCOVER_H
#define HOLDFAST_GUEST_DISCOVER_H

#include <stdint.h>

struct hf_announcement {
    uint32_t features;  /* HF_FEATURE_... */
    uint16_t call_port; /* of the PIO transport */
};

/* HF_OK, HF_GUEST_NO_HOLDFAST or HF_GUEST_BAD_VERSION. */
int hf_discover(struct hf_announcement *announcement);

#endif
