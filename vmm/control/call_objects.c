/* SPDX-License-Identifier: MIT
 * ListObjects, Attach and Detach. */
#include "vmm/arena/operators.h"
#include "vmm/control/calls.h"
#include "vmm/log.h"
#include "vmm/machine/machine.h"
#include "vmm/memory/object.h"

#include <string.h>

static bool describe(struct call *call, MESSAGE(Object) * object, const struct object_state *state)
{
    *object = (MESSAGE(Object))MESSAGE_INIT(OBJECT);
    object->id = state->id;
    object->bytes = state->bytes;
    object->writable = state->writable;
    object->extents = state->extents;
    object->name = call_text(call, state->name);
    object->source = call_text(call, state->source);
    object->kind = call_text(call, state->kind);
    return object->name != NULL && object->source != NULL && object->kind != NULL;
}

static bool fill_objects(struct call *call, MESSAGE(ListObjectsReply) * reply,
                         const struct object_state *states, uint32_t count)
{
    MESSAGE(Object) *objects = call_memory(call, count, sizeof *objects);
    MESSAGE(Object) **list = call_memory(call, count, sizeof *list);
    if (objects == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!describe(call, &objects[i], &states[i]))
            return false;
        list[i] = &objects[i];
    }
    reply->objects = list;
    reply->n_objects = count;
    return true;
}

void call_list_objects(struct call *call)
{
    MESSAGE(ListObjectsReply) *reply = call_memory(call, 1, sizeof *reply);
    struct object_state *states = call_memory(call, BACKINGS_OBJECTS, sizeof *states);
    if (reply == NULL || states == NULL)
        return;
    *reply = (MESSAGE(ListObjectsReply))MESSAGE_INIT(LIST_OBJECTS_REPLY);
    uint32_t count = arena_objects(call->service->arena, states, BACKINGS_OBJECTS);
    if (!fill_objects(call, reply, states, count))
        return;
    call->response->list_objects = reply;
    call->response->reply_case = REPLY(LIST_OBJECTS);
}

/* Copies what the client asked for; false if that was answered with a failure. */
static bool read_spec(struct call *call, struct object_spec *spec)
{
    const MESSAGE(AttachRequest) *request = call->request->attach;
    const ProtobufCBinaryData *path = &request->path;

    *spec = (struct object_spec){.bytes = request->bytes, .read_only = request->read_only};
    if (strlen(request->name) >= sizeof spec->name) {
        call_fail(call, STATUS(BAD_REQUEST), "the object's name has more than %zu characters",
                  sizeof spec->name - 1);
        return false;
    }
    strcpy(spec->name, request->name);
    if (path->len >= sizeof spec->path ||
        (path->len > 0 && memchr(path->data, 0, path->len) != NULL)) {
        call_fail(call, STATUS(BAD_REQUEST),
                  "the path of object %s has more than %zu bytes, or a NUL among them", spec->name,
                  sizeof spec->path - 1);
        return false;
    }
    if (path->len > 0)
        memcpy(spec->path, path->data, path->len);
    return true;
}

/* A file comes open, or not at all; a memfd is made here. */
static bool check_descriptor(struct call *call, const struct object_spec *spec)
{
    const bool has_path = spec->path[0] != '\0';
    struct error error;

    if (call->request->attach->handed_over && *call->descriptor < 0)
        call_fail(call, STATUS(BAD_REQUEST),
                  "object %s: the descriptor that was to come with the request did not arrive; the "
                  "VMM may have too many open files (ulimit -n)",
                  spec->name);
    else if (call->request->attach->handed_over && !has_path)
        call_fail(call, STATUS(BAD_REQUEST), "object %s: a descriptor came without a name for it",
                  spec->name);
    else if (!call->request->attach->handed_over && has_path)
        call_fail(call, STATUS(BAD_REQUEST),
                  "object %s: this VMM opens no file for a client, but takes one that is open; use "
                  "a holdfastctl that speaks protocol 1.%u",
                  spec->name, PROTOCOL_MINOR);
    else if (object_check(spec, &error) != 0)
        call_fail(call, STATUS(BAD_REQUEST), "%s", error.text);
    else
        return true;
    return false;
}

static int attach(struct call *call, const struct object_spec *spec, struct error *error)
{
    const int fd = *call->descriptor;

    if (!call->request->attach->handed_over)
        return arena_attach(call->service->arena, spec, NULL, error);
    *call->descriptor = -1;
    return arena_attach_file(call->service->arena, spec, fd, error);
}

void call_attach(struct call *call)
{
    MESSAGE(AttachReply) *reply = call_memory(call, 1, sizeof *reply);
    struct object_spec *spec = call_memory(call, 1, sizeof *spec);
    struct error error;
    if (reply == NULL || spec == NULL || !read_spec(call, spec) || !check_descriptor(call, spec))
        return;
    if (attach(call, spec, &error) != 0) {
        call_fail(call, STATUS(FAILED), "%s", error.text);
        return;
    }
    log_line("control: attached object %s", spec->name);
    machine_objects_changed(call->service->machine);
    *reply = (MESSAGE(AttachReply))MESSAGE_INIT(ATTACH_REPLY);
    call->response->attach = reply;
    call->response->reply_case = REPLY(ATTACH);
}

void call_detach(struct call *call)
{
    const MESSAGE(DetachRequest) *request = call->request->detach;
    MESSAGE(DetachReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL)
        return;
    if (strlen(request->name) >= HF_OBJECT_NAME_MAX) {
        call_fail(call, STATUS(NOT_FOUND), "no object has a name of more than %u characters",
                  HF_OBJECT_NAME_MAX - 1);
        return;
    }
    switch (arena_detach(call->service->arena, request->name, request->force)) {
    case ARENA_NO_OBJECT:
        call_fail(call, STATUS(NOT_FOUND), "no object named '%.64s' is attached", request->name);
        return;
    case ARENA_IN_USE:
        call_fail(
            call, STATUS(IN_USE),
            "object %.64s is mapped in a window; unmap it in the guest, or detach it by force",
            request->name);
        return;
    case ARENA_BUSY:
        call_fail(
            call, STATUS(BUSY),
            "a call of the guest on pages of object %.64s waits for the host's memory; try again",
            request->name);
        return;
    case ARENA_DETACHED:
        break;
    }
    log_line("control: detached object %.64s%s", request->name, request->force ? " by force" : "");
    machine_objects_changed(call->service->machine);
    *reply = (MESSAGE(DetachReply))MESSAGE_INIT(DETACH_REPLY);
    call->response->detach = reply;
    call->response->reply_case = REPLY(DETACH);
}
