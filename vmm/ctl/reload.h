/* SPDX-License-Identifier: MIT
 * The steps of holdfastctl reload. All that can be refused is looked at, and every file opened,
 * before the first change. Each step returns EXIT_OK, or reports what has failed in it. */
#ifndef HOLDFAST_CTL_RELOAD_H
#define HOLDFAST_CTL_RELOAD_H

#include "vmm/ctl/report.h"
#include "vmm/ctl/vm.h"
#include "vmm/options/wanted.h"

#define TAGS_MOST    2048u
#define OBJECTS_MOST 1024u

/* An object that is to be attached. */
struct addition {
    const struct object_spec *spec;
    int fd; /* -1: a memfd, or handed over */
    struct made_file new_file;
};

struct removal {
    char name[HF_OBJECT_NAME_MAX];
};

struct change_of_quota {
    uint32_t tag;
    struct tag_amounts most; /* all 0: none any more */
};

struct reload {
    const struct options *options;
    struct holdfast *connection;
    struct wanted wanted;
    struct addition *additions; /* [wanted.object_count] */
    uint32_t addition_count;
    struct removal *removals; /* [OBJECTS_MOST] */
    uint32_t removal_count;
    struct change_of_quota *quotas; /* [TAGS_MOST] */
    uint32_t quota_count;
    json_t *attached, *detached, *limited, *restart; /* what has come of it */
    struct error error;
};

/* Reports the error of a step. Returns the code. */
static inline enum exit_code reload_fail(const struct reload *reload, enum exit_code code)
{
    return report_failure(reload->options, code, &reload->error);
}

/* Notes which objects and quotas are not as the file wants them. */
enum exit_code reload_plan_quotas(struct reload *reload);
enum exit_code reload_plan_objects(struct reload *reload);

/* Opens the files of the objects that are to be attached, with the rights of this user. */
enum exit_code reload_open_files(struct reload *reload);

/* Changes what was noted. */
enum exit_code reload_change_quotas(struct reload *reload);
enum exit_code reload_change_objects(struct reload *reload);

#endif
