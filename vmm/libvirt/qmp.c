/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/qmp.h"

#include "vmm/libvirt/commands.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/room.h"
#include "vmm/log.h"
#include "vmm/utf8.h"

#include <string.h>

static json_t *failure(const char *class, const char *why)
{
    struct error text;

    error_set(&text, "%s", why);
    utf8_repair(text.text); /* what it quotes may have been cut in the middle of a character */
    return json_pack("{s:{s:s, s:s}}", "error", "class", class, "desc", text.text);
}

static qmp_command *find(const struct qmp_entry *entries, const char *name)
{
    for (; entries->name != NULL; entries++)
        if (strcmp(entries->name, name) == 0)
            return entries->answer;
    return NULL;
}

static json_t *answer_unknown(const char *name)
{
    static struct log_limit limit;
    struct error error;

    error_set(&error, "%.100s", name); /* for the log: without control characters */
    log_limited(&limit, "monitor: %s is not known here", error.text);
    error_set(&error, "The command %.100s has not been found", name);
    return failure("CommandNotFound", error.text);
}

static json_t *perform(struct libvirt *libvirt, const char *name, const json_t *arguments)
{
    struct error error = {"out of memory"};
    qmp_command *command = find(qmp_emulator_commands, name);

    if (command == NULL && libvirt->vm.machine != NULL)
        command = find(qmp_machine_commands, name);
    const char *refusal = command == NULL ? qmp_refusal(name) : NULL;
    if (refusal != NULL) {
        error_set(&error, "not possible with Holdfast: %s", refusal);
        return failure("GenericError", error.text);
    }
    if (command == NULL)
        return answer_unknown(name);
    json_t *result = command(libvirt, arguments, &error);
    return result != NULL ? json_pack("{s:o}", "return", result)
                          : failure("GenericError", error.text);
}

static json_t *negotiate(struct qmp_client *client, const char *name)
{
    if (strcmp(name, "qmp_capabilities") != 0)
        return failure("CommandNotFound",
                       "Expecting capabilities negotiation with 'qmp_capabilities'");
    client->negotiated = true;
    return json_pack("{s:{}}", "return");
}

static json_t *check_members(const json_t *request)
{
    const char *key;
    json_t *value;
    struct error error;

    json_object_foreach((json_t *)request, key, value)
    {
        if (strcmp(key, "execute") != 0 && strcmp(key, "arguments") != 0 &&
            strcmp(key, "id") != 0) {
            error_set(&error, "QMP input member '%.100s' is unexpected", key);
            return failure("GenericError", error.text);
        }
    }
    value = json_object_get(request, "arguments");
    if (value != NULL && !json_is_object(value))
        return failure("GenericError", "QMP input member 'arguments' must be an object");
    return NULL;
}

static json_t *answer_request(struct libvirt *libvirt, struct qmp_client *client,
                              const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "execute"));
    json_t *reply = check_members(request);

    if (reply != NULL)
        return reply;
    if (name == NULL)
        return failure("GenericError", "QMP input lacks a string 'execute'");
    if (!client->negotiated)
        return negotiate(client, name);
    if (strcmp(name, "qmp_capabilities") == 0)
        return failure("CommandNotFound",
                       "Capabilities negotiation is already complete, command ignored");
    return perform(libvirt, name, json_object_get(request, "arguments"));
}

static json_t *answer_value(struct libvirt *libvirt, struct qmp_client *client, const char *text,
                            size_t length)
{
    json_error_t cause;
    struct error error;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &cause);

    if (request == NULL) {
        error_set(&error, "JSON parse error, %.200s", cause.text);
        return failure("GenericError", error.text);
    }
    json_t *reply = json_is_object(request)
                        ? answer_request(libvirt, client, request)
                        : failure("GenericError", "QMP input must be a JSON object");
    json_t *id = json_object_get(request, "id");
    if (reply != NULL && id != NULL)
        json_object_set(reply, "id", id);
    json_decref(request);
    return reply;
}

static json_t *answer(struct libvirt *libvirt, struct qmp_client *client,
                      enum qmp_frame_result found, const char *text, size_t length)
{
    switch (found) {
    case QMP_FRAME_WHOLE:
        return answer_value(libvirt, client, text, length);
    case QMP_FRAME_DEEP:
        return failure("GenericError", "JSON parse error, nested too deep");
    case QMP_FRAME_BROKEN_OFF:
        return failure("GenericError", "JSON parse error, broken off before its end");
    default:
        return failure("GenericError", "QMP input must be a JSON object");
    }
}

void qmp_answer(struct libvirt *libvirt, struct qmp_client *client, enum qmp_frame_result found,
                const char *text, size_t length)
{
    json_t *reply = answer(libvirt, client, found, text, length);
    /* What the command has caused comes before its reply: whoever has the reply knows the state. */
    events_tell(libvirt);
    qmp_client_send(client, reply);
}

json_t *qmp_greeting(void)
{
    return json_pack("{s:{s:o, s:[]}}", "QMP", "version", qmp_version(), "capabilities");
}
