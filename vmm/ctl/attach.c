/* SPDX-License-Identifier: MIT
 * holdfastctl attach and detach. */
#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"

#include <stdio.h>

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

enum exit_code run_attach(const struct options *options, char **arguments)
{
    /* What is wrong with the words is told before anything else. */
    const struct holdfast_reply *words = holdfast_read_words(arguments[1]);
    enum exit_code code = vm_judge(options, words);
    if (code == EXIT_OK) {
        struct holdfast *connection = holdfast_connect(arguments[0]);
        const struct holdfast_reply *reply = holdfast_attach(connection, arguments[1]);
        holdfast_close(connection);
        code = vm_judge(options, reply);
        holdfast_free(reply);
    }
    if (code == EXIT_OK)
        code = tell(options, arguments[0], "attached", words->object_words->name);
    holdfast_free(words);
    return code;
}

enum exit_code run_detach(const struct options *options, char **arguments)
{
    struct holdfast *connection = holdfast_connect(arguments[0]);
    const struct holdfast_reply *reply = holdfast_detach(connection, arguments[1], options->force);
    holdfast_close(connection);
    const enum exit_code code = vm_judge(options, reply);
    holdfast_free(reply);
    return code == EXIT_OK ? tell(options, arguments[0], "detached", arguments[1]) : code;
}
