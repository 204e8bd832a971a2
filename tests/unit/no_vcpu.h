/* SPDX-License-Identifier: MIT
 * Who makes a call in a test: no vCPU, and nobody gives the call up. */
#ifndef HOLDFAST_TEST_NO_VCPU_H
#define HOLDFAST_TEST_NO_VCPU_H

#include "vmm/arena/calls.h"

static const struct arena_caller no_vcpu = {.vcpu_fd = -1};

#endif
