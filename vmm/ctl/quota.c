/* SPDX-License-Identifier: MIT
 * holdfastctl quota. */
#include "vmm/options/quota.h"

#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"

#include <inttypes.h>
#include <stdio.h>

static int parse(char **arguments, uint32_t *tag, struct tag_amounts *quota, struct error *error)
{
    *quota = (struct tag_amounts){0};
    if (quota_parse_tag(arguments[1], tag, error) != 0)
        return -1;
    for (char **word = arguments + 2; *word != NULL; word++)
        if (quota_parse_word(*word, quota, error) != 0)
            return -1;
    return 0;
}

static enum exit_code print_json(const struct options *options, const char *vm, uint32_t tag,
                                 const char *text, const struct tag_amounts *quota)
{
    return report_json(options,
                       json_pack("{s:o, s:o, s:s, s:{s:o, s:o, s:o}}", "vm", report_json_text(vm),
                                 "tag", report_json_number(tag), "tag_text", text, "quota",
                                 "windows", report_json_number(quota->windows), "pages",
                                 report_json_number(quota->pages), "extents",
                                 report_json_number(quota->extents)));
}

static void print_limit(const char *name, uint64_t limit)
{
    if (limit > 0)
        printf(" %s=%" PRIu64, name, limit);
}

static void print(const char *vm, const char *text, const struct tag_amounts *quota)
{
    if (quota->windows == 0 && quota->pages == 0 && quota->extents == 0) {
        printf("%s: tag %s has no quota\n", vm, text);
        return;
    }
    printf("%s: quota of tag %s:", vm, text);
    print_limit("windows", quota->windows);
    print_limit("pages", quota->pages);
    print_limit("extents", quota->extents);
    printf("\n");
}

enum exit_code run_quota(const struct options *options, char **arguments)
{
    struct error error;
    struct tag_amounts quota;
    uint32_t tag;
    char text[TEXT_NUMBER];
    if (parse(arguments, &tag, &quota, &error) != 0)
        return report_failure(options, EXIT_USAGE, &error);
    struct holdfast *connection = holdfast_connect(arguments[0]);
    const struct holdfast_reply *reply =
        holdfast_set_quota(connection, tag, quota.windows, quota.pages, quota.extents);
    holdfast_close(connection);
    const enum exit_code code = vm_judge(options, reply);
    holdfast_free(reply);
    if (code != EXIT_OK)
        return code;
    text_tag(tag, text);
    if (options->json)
        return print_json(options, arguments[0], tag, text, &quota);
    print(arguments[0], text, &quota);
    return EXIT_OK;
}
