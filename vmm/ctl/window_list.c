/* SPDX-License-Identifier: MIT
 * All windows of a VM, collected over as many calls as it takes. */
#include "vmm/ctl/window_list.h"

#include "vmm/ctl/call.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A VM has far fewer; a server that never comes to an end must not fill our memory, nor keep us. */
#define WINDOWS_SANE ((size_t)1 << 14)
#define LIST_MS      20000u

static enum exit_code add(struct window_list *list, const MESSAGE(ListWindowsReply) * reply,
                          struct error *error)
{
    if (reply->n_windows == 0)
        return EXIT_OK;
    size_t count = list->count + reply->n_windows;
    if (count > WINDOWS_SANE) {
        error_set(error, "the VM tells of more than %zu windows, which no VM can have",
                  WINDOWS_SANE);
        return EXIT_CONTACT;
    }
    void *windows = reallocarray(list->windows, count, sizeof list->windows[0]);
    if (windows == NULL) {
        error_set(error, "out of memory with %zu windows", count);
        return EXIT_FAILED;
    }
    list->windows = windows;
    for (size_t i = 0; i < reply->n_windows; i++) {
        MESSAGE(Window) *window = &list->windows[list->count++];
        *window = *reply->windows[i];
        window->base.unknown_fields = NULL; /* these are the reply's */
        window->base.n_unknown_fields = 0;
    }
    return EXIT_OK;
}

enum exit_code window_list_get(struct peer *peer, struct window_list *list, struct error *error)
{
    const Response *response;
    MESSAGE(ListWindowsRequest) call = MESSAGE_INIT(LIST_WINDOWS_REQUEST);
    Request request = REQUEST_INIT;
    enum exit_code code;
    request.list_windows = &call;
    request.call_case = CALL(LIST_WINDOWS);
    *list = (struct window_list){0};
    peer->until_ms = peer_clock_ms() + LIST_MS;
    for (;;) {
        code = peer_call(peer, &request, &response, error);
        if (code == EXIT_OK)
            code = add(list, response->list_windows, error);
        /* A server whose next does not grow, or grows without windows, would keep us for ever. */
        if (code != EXIT_OK || response->list_windows->n_windows == 0 ||
            response->list_windows->next <= call.from_page)
            break;
        call.from_page = response->list_windows->next;
    }
    peer->until_ms = 0;
    if (code != EXIT_OK)
        window_list_free(list);
    return code;
}

void window_list_free(struct window_list *list)
{
    free(list->windows);
    *list = (struct window_list){0};
}

json_t *window_json(const MESSAGE(Window) * window)
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
