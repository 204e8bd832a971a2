/* SPDX-License-Identifier: MIT
 * Tags and quotas as operators write them. Knows no VMM: the CLI reads its arguments with it, too.
 */
#ifndef HOLDFAST_OPTIONS_QUOTA_H
#define HOLDFAST_OPTIONS_QUOTA_H

#include "vmm/error.h"
#include "vmm/windows/windows.h"

#include <stdint.h>

struct tag_quota {
    uint32_t tag;
    struct tag_amounts most;
};

/* Reads a tag: 1 to 4 printable ASCII characters, in the order of their bytes in the guest's
 * memory and filled up with blanks, or a number after 0x. 0, or -1 with the error set. */
int quota_parse_tag(const char *text, uint32_t *tag, struct error *error);

/* Reads "windows=N", "pages=N" or "extents=N", N from 1 on, into its part of the quota, which must
 * be 0 before. 0, or -1 with the error set. */
int quota_parse_word(const char *word, struct tag_amounts *quota, struct error *error);

/* Reads "tag=T,windows=N,pages=N,extents=N": the tag and one or more of the others, in any order.
 * 0, or -1 with the error set. */
int quota_parse(const char *text, uint32_t *tag, struct tag_amounts *quota, struct error *error);

#endif
