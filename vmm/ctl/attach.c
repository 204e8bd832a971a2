/* SPDX-License-Identifier: MIT
 * holdfastctl attach and detach. */
#include "vmm/ctl/attach.h"

#include "vmm/cause.h"
#include "vmm/ctl/call.h"
#include "vmm/ctl/report.h"
#include "vmm/memory/object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the VM is told is the same for whoever asks it, wherever that is. */
int attach_make_absolute(struct object_spec *spec, struct error *error)
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

/* Prints what was done. */
static enum exit_code tell(const struct options *options, const char *vm, const char *verb,
                           const char *object)
{
    if (options->json)
        return report_json(options, json_pack("{s:o, s:o}", "vm", report_json_text(vm), verb,
                                              report_json_text(object)));
    printf("%s %s\n", verb, object);
    return EXIT_OK;
}

enum exit_code attach_hand_over(const struct object_spec *spec, struct peer *peer, int fd,
                                bool *is_refused, struct error *error)
{
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    const Response *response = NULL;

    attach.name = (char *)(uintptr_t)spec->name;
    attach.path.data = (uint8_t *)(uintptr_t)spec->path;
    attach.path.len = strlen(spec->path);
    attach.bytes = spec->bytes;
    attach.read_only = spec->read_only;
    attach.handed_over = fd >= 0;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    peer->descriptor = fd;
    const enum exit_code code = peer_call(peer, &request, &response, error);
    /* Where that takes long, it goes on after the answer. */
    *is_refused = code != EXIT_OK && response != NULL && response->status != STATUS(BUSY);
    return code;
}

/* Opens the object with the rights of this user: the VM opens nothing. The VM is there already, so
 * that no file is made for one that is not. */
static enum exit_code open_and_hand_over(const struct object_spec *spec, struct peer *peer,
                                         struct error *error)
{
    struct made_file new_file = {0};
    const bool has_file = spec->path[0] != '\0';
    const int fd = has_file ? object_open_path(spec, &new_file, error) : -1;

    if (has_file && fd < 0)
        return EXIT_FAILED;
    bool is_refused;
    const enum exit_code code = attach_hand_over(spec, peer, fd, &is_refused, error);
    if (is_refused)
        made_file_remove(&new_file, spec->path);
    if (fd >= 0)
        close(fd);
    return code;
}

enum exit_code run_attach(const struct options *options, char **arguments)
{
    struct object_spec spec;
    struct peer peer;
    struct error error;

    if (object_parse(arguments[1], &spec, &error) != 0 || attach_make_absolute(&spec, &error) != 0)
        return report_failure(options, EXIT_USAGE, &error);
    enum exit_code code = peer_open(&peer, arguments[0], &error);
    if (code != EXIT_OK)
        return report_failure(options, code, &error);
    code = open_and_hand_over(&spec, &peer, &error);
    peer_close(&peer);
    return code == EXIT_OK ? tell(options, arguments[0], "attached", spec.name)
                           : report_failure(options, code, &error);
}

enum exit_code run_detach(const struct options *options, char **arguments)
{
    MESSAGE(DetachRequest) detach = MESSAGE_INIT(DETACH_REQUEST);
    Request request = REQUEST_INIT;
    struct peer peer;
    const Response *response;

    detach.name = arguments[1];
    detach.force = options->force;
    request.detach = &detach;
    request.call_case = CALL(DETACH);
    enum exit_code code = peer_ask(&peer, arguments[0], &request, &response, options);
    if (code != EXIT_OK)
        return code;
    peer_close(&peer);
    return tell(options, arguments[0], "detached", arguments[1]);
}
