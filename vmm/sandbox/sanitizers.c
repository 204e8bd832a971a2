/* SPDX-License-Identifier: MIT
 * What the runtime of gcc's sanitizers asks for, in a build with them: its own memory, reports with
 * the names of functions, and the search for leaks at the end, which traces all threads. Such a
 * build is for tests, and its filters are weaker. */
#include "rule.h"

#ifdef __SANITIZE_ADDRESS__

#define ALLOWED(call_name)                                                                         \
    {                                                                                              \
        CALL(call_name), .reason = "sanitizers"                                                    \
    }

static const struct sandbox_rule rules[] = {
    ALLOWED(mmap),         ALLOWED(munmap),         ALLOWED(mremap),
    ALLOWED(mprotect),     ALLOWED(madvise),        ALLOWED(brk),
    ALLOWED(sigaltstack),  ALLOWED(sched_yield),    ALLOWED(sched_getaffinity),
    ALLOWED(openat),       ALLOWED(open),           ALLOWED(read),
    ALLOWED(pread64),      ALLOWED(close),          ALLOWED(readlink),
    ALLOWED(stat),         ALLOWED(newfstatat),     ALLOWED(getdents64),
    ALLOWED(getdents),     ALLOWED(getrandom),      ALLOWED(statx),
    ALLOWED(lstat),        ALLOWED(pipe2),          ALLOWED(mincore),
    ALLOWED(getrlimit),    ALLOWED(prlimit64),      ALLOWED(prctl),
    ALLOWED(clone),        ALLOWED(wait4),          ALLOWED(ptrace),
    ALLOWED(getppid),      ALLOWED(kill),           ALLOWED(tgkill),
    ALLOWED(rt_sigaction), ALLOWED(rt_sigprocmask), ALLOWED(pipe),
    ALLOWED(dup2),         ALLOWED(getuid),         ALLOWED(sysinfo),
    ALLOWED(uname),        ALLOWED(getrusage),      ALLOWED(set_robust_list),
    ALLOWED(rseq),
};

const struct sandbox_table sandbox_sanitizers = TABLE("sanitizers", rules);
const char *const sandbox_sanitizers_read = "/proc";

#else

const struct sandbox_table sandbox_sanitizers = {.name = "sanitizers"};
const char *const sandbox_sanitizers_read = NULL;

#endif
