/* SPDX-License-Identifier: MIT
 * From libvirt's command line to Holdfast's own for the same machine. */
#ifndef HOLDFAST_LIBVIRT_OWN_WORDS_H
#define HOLDFAST_LIBVIRT_OWN_WORDS_H

#include "vmm/error.h"

struct libvirt;

/* Makes libvirt->own of libvirt->line. 0, or -1 with the error set. */
int own_words_make(struct libvirt *libvirt, struct error *error);

#endif
