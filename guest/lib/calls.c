/* SPDX-License-Identifier: MIT
 * INFO, OBJECT_OPEN, STAT, FLUSH, DISCARD and raw calls. */
#include "guest/lib/platform.h"
#include "guest/lib/submit.h"
#include "guest/lib/transport.h"
#include "holdfast/guest.h"

uint64_t hf_call_at(uint32_t call, hf_gpa argument_page)
{
    return hf_transport_call(call, argument_page);
}

uint64_t hf_call(uint32_t call, const void *argument_page)
{
    hf_gpa gpa;

    if (!hf_platform_gpa(argument_page, &gpa))
        return HF_BAD_ADDRESS;
    return hf_transport_call(call, gpa);
}

int hf_info(struct hf_info *info)
{
    *info = (struct hf_info){0};
    return hf_submit(HF_CALL_INFO, info, sizeof *info);
}

int hf_object_open(const char *name, struct hf_object_open *object)
{
    size_t length = 0;

    *object = (struct hf_object_open){0};
    while (length < sizeof object->name && name[length] != '\0') {
        object->name[length] = name[length];
        length++;
    }
    if (length == sizeof object->name)
        return HF_NO_OBJECT; /* longer than any name */
    return hf_submit(HF_CALL_OBJECT_OPEN, object, sizeof *object);
}

int hf_stat(const struct hf_window *window, struct hf_stat *stat)
{
    *stat = (struct hf_stat){.window = window->handle};
    return hf_submit(HF_CALL_STAT, stat, sizeof *stat);
}

int hf_flush(uint32_t object)
{
    struct hf_flush call = {.object = object};

    return hf_submit(HF_CALL_FLUSH, &call, sizeof call);
}

int hf_discard(uint32_t object, uint64_t first, uint64_t pages)
{
    struct hf_discard call = {.first = first, .pages = pages, .object = object};

    return hf_submit(HF_CALL_DISCARD, &call, sizeof call);
}
