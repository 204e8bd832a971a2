/* SPDX-License-Identifier: MIT */
#include "guarantee.h"

#include "cgroup.h"
#include "lock.h"
#include "vmm/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MEMORY_MERGE /* Linux 6.4 */
#define PR_SET_MEMORY_MERGE 67
#endif

/* A VMM may be started with all its memory to be merged, for instance by MemoryKSM= of systemd. KSM
 * would give the ballast away, whose pages are all alike, and take pages that are locked. */
static void refuse_merging(void)
{
    prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0); /* a kernel that does not know this does not merge */
}

static bool leave_oom_killer(void)
{
    const int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    char value[16] = "";

    if (fd < 0)
        return false;
    ssize_t written = write(fd, "-1000", 5);
    (void)written; /* what counts is what is there now */
    const ssize_t got = pread(fd, value, sizeof value - 1, 0);
    close(fd);
    return got > 0 && strncmp(value, "-1000", 5) == 0;
}

/* What the limits that cannot be seen mean. false: none is known, and in a cgroup that runs full
 * the OOM killer would end another process in place of the VMM. */
static bool tell_view(void)
{
    switch (cgroup_look()) {
    case CGROUP_LIMIT_SEEN:
        log_line_about(
            &log_warning,
            "not all memory cgroups can be seen, as in a container: RAM is made by the limits "
            "that can; one that cannot may be lower");
        return true;
    case CGROUP_NOTHING_SEEN:
        log_line_about(
            &log_warning,
            "the limits of the memory cgroups cannot be seen, as in a container: RAM is taken "
            "as the guest touches it, and the OOM killer may end the VMM");
        return false;
    case CGROUP_ALL_SEEN:
        break;
    }
    return true;
}

int guarantee_protect_process(enum guarantee guarantee, struct guarantee_of_process *result,
                              struct error *error)
{
    *result = (struct guarantee_of_process){0};
    if (guarantee == GUARANTEE_OFF)
        return 0;
    if (guarantee == GUARANTEE_STRICT && cgroup_check_own(error) < 0)
        return -1;
    refuse_merging();
    result->program_locked = lock_all_in_memory();
    if (guarantee == GUARANTEE_STRICT && !result->program_locked)
        return error_set(error,
                         "--guarantee strict: cannot lock the VMM in memory: %s; give it "
                         "CAP_IPC_LOCK or raise the limit (ulimit -l)",
                         strerror(errno));
    if (guarantee == GUARANTEE_BEST_EFFORT && !tell_view())
        return 0;
    result->oom_protected = leave_oom_killer();
    if (guarantee == GUARANTEE_STRICT && !result->oom_protected)
        return error_set(error, "--guarantee strict: cannot set oom_score_adj to -1000, so that "
                                "the OOM killer might end the VM; run as root or start it with "
                                "that value");
    return 0;
}
