/* SPDX-License-Identifier: MIT */
#include "protections.h"

#include "capabilities.h"
#include "landlock.h"
#include "namespaces.h"
#include "seal.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/process/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int take_no_privileges(const struct memory_places *places)
{
    (void)places;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Nobody but root may trace the process, or look into its memory, and it leaves no core file. */
int protections_hide_memory(void)
{
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int hide_memory(const struct memory_places *places)
{
    (void)places;
    return protections_hide_memory();
}

/* Only private memory, and nothing of it in files. RAM is left out of core files anyhow, but is to
 * be seen in windows, too. */
static int leave_guest_out_of_core_files(const struct memory_places *places)
{
    static const char private_memory[] = "0x11";
    const int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

    (void)places;
    if (fd < 0)
        return -1;
    const ssize_t written = write(fd, private_memory, sizeof private_memory - 1);
    const int cause = errno;
    close(fd);
    errno = cause;
    return written > 0 ? 0 : -1;
}

static int seal(const struct memory_places *places)
{
    return seal_range(places->ram.begin, places->ram.end) < 0 || seal_programs() < 0 ? -1 : 0;
}

static int make_network(const struct memory_places *places)
{
    (void)places;
    return namespaces_make_network();
}

enum {
    USER,
    CAPABILITIES,
    NO_PRIVILEGES,
    CORE_FILES,
    SEAL,
    LANDLOCK,
    FILES,
    NETWORK,
    NOT_DUMPABLE,
    PROTECTIONS
};

static struct sandbox_protection protections[PROTECTIONS] = {
    [USER] = {.name = "another user than root"},
    [CAPABILITIES] = {.name = "all capabilities dropped"},
    [NO_PRIVILEGES] = {.name = "no new privileges"},
    [CORE_FILES] = {.name = "guest memory left out of core files"},
    [SEAL] = {.name = "RAM and program sealed"},
    [LANDLOCK] = {.name = "files closed by Landlock"},
    [FILES] = {.name = "file system of its own, next to empty"},
    [NETWORK] = {.name = "network of its own, empty"},
    [NOT_DUMPABLE] = {.name = "not dumpable"},
};

static int look_at_user(const struct memory_places *places)
{
    (void)places;
    if (user_at_run() != 0)
        return 0;
    snprintf(protections[USER].why_not, sizeof protections[USER].why_not, "%s", user_why_root());
    return -1;
}

static int prepare_capabilities(const struct memory_places *places)
{
    (void)places;
    return capabilities_prepare(protections[CAPABILITIES].why_not,
                                sizeof protections[CAPABILITIES].why_not);
}

/* Each 0, or -1 with errno or a text why not. The last has the files of the process in /proc be
 * root's. */
static int (*const steps[PROTECTIONS])(const struct memory_places *places) = {
    [USER] = look_at_user,
    [CAPABILITIES] = prepare_capabilities,
    [NO_PRIVILEGES] = take_no_privileges,
    [CORE_FILES] = leave_guest_out_of_core_files,
    [SEAL] = seal,
    [LANDLOCK] = landlock_prepare,
    [FILES] = namespaces_make_files,
    [NETWORK] = make_network,
    [NOT_DUMPABLE] = hide_memory,
};

/* Whether a line at the start is worth it: not for what is as the operator wants it. */
static bool is_told(int which)
{
    const bool is_roots = which == FILES || which == NETWORK;

    return which != USER && which != CAPABILITIES && (!is_roots || geteuid() == 0);
}

static void tell_missing(void)
{
    char text[300] = "";

    for (int i = 0; i < PROTECTIONS; i++) {
        const size_t length = strlen(text);
        if (!protections[i].is_on && is_told(i))
            snprintf(text + length, sizeof text - length, "%s%s (%s)", length > 0 ? ", " : "",
                     protections[i].name, protections[i].why_not);
    }
    if (text[0] != '\0')
        log_line_about(&log_warning, "runs without what this host's kernel does not give: %s",
                       text);
}

static bool is_wanted(int which, bool is_off)
{
    return !is_off || which == USER || (which == CAPABILITIES && user_changes());
}

static void apply(struct sandbox_protection *protection, bool is_wanted,
                  int (*step)(const struct memory_places *places),
                  const struct memory_places *places)
{
    protection->why_not[0] = '\0';
    protection->is_on = is_wanted && step(places) == 0;
    if (!protection->is_on && protection->why_not[0] == '\0')
        snprintf(protection->why_not, sizeof protection->why_not, "%s",
                 is_wanted ? cause_text(errno) : "--sandbox off");
}

void protections_apply(const struct memory_places *places, bool is_off)
{
    for (int i = 0; i < PROTECTIONS; i++)
        apply(&protections[i], is_wanted(i, is_off), steps[i], places);
    if (!is_off)
        tell_missing();
}

uint32_t sandbox_protections(const struct sandbox_protection **list)
{
    *list = protections;
    return PROTECTIONS;
}
