/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/window_json.h"

#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"

#include <inttypes.h>
#include <stdio.h>

json_t *window_json(const struct holdfast_window *window)
{
    char handle[TEXT_NUMBER];
    char tag[TEXT_NUMBER];
    /* A string: handles need not fit the 53 bits that many JSON readers keep of a number. */
    snprintf(handle, sizeof handle, "0x%" PRIx64, window->handle);
    text_tag(window->tag, tag);
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "window", handle,
        "address", report_json_number(window->address), "pages", report_json_number(window->pages),
        "mapped_pages", report_json_number(window->mapped_pages), "tag",
        report_json_number(window->tag), "tag_text", tag, "flags",
        report_json_number(window->flags), "max_extents", report_json_number(window->max_extents),
        "extents", report_json_number(window->extents), "mappings",
        report_json_number(window->mappings), "maps", report_json_number(window->maps), "unmaps",
        report_json_number(window->unmaps), "faults", report_json_number(window->faults));
}
