/* SPDX-License-Identifier: MIT */
#include "protections.h"

#include "landlock.h"
#include "seal.h"
#include "vmm/cause.h"
#include "vmm/log.h"

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
static int hide_memory(const struct memory_places *places)
{
    (void)places;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
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

enum { NO_PRIVILEGES, CORE_FILES, SEAL, LANDLOCK, NOT_DUMPABLE, PROTECTIONS };

static struct sandbox_protection protections[PROTECTIONS] = {
    [NO_PRIVILEGES] = {.name = "no new privileges"},
    [CORE_FILES] = {.name = "guest memory left out of core files"},
    [SEAL] = {.name = "RAM and program sealed"},
    [LANDLOCK] = {.name = "files closed by Landlock"},
    [NOT_DUMPABLE] = {.name = "not dumpable"},
};

/* Each 0, or -1 with errno. The last has the files of the process in /proc be root's. */
static int (*const steps[PROTECTIONS])(const struct memory_places *places) = {
    [NO_PRIVILEGES] = take_no_privileges,
    [CORE_FILES] = leave_guest_out_of_core_files,
    [SEAL] = seal,
    [LANDLOCK] = landlock_prepare,
    [NOT_DUMPABLE] = hide_memory,
};

void protections_refuse(const char *why)
{
    for (int i = 0; i < PROTECTIONS; i++)
        snprintf(protections[i].why_not, sizeof protections[i].why_not, "%s", why);
}

static void tell_missing(void)
{
    char text[300] = "";

    for (int i = 0; i < PROTECTIONS; i++) {
        const size_t length = strlen(text);
        if (!protections[i].is_on)
            snprintf(text + length, sizeof text - length, "%s%s (%s)", length > 0 ? ", " : "",
                     protections[i].name, protections[i].why_not);
    }
    if (text[0] != '\0')
        log_line("runs without what this host's kernel does not give: %s", text);
}

void protections_apply(const struct memory_places *places)
{
    for (int i = 0; i < PROTECTIONS; i++) {
        struct sandbox_protection *protection = &protections[i];
        protection->is_on = steps[i](places) == 0;
        snprintf(protection->why_not, sizeof protection->why_not, "%s",
                 protection->is_on ? "" : cause_text(errno));
    }
    tell_missing();
}

uint32_t sandbox_protections(const struct sandbox_protection **list)
{
    *list = protections;
    return PROTECTIONS;
}
