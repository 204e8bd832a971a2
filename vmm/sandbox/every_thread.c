/* SPDX-License-Identifier: MIT */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(futex), .reason = "locks, conditions and semaphores"},
    {CALL(write), .reason = "the log, the console, and events for other threads"},
    {CALL(writev), .reason = "the C library's last words"},
    {CALL(poll), .reason = "waits for what a descriptor has, or has room for"},
    {CALL(fstat), .reason = "whether the log's file was rotated"},
    {CALL(newfstatat), .conditions = {IS(3, AT_EMPTY_PATH)},
     .reason = "the same: the C library's fstat(3)"},
    {CALL(lseek), .reason = "the log's file is written at its new end"},
    {CALL(prlimit64), .conditions = {IS_NULL(2)},
     .reason = "a line that says why the host refuses names the limit"},
    {CALL(clock_gettime), .reason = "time, where the kernel gives it by no shorter way"},
    {CALL(clock_nanosleep), .reason = "pauses"},
    {CALL(nanosleep), .reason = "pauses"},
    {CALL(restart_syscall), .reason = "goes on with a pause after a signal"},
    {CALL(rt_sigreturn), .reason = "the end of a signal's handler"},
    {CALL(rt_sigprocmask), .reason = "signals that end the process"},
    {CALL(rt_sigaction), .reason = "the same"},
    {CALL(tgkill), .conditions = {IS_OWN_PROCESS(0)},
     .reason = "the signal that gets vCPUs out of the guest, and those that end the process"},
    {CALL(getpid), .reason = "the same"},
    {CALL(gettid), .reason = "the same"},
    {CALL(getpgrp), .reason = "whether the terminal is another's now"},
    {CALL(ioctl), .conditions = {REQUEST(TIOCGPGRP)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(TCSETS)},
     .reason = "the terminal is put right, whichever thread ends the process"},
    {CALL(ioctl), .conditions = {REQUEST(TCGETS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST_NAMED(TERMINAL_GET2, "TCGETS2")}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST_NAMED(TERMINAL_SET2, "TCSETS2")}, .reason = "the same"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .is_refused = true,
     .reason = "the C library would give back the stack of a thread that ends"},
    {CALL(pause), .reason = "while another thread ends the process"},
    {CALL(exit), .reason = "the thread's end"},
    {CALL(exit_group), .reason = "the VMM's end"},
};

const struct sandbox_table sandbox_every_thread = TABLE("every thread", rules);
