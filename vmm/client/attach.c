/* SPDX-License-Identifier: MIT
 * Attaching by the words of an object: the file is opened with the rights of this process. */
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include "vmm/cause.h"
#include "vmm/memory/object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the VM is told is the same for whoever asks it, wherever that is. */
static int make_absolute(struct object_spec *spec, struct error *error)
{
    char here[sizeof spec->path];
    char whole[sizeof spec->path];
    if (spec->path[0] == '\0' || spec->path[0] == '/')
        return 0;
    if (getcwd(here, sizeof here) == NULL)
        return error_set(error, "cannot tell the working directory: %s", cause_text(errno));
    int length =
        snprintf(whole, sizeof whole, "%s/%s", strcmp(here, "/") == 0 ? "" : here, spec->path);
    if (length < 0 || (size_t)length >= sizeof whole)
        return error_set(error, "the path %.100s is too long", spec->path);
    strcpy(spec->path, whole);
    return 0;
}

/* Whether the VM has not attached it, and will not. */
static bool is_refusal(enum holdfast_status status)
{
    return status == HOLDFAST_TURNED_AWAY ||
           (status > HOLDFAST_OK && status <= HOLDFAST_FAILED && status != HOLDFAST_BUSY);
}

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
    if (is_refusal(reply->status))
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
    if (object_parse(words, &spec, &error) != 0 || make_absolute(&spec, &error) != 0)
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
