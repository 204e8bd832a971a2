/* SPDX-License-Identifier: MIT
 * Objects on their way to a VM. */
#ifndef HOLDFAST_CTL_ATTACH_H
#define HOLDFAST_CTL_ATTACH_H

#include "vmm/ctl/connect.h"
#include "vmm/memory/object.h"

/* Makes a relative path one of this directory's. 0, or -1 with the error set. */
int attach_make_absolute(struct object_spec *spec, struct error *error);

/* Has the VM attach the object, of whose file it gets the descriptor, -1 for a memfd. is_refused:
 * it has not, and will not. */
enum exit_code attach_hand_over(const struct object_spec *spec, struct peer *peer, int fd,
                                bool *is_refused, struct error *error);

#endif
