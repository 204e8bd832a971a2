/* SPDX-License-Identifier: MIT
 * A filter has two parts, one behind the other: the ranges of addresses, made in bounds.c, and the
 * list of calls, made by libseccomp. Jumps are relative, so that the second part is the same
 * wherever it stands. */
#include "filter.h"

#include "bounds.h"
#include "rule.h"
#include "vmm/cause.h"
#include "vmm/process/thread.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel takes it. */
struct program {
    struct sock_filter *code;
    unsigned short length;
};

static struct program filters[SANDBOX_THREADS];

static int load(const struct program *program)
{
    const struct sock_fprog given = {program->length, program->code};

    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &given);
}

int filter_load(enum sandbox_thread thread)
{
    return load(&filters[thread]);
}

/* Allows everything. */
static void *try_in_thread(void *argument)
{
    struct sock_filter allows[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct program program = {allows, 1};
    int *cause = argument;

    *cause = load(&program) < 0 ? errno : 0;
    return NULL;
}

int filter_try(struct error *why, struct error *error)
{
    pthread_t thread;
    int cause = 0;

    why->text[0] = '\0';
    /* Without it, only root may load a filter. */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const int failed = thread_start(&thread, try_in_thread, &cause);
    if (failed != 0)
        return error_set(error, "cannot start a thread: %s", cause_of_thread(failed));
    pthread_join(thread, NULL);
    if (cause != 0)
        error_set(why, "this host has no system call filters (seccomp): %s", cause_text(cause));
    return 0;
}

/* ---- the list of calls ---- */

static struct scmp_arg_cmp comparison(const struct sandbox_condition *condition)
{
    const unsigned argument = condition->argument;

    switch (condition->match) {
    case MATCH_AT_MOST:
        return SCMP_CMP64(argument, SCMP_CMP_LE, condition->value);
    case MATCH_LONG:
        return SCMP_CMP64(argument, SCMP_CMP_EQ, condition->value);
    case MATCH_SELF:
        return SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint64_t)getpid());
    case MATCH_INT:
    case MATCH_ANY:
        break;
    }
    return SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, condition->value);
}

/* 0, or a negative errno. */
static int add_rule(scmp_filter_ctx context, const struct sandbox_rule *rule)
{
    struct scmp_arg_cmp comparisons[SANDBOX_CONDITIONS];
    unsigned count = 0;

    for (unsigned i = 0; i < SANDBOX_CONDITIONS; i++)
        if (rule->conditions[i].match != MATCH_ANY)
            comparisons[count++] = comparison(&rule->conditions[i]);
    const int result =
        seccomp_rule_add_array(context, SCMP_ACT_ALLOW, rule->call, count, comparisons);
    return result == -EEXIST ? 0 : result; /* two rules that differ in the range alone */
}

/* 0, or a negative errno. */
static int add_rules(scmp_filter_ctx context, enum sandbox_thread thread)
{
    const struct sandbox_rule *rule;
    int result = 0;

    for (size_t i = 0; (rule = sandbox_rule_at(thread, i)) != NULL && result == 0; i++)
        result = add_rule(context, rule);
    /* The one that a vCPU makes all the time. */
    return result == 0 ? seccomp_syscall_priority(context, SCMP_SYS(ioctl), UINT8_MAX) : result;
}

/* Puts what was written to a file behind the ranges. 0, or -1 with errno. */
static int join(const struct bounds *bounds, int fd, struct program *program)
{
    const size_t before = bounds->length * sizeof program->code[0];
    struct stat file;

    if (fstat(fd, &file) < 0)
        return -1;
    const size_t behind = (size_t)file.st_size;
    program->length = (unsigned short)((before + behind) / sizeof program->code[0]);
    program->code = malloc(before + behind);
    if (program->code == NULL)
        return -1;
    memcpy(program->code, bounds->code, before);
    return pread(fd, program->code + bounds->length, behind, 0) == file.st_size ? 0 : -1;
}

/* libseccomp writes a program to a file only. 0, or a negative errno. */
static int export(scmp_filter_ctx context, const struct bounds *bounds, struct program *program)
{
    const int fd = memfd_create("holdfast-filter", MFD_CLOEXEC);

    if (fd < 0)
        return -errno;
    int result = seccomp_export_bpf(context, fd);
    if (result == 0 && join(bounds, fd, program) < 0)
        result = -errno;
    close(fd);
    return result;
}

/* 0, or a negative errno. */
static int make(enum sandbox_thread thread, const struct memory_places *places, bool is_log)
{
    static struct bounds bounds; /* large */
    const uint32_t forbidden = is_log ? SCMP_ACT_LOG : SCMP_ACT_TRAP;

    if (!bounds_write(&bounds, thread, places, is_log ? SECCOMP_RET_LOG : SECCOMP_RET_TRAP))
        return -E2BIG;
    scmp_filter_ctx context = seccomp_init(forbidden);
    if (context == NULL)
        return -ENOMEM;
    /* Calls by the interfaces of 32-bit programs, too. */
    int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, forbidden);
    if (result == 0)
        result = add_rules(context, thread);
    if (result == 0)
        result = export(context, &bounds, &filters[thread]);
    seccomp_release(context);
    return result;
}

int filter_make_all(const struct memory_places *places, bool is_log, struct error *error)
{
    for (enum sandbox_thread i = 0; i < SANDBOX_THREADS; i++) {
        const int result = make(i, places, is_log);
        if (result < 0)
            return error_set(error, "cannot make the filter of system calls for thread %s: %s",
                             sandbox_table_of(i)->name, cause_text(-result));
    }
    return 0;
}

void filter_forget_others(enum sandbox_thread last)
{
    for (enum sandbox_thread i = 0; i < SANDBOX_THREADS; i++) {
        if (i == last)
            continue;
        free(filters[i].code);
        filters[i].code = NULL;
    }
    malloc_trim(0);
}
