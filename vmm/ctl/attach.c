/* SPDX-License-Identifier: MIT
 * holdfastctl attach and detach. */
#include "vmm/cause.h"
#include "vmm/ctl/call.h"
#include "vmm/ctl/report.h"
#include "vmm/memory/object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The VMM has a working directory of its own. */
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

/* Has the request answered and prints what was done. */
static enum exit_code perform(const struct options *options, const char *vm, Request *request,
                              const char *verb, const char *object)
{
    struct peer peer;
    const Response *response;
    enum exit_code code = peer_ask(&peer, vm, request, &response, options);
    if (code != EXIT_OK)
        return code;
    peer_close(&peer);
    if (options->json)
        return report_json(options, json_pack("{s:o, s:o}", "vm", report_json_text(vm), verb,
                                              report_json_text(object)));
    printf("%s %s\n", verb, object);
    return EXIT_OK;
}

enum exit_code run_attach(const struct options *options, char **arguments)
{
    struct object_spec spec;
    struct error error;
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;

    if (object_parse(arguments[1], &spec, &error) != 0 || make_absolute(&spec, &error) != 0)
        return report_failure(options, EXIT_USAGE, &error);
    attach.name = spec.name;
    attach.path.data = (uint8_t *)spec.path;
    attach.path.len = strlen(spec.path);
    attach.bytes = spec.bytes;
    attach.read_only = spec.read_only;
    attach.create = spec.create;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    return perform(options, arguments[0], &request, "attached", spec.name);
}

enum exit_code run_detach(const struct options *options, char **arguments)
{
    MESSAGE(DetachRequest) detach = MESSAGE_INIT(DETACH_REQUEST);
    Request request = REQUEST_INIT;
    detach.name = arguments[1];
    detach.force = options->force;
    request.detach = &detach;
    request.call_case = CALL(DETACH);
    return perform(options, arguments[0], &request, "detached", arguments[1]);
}
