/* SPDX-License-Identifier: MIT
 * Attaching by the words of an object: the file is opened with the rights of this process. */
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include "vmm/memory/object.h"

#include <unistd.h>

/* The VM is there already, so that no file is made for one that is not. */
static const struct holdfast_reply *open_and_hand_over(struct holdfast *connection,
                                                       const struct object_spec *spec)
{
    struct made_file new_file = {0};
    struct error error;
    const bool has_file = spec->path[0] != '\0';
    const int fd = has_file ? object_open_path(spec, &new_file, &error) : -1;
    if (has_file && fd < 0)
        return reply_failure(0, HOLDFAST_NO_FILE, error.text);
    const struct holdfast_reply *reply =
        holdfast_attach_file(connection, spec->name, spec->path, spec->bytes, spec->read_only, fd);
    /* Where that takes long, it goes on after the answer. */
    if (holdfast_is_refusal(reply->status))
        made_file_remove(&new_file, spec->path);
    if (fd >= 0)
        close(fd);
    return reply;
}

const struct holdfast_reply *holdfast_attach(struct holdfast *connection, const char *words)
{
    struct object_spec spec;
    struct error error;
    if (connection == NULL)
        return &reply_no_memory;
    if (object_parse(words, &spec, &error) != 0 || object_path_make_absolute(&spec, &error) != 0)
        return reply_failure(0, HOLDFAST_BAD_ARGUMENT, error.text);
    const enum holdfast_status status = holdfast_status(connection);
    if (status != HOLDFAST_OK)
        return reply_failure(0, status, holdfast_text(connection));
    return open_and_hand_over(connection, &spec);
}

const struct holdfast_reply *holdfast_read_words(const char *words)
{
    struct object_spec spec;
    struct error error;
    if (object_parse(words, &spec, &error) != 0)
        return reply_failure(0, HOLDFAST_BAD_ARGUMENT, error.text);
    struct reply *reply = reply_new(sizeof spec + sizeof(struct holdfast_object_words) + 64);
    if (reply == NULL)
        return &reply_no_memory;
    struct holdfast_object_words *seen = REPLY_MAKE(reply, holdfast_object_words);
    const char *name = reply_text(reply, spec.name);
    const char *path = reply_text(reply, spec.path);
    if (seen == NULL || name == NULL || path == NULL) {
        holdfast_free(&reply->seen);
        return &reply_no_memory;
    }
    *seen = (struct holdfast_object_words){.name = name,
                                           .path = path,
                                           .bytes = spec.bytes,
                                           .read_only = spec.read_only,
                                           .create = spec.create};
    reply->seen.object_words = seen;
    return reply_finish(reply);
}
