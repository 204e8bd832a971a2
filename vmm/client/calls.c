/* SPDX-License-Identifier: MIT
 * Calls that take arguments. */
#include "vmm/client/connection.h"
#include "vmm/client/wait.h"

#include <string.h>

uint64_t holdfast_send_windows(struct holdfast *connection, uint64_t from_page, uint32_t limit)
{
    MESSAGE(ListWindowsRequest) call = MESSAGE_INIT(LIST_WINDOWS_REQUEST);
    Request request = REQUEST_INIT;
    call.from_page = from_page;
    call.limit = limit;
    request.list_windows = &call;
    request.call_case = CALL(LIST_WINDOWS);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_windows(struct holdfast *connection, uint64_t from_page,
                                              uint32_t limit)
{
    return WAIT_FOR(connection, holdfast_send_windows(connection, from_page, limit));
}

uint64_t holdfast_send_attach_file(struct holdfast *connection, const char *name,
                                   const char *source, uint64_t bytes, bool read_only,
                                   int descriptor)
{
    MESSAGE(AttachRequest) call = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    if ((descriptor >= 0) != (source != NULL && source[0] != '\0'))
        return request_fail(connection, HOLDFAST_BAD_ARGUMENT,
                            "a file takes a name for people, and a memfd takes none");
    call.name = (char *)(uintptr_t)name;
    if (source != NULL) {
        call.path.data = (uint8_t *)(uintptr_t)source;
        call.path.len = strlen(source);
    }
    call.bytes = bytes;
    call.read_only = read_only;
    call.handed_over = descriptor >= 0;
    request.attach = &call;
    request.call_case = CALL(ATTACH);
    return request_send(connection, &request, descriptor, 0);
}

const struct holdfast_reply *holdfast_attach_file(struct holdfast *connection, const char *name,
                                                  const char *source, uint64_t bytes,
                                                  bool read_only, int descriptor)
{
    return WAIT_FOR(connection, holdfast_send_attach_file(connection, name, source, bytes,
                                                          read_only, descriptor));
}

uint64_t holdfast_send_detach(struct holdfast *connection, const char *name, bool force)
{
    MESSAGE(DetachRequest) call = MESSAGE_INIT(DETACH_REQUEST);
    Request request = REQUEST_INIT;
    call.name = (char *)(uintptr_t)name;
    call.force = force;
    request.detach = &call;
    request.call_case = CALL(DETACH);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_detach(struct holdfast *connection, const char *name,
                                             bool force)
{
    return WAIT_FOR(connection, holdfast_send_detach(connection, name, force));
}

uint64_t holdfast_send_picture(struct holdfast *connection, uint32_t cells)
{
    MESSAGE(PictureRequest) call = MESSAGE_INIT(PICTURE_REQUEST);
    Request request = REQUEST_INIT;
    call.cells = cells;
    request.picture = &call;
    request.call_case = CALL(PICTURE);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_picture(struct holdfast *connection, uint32_t cells)
{
    return WAIT_FOR(connection, holdfast_send_picture(connection, cells));
}

uint64_t holdfast_send_set_quota(struct holdfast *connection, uint32_t tag, uint64_t windows,
                                 uint64_t pages, uint64_t extents)
{
    MESSAGE(Amounts) quota = MESSAGE_INIT(AMOUNTS);
    MESSAGE(SetQuotaRequest) call = MESSAGE_INIT(SET_QUOTA_REQUEST);
    Request request = REQUEST_INIT;
    quota.windows = windows;
    quota.pages = pages;
    quota.extents = extents;
    call.tag = tag;
    call.quota = &quota;
    request.set_quota = &call;
    request.call_case = CALL(SET_QUOTA);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_set_quota(struct holdfast *connection, uint32_t tag,
                                                uint64_t windows, uint64_t pages, uint64_t extents)
{
    return WAIT_FOR(connection, holdfast_send_set_quota(connection, tag, windows, pages, extents));
}

uint64_t holdfast_send_drill(struct holdfast *connection, enum holdfast_primitive primitive,
                             uint32_t count, uint32_t milliseconds)
{
    MESSAGE(DrillRequest) call = MESSAGE_INIT(DRILL_REQUEST);
    Request request = REQUEST_INIT;
    call.primitive = (Holdfast__Control__V1__Primitive)primitive;
    call.count = count;
    call.wait_ms = milliseconds;
    request.drill = &call;
    request.call_case = CALL(DRILL);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_drill(struct holdfast *connection,
                                            enum holdfast_primitive primitive, uint32_t count,
                                            uint32_t milliseconds)
{
    return WAIT_FOR(connection, holdfast_send_drill(connection, primitive, count, milliseconds));
}

uint64_t holdfast_send_events(struct holdfast *connection, uint64_t after, uint32_t milliseconds)
{
    MESSAGE(EventsRequest) call = MESSAGE_INIT(EVENTS_REQUEST);
    Request request = REQUEST_INIT;
    const uint32_t wait = milliseconds < EVENTS_WAIT_MS ? milliseconds : EVENTS_WAIT_MS;
    call.after = after;
    call.wait_ms = wait;
    call.from_now = after == HOLDFAST_EVENTS_NEW;
    request.events = &call;
    request.call_case = CALL(EVENTS);
    return request_send(connection, &request, -1, wait);
}

const struct holdfast_reply *holdfast_events(struct holdfast *connection, uint64_t after,
                                             uint32_t milliseconds)
{
    return WAIT_FOR(connection, holdfast_send_events(connection, after, milliseconds));
}
