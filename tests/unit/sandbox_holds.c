/* SPDX-License-Identifier: MIT
 * Each kind of thread, under the filter that it has in a VM, tries each class of forbidden call:
 * the process ends with status 125 and a line that names thread and call. Built without sanitizers,
 * whose filters are weaker. Each try is made by a process of its own. */
#include "vmm/memory/places.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <seccomp.h>

#define PAGE      4096ul
#define ENDED     125
#define PERFORMED 42 /* the call went through, whatever it answered */
#define REFUSED   43 /* with EPERM */
#define NO_ACCESS 44 /* with EACCES */

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static const char *const names[SANDBOX_THREADS] = {
    [SANDBOX_VCPU] = "vcpu 3",     [SANDBOX_RESET] = "reset",
    [SANDBOX_CLOCK] = "clock",     [SANDBOX_CONSOLE_INPUT] = "console input",
    [SANDBOX_CONTROL] = "control", [SANDBOX_BALLAST] = "ballast",
    [SANDBOX_TELLER] = "teller",   [SANDBOX_MONITOR] = "monitor",
    [SANDBOX_MAIN] = "main",       [SANDBOX_CORE_FILE] = "core file",
    [SANDBOX_OVERDUE] = "overdue", [SANDBOX_WORKER] = "control attach",
};

/* As far apart as in a VM, and with something accessible on both sides of each. */
static struct memory_places places;

struct attempt {
    long number;
    unsigned long arguments[6];
    unsigned may; /* bits of the threads that may */
};

/* cmocka puts its own in place of it. */
static struct sigaction handler;

static enum sandbox_thread trying;
static struct attempt tried;

static void *try(void *argument)
{
    (void)argument;
    if (trying == SANDBOX_VCPU || trying == SANDBOX_WORKER) /* of which there are several */
        pthread_setname_np(pthread_self(), names[trying]);
    sandbox_enter(trying);
    const unsigned long *a = tried.arguments;
    const long result = syscall(tried.number, a[0], a[1], a[2], a[3], a[4], a[5]);
    syscall(SYS_exit_group, result >= 0       ? PERFORMED
                            : errno == EPERM  ? REFUSED
                            : errno == EACCES ? NO_ACCESS
                                              : PERFORMED);
    return NULL;
}

/* Has a process that has made its filters try the call. Returns its exit status, or minus the
 * signal that ended it, and what it said. */
static int outcome_of(enum sandbox_thread thread, const struct attempt *attempt, char *said,
                      size_t room)
{
    int output[2];
    int status;
    pthread_t id;

    assert_int_equal(pipe(output), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(output[1], STDERR_FILENO);
        sigaction(SIGSYS, &handler, NULL);
        trying = thread;
        tried = *attempt;
        if (thread == SANDBOX_MAIN)
            try(NULL);
        pthread_create(&id, NULL, try, NULL);
        pthread_join(id, NULL);
        _exit(1);
    }
    close(output[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(output[0], said + length, room - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(output[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static const char *call_name(long number)
{
    static char text[64];
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

    snprintf(text, sizeof text, "%s", name != NULL ? name : "?");
    free(name);
    return text;
}

static void assert_ends(enum sandbox_thread thread, const struct attempt *attempt)
{
    char said[2048];
    char line[128];
    const int outcome = outcome_of(thread, attempt, said, sizeof said);

    snprintf(line, sizeof line, "thread %s made the system call %ld %s,", names[thread],
             attempt->number, call_name(attempt->number));
    const char *newline = strchr(said, '\n');
    if (outcome == ENDED && strstr(said, line) != NULL && newline != NULL && newline[1] == '\0')
        return;
    fail_msg("thread %s, call %s (0x%lx, 0x%lx, 0x%lx, 0x%lx): status %d, and it said: %s",
             names[thread], call_name(attempt->number), attempt->arguments[0],
             attempt->arguments[1], attempt->arguments[2], attempt->arguments[3], outcome, said);
}

static void assert_outcome(enum sandbox_thread thread, const struct attempt *attempt, int wanted)
{
    char said[2048];
    const int outcome = outcome_of(thread, attempt, said, sizeof said);

    if (outcome != wanted)
        fail_msg("thread %s, call %s (0x%lx, 0x%lx, 0x%lx, 0x%lx): status %d, not %d: %s",
                 names[thread], call_name(attempt->number), attempt->arguments[0],
                 attempt->arguments[1], attempt->arguments[2], attempt->arguments[3], outcome,
                 wanted, said);
}

#define BIT(thread) (1u << SANDBOX_##thread)

#define LOOK_AT_FILES (BIT(VCPU) | BIT(BALLAST) | BIT(TELLER) | BIT(WORKER))
#define HAS_HEAP      (BIT(MONITOR) | BIT(CORE_FILE) | BIT(MAIN))

static void assert_all_end(const struct attempt *attempts, size_t count)
{
    for (enum sandbox_thread thread = 0; thread < SANDBOX_THREADS; thread++)
        for (size_t i = 0; i < count; i++)
            if ((attempts[i].may & 1u << thread) == 0)
                assert_ends(thread, &attempts[i]);
}

#define ASSERT_ALL_END(attempts) assert_all_end(attempts, sizeof(attempts) / sizeof(attempts)[0])

static unsigned long text(const char *value)
{
    return (unsigned long)(uintptr_t)value;
}

/* None of these would do anything, were it let through. */
static void no_thread_starts_programs_or_processes(void **state)
{
    const struct attempt attempts[] = {
        {SYS_execve, {text("/nowhere/none")}, 0},
        {SYS_execveat, {(unsigned long)-1, text("/nowhere/none")}, 0},
        {SYS_fork, {0}, 0},
        {SYS_vfork, {0}, 0},
        {SYS_clone, {SIGCHLD}, 0},
        {SYS_clone3, {0}, 0},
        {SYS_unshare, {CLONE_NEWUSER}, 0},
        {SYS_setns, {(unsigned long)-1}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_opens_what_it_has_no_business_with(void **state)
{
    const unsigned long here = (unsigned long)AT_FDCWD;
    const unsigned long none = text("/nowhere/none");
    const struct attempt attempts[] = {
        {SYS_open, {none}, 0},
        {SYS_openat, {here, none, O_RDONLY | O_CLOEXEC}, LOOK_AT_FILES},
        {SYS_openat, {here, none, O_RDONLY}, 0},
        {SYS_openat, {here, none, O_WRONLY | O_CLOEXEC}, 0},
        {SYS_openat, {here, none, O_RDWR | O_CREAT, 0600}, 0},
        {SYS_openat2, {here, none}, 0},
        {SYS_creat, {none}, 0},
        {SYS_open_by_handle_at, {here}, 0},
        {SYS_memfd_create, {none}, BIT(WORKER)},
        {SYS_stat, {none}, 0},
        {SYS_newfstatat, {here, none, 0, 0}, 0},
        {SYS_access, {none}, LOOK_AT_FILES},
        {SYS_readlink, {none}, 0},
        {SYS_getdents64, {(unsigned long)-1}, 0},
        {SYS_unlink, {none}, 0},
        {SYS_unlinkat, {here, none, AT_REMOVEDIR}, 0},
        {SYS_rename, {none, none}, 0},
        {SYS_link, {none, none}, 0},
        {SYS_symlink, {none, none}, 0},
        {SYS_mkdir, {none}, 0},
        {SYS_mknod, {none}, 0},
        {SYS_chmod, {none}, 0},
        {SYS_fchmodat, {here, none}, 0},
        {SYS_chown, {none}, 0},
        {SYS_truncate, {none}, 0},
        {SYS_chroot, {none}, 0},
        {SYS_chdir, {none}, 0},
        {SYS_mount, {none, none}, 0},
        {SYS_umount2, {none}, 0},
        {SYS_pivot_root, {none, none}, 0},
        {SYS_dup2, {(unsigned long)-1}, 0},
        {SYS_sendfile, {(unsigned long)-1}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_reaches_the_network(void **state)
{
    const struct attempt attempts[] = {
        {SYS_socket, {1}, 0},
        {SYS_socketpair, {0}, 0},
        {SYS_connect, {(unsigned long)-1}, 0},
        {SYS_bind, {(unsigned long)-1}, 0},
        {SYS_listen, {(unsigned long)-1}, 0},
        {SYS_accept, {(unsigned long)-1}, 0},
        {SYS_accept4, {(unsigned long)-1}, BIT(CONTROL) | BIT(MONITOR)},
        {SYS_sendto, {(unsigned long)-1}, BIT(CONTROL) | BIT(MONITOR) | BIT(MAIN)},
        {SYS_sendmsg, {(unsigned long)-1}, 0},
        {SYS_recvfrom, {(unsigned long)-1}, 0},
        {SYS_recvmsg, {(unsigned long)-1}, BIT(CONTROL) | BIT(MONITOR)},
        {SYS_setsockopt, {(unsigned long)-1}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_touches_other_processes(void **state)
{
    const unsigned long other = (unsigned long)getppid();
    const struct attempt attempts[] = {
        {SYS_ptrace, {99}, 0},
        {SYS_process_vm_readv, {other}, 0},
        {SYS_process_vm_writev, {other}, 0},
        {SYS_kill, {other, 0}, 0},
        {SYS_kill, {other, SIGTERM}, BIT(VCPU) | BIT(CONSOLE_INPUT)}, /* would do something */
        {SYS_tgkill, {other, other, 0}, 0},
        {SYS_tkill, {other, 0}, 0},
        {SYS_rt_sigqueueinfo, {other, 0}, 0},
        {SYS_pidfd_open, {other}, 0},
        {SYS_pidfd_send_signal, {(unsigned long)-1}, 0},
        {SYS_prlimit64, {other, 0, 1}, 0},
        {SYS_process_madvise, {(unsigned long)-1}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_changes_its_rights(void **state)
{
    const struct attempt attempts[] = {
        {SYS_setfsuid, {(unsigned long)-1}, 0},
        {SYS_setfsgid, {(unsigned long)-1}, 0},
        {SYS_setuid, {(unsigned long)-1}, 0},
        {SYS_setgid, {(unsigned long)-1}, 0},
        {SYS_setresuid, {(unsigned long)-1, (unsigned long)-1, (unsigned long)-1}, 0},
        {SYS_setgroups, {(unsigned long)-1}, 0},
        {SYS_capset, {0}, 0},
        {SYS_prctl, {PR_SET_DUMPABLE, 1}, 0},
        {SYS_seccomp, {SECCOMP_SET_MODE_FILTER, 0, 0}, 0},
        {SYS_personality, {0xffffffff}, 0},
        {SYS_keyctl, {(unsigned long)-1}, 0},
        {SYS_add_key, {0}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_asks_for_the_rest_of_the_kernel(void **state)
{
    const struct attempt attempts[] = {
        {SYS_bpf, {(unsigned long)-1}, 0},
        {SYS_perf_event_open, {0}, 0},
        {SYS_io_uring_setup, {0}, 0},
        {SYS_io_setup, {0}, 0},
        {SYS_userfaultfd, {(unsigned long)-1}, 0},
        {SYS_init_module, {0}, 0},
        {SYS_finit_module, {(unsigned long)-1}, 0},
        {SYS_kexec_load, {0, 99}, 0},
        {SYS_reboot, {0}, 0},
        {SYS_syslog, {99}, 0},
        {SYS_sethostname, {0, (unsigned long)-1}, 0},
        {SYS_clock_settime, {99}, 0},
        {SYS_settimeofday, {0, 0}, 0},
        {SYS_iopl, {4}, 0},
        {SYS_modify_ldt, {99}, 0},
        {SYS_swapon, {0}, 0},
        {SYS_ioctl, {(unsigned long)-1, TIOCSTI}, 0},
        {SYS_ioctl, {(unsigned long)-1, KVM_CREATE_VM}, 0},
        {SYS_ioctl, {(unsigned long)-1, KVM_CREATE_VCPU}, 0},
        {SYS_ioctl, {(unsigned long)-1, KVM_SET_USER_MEMORY_REGION}, 0},
        {SYS_ioctl, {(unsigned long)-1, KVM_SET_CPUID2}, 0},
        {SYS_ioctl, {(unsigned long)-1, KVM_RUN}, BIT(VCPU)},
        {SYS_ioctl, {(unsigned long)-1, KVM_SET_MSRS}, BIT(RESET)},
        {SYS_ioctl, {(unsigned long)-1, FIOASYNC}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

static void no_thread_makes_memory_executable_or_moves_it(void **state)
{
    const unsigned long own = (unsigned long)places.ram.begin;
    const unsigned long nowhere = (unsigned long)-1;
    const struct attempt attempts[] = {
        {SYS_mprotect, {own, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC}, 0},
        {SYS_mprotect, {own, PAGE, PROT_READ | PROT_EXEC}, 0},
        {SYS_mprotect, {own, PAGE, PROT_READ | PROT_WRITE}, 0},
        {SYS_pkey_mprotect, {own, PAGE, PROT_READ | PROT_EXEC, nowhere}, 0},
        {SYS_mmap,
         {0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, nowhere},
         0},
        {SYS_mmap, {0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, nowhere}, 0},
        {SYS_mmap,
         {0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, nowhere},
         HAS_HEAP},
        {SYS_mmap, {0, PAGE, PROT_READ, MAP_SHARED, nowhere}, BIT(WORKER)},
        {SYS_mremap, {own, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, own}, 0},
        {SYS_munmap, {own, PAGE}, HAS_HEAP | BIT(WORKER)},
        {SYS_remap_file_pages, {own, PAGE}, 0},
        {SYS_shmat, {nowhere}, 0},
        {SYS_brk, {0}, HAS_HEAP},
        {SYS_mlockall, {0}, 0},
        {SYS_munlock, {own, PAGE}, 0},
        {SYS_madvise, {own, PAGE, MADV_REMOVE}, 0},
        {SYS_madvise, {own, PAGE, MADV_FREE}, 0},
        {SYS_madvise, {own, PAGE, MADV_DODUMP}, 0},
    };

    (void)state;
    ASSERT_ALL_END(attempts);
}

/* ---- ranges ---- */

#define GUARD (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)

static struct attempt guard(unsigned long at, unsigned long bytes)
{
    return (struct attempt){SYS_mmap, {at, bytes, PROT_NONE, GUARD, (unsigned long)-1, 0}, 0};
}

static void mmap_stays_inside_the_arena(void **state)
{
    static const enum sandbox_thread threads[] = {SANDBOX_VCPU, SANDBOX_RESET, SANDBOX_WORKER};
    const unsigned long begin = places.arena.begin, end = places.arena.end, all = end - begin;
    const struct attempt inside[] = {guard(begin, PAGE), guard(end - PAGE, PAGE), guard(begin, all),
                                     guard(begin + PAGE, all - PAGE)};
    const struct attempt outside[] = {
        guard(begin - PAGE, PAGE),
        guard(begin - PAGE, 2 * PAGE),
        guard(begin - PAGE, all + 2 * PAGE),
        guard(end - PAGE, 2 * PAGE),
        guard(end, PAGE),
        guard(begin + PAGE, all),
        guard(begin, all + PAGE),
        guard(begin, -(unsigned long)PAGE),
        guard(begin + PAGE, -(unsigned long)PAGE),
        guard(0, PAGE),
        guard(-(unsigned long)PAGE, PAGE),
        guard(begin ^ 1ul << 40, PAGE),
        guard(begin & 0xffffffff, PAGE),
        guard(places.ram.begin, PAGE),
        guard(places.ballast.begin, PAGE),
    };

    (void)state;
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
            assert_outcome(threads[t], &inside[i], PERFORMED);
        for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
            assert_ends(threads[t], &outside[i]);
    }
}

static void mmap_in_the_arena_is_that_of_the_map_path(void **state)
{
    const unsigned long at = places.arena.begin;
    const unsigned long read_write = PROT_READ | PROT_WRITE;
    static const struct {
        unsigned long protection, flags;
    } forms[] = {
        {PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_FIXED},
        {PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED},
        {PROT_EXEC, GUARD},
        {PROT_READ | PROT_WRITE, MAP_SHARED},
        {PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED},
        {PROT_READ | PROT_WRITE, GUARD},
        {PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_HUGETLB},
        {PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_LOCKED},
        {PROT_NONE, MAP_SHARED | MAP_FIXED},
        {PROT_READ | PROT_WRITE | 1ul << 32, MAP_SHARED | MAP_FIXED},
    };
    const struct attempt allowed[] = {
        {SYS_mmap, {at, PAGE, read_write, MAP_SHARED | MAP_FIXED, (unsigned long)-1}, 0},
        {SYS_mmap, {at, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, (unsigned long)-1}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        assert_outcome(SANDBOX_VCPU, &allowed[i], PERFORMED);
        assert_ends(SANDBOX_RESET, &allowed[i]);
        assert_ends(SANDBOX_CONTROL, &allowed[i]);
        assert_ends(SANDBOX_WORKER, &allowed[i]);
        assert_ends(SANDBOX_BALLAST, &allowed[i]);
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct attempt attempt = {
            SYS_mmap, {at, PAGE, forms[i].protection, forms[i].flags, (unsigned long)-1}, 0};
        assert_ends(SANDBOX_VCPU, &attempt);
        assert_ends(SANDBOX_RESET, &attempt);
    }
}

static struct attempt advise(unsigned long at, unsigned long bytes, int advice)
{
    return (struct attempt){SYS_madvise, {at, bytes, (unsigned long)advice}, 0};
}

static void memory_is_given_back_from_the_ballast_alone(void **state)
{
    const struct memory_place *const ballasts[] = {&places.ballast, &places.ram_tables_ballast};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const unsigned long begin = ballasts[i]->begin, all = ballasts[i]->end - begin;
        const struct attempt whole = advise(begin, all, MADV_DONTNEED);
        const struct attempt locked = advise(begin, all, MADV_DONTNEED_LOCKED);
        const struct attempt beyond = advise(begin, all + PAGE, MADV_DONTNEED_LOCKED);
        const struct attempt before = advise(begin - PAGE, PAGE, MADV_DONTNEED_LOCKED);
        assert_outcome(SANDBOX_VCPU, &whole, PERFORMED);
        assert_outcome(SANDBOX_BALLAST, &whole, PERFORMED);
        assert_outcome(SANDBOX_VCPU, &locked, PERFORMED);
        assert_ends(SANDBOX_VCPU, &beyond);
        assert_ends(SANDBOX_VCPU, &before);
        assert_ends(SANDBOX_CLOCK, &locked);
    }
    /* The C library asks for that with a stack, and goes on when it is refused. */
    const struct attempt ram = advise(places.ram.begin, PAGE, MADV_DONTNEED);
    const struct attempt beyond = advise(
        places.ballast.begin, PAGE + places.ballast.end - places.ballast.begin, MADV_DONTNEED);
    for (enum sandbox_thread thread = 0; thread < SANDBOX_THREADS; thread++) {
        assert_outcome(thread, &ram, REFUSED);
        assert_outcome(thread, &beyond, REFUSED);
    }
}

static void pages_are_asked_for_in_arena_and_ram_alone(void **state)
{
    const struct memory_place *const there[] = {&places.arena, &places.ram};
    static const int advices[] = {MADV_POPULATE_READ, MADV_POPULATE_WRITE};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            const struct attempt inside = advise(there[i]->begin, PAGE, advices[j]);
            const struct attempt beyond = advise(there[i]->end - PAGE, 2 * PAGE, advices[j]);
            assert_outcome(SANDBOX_VCPU, &inside, PERFORMED);
            assert_ends(SANDBOX_VCPU, &beyond);
            assert_ends(SANDBOX_CLOCK, &inside);
        }
    }
    const struct attempt resident = {SYS_mincore, {places.arena.begin, PAGE, 0}, 0};
    const struct attempt elsewhere = {SYS_mincore, {places.ram.begin, PAGE, 0}, 0};
    assert_outcome(SANDBOX_VCPU, &resident, PERFORMED);
    assert_ends(SANDBOX_VCPU, &elsewhere);
}

/* ---- other ways in ---- */

static void *call_as_32_bit_program(void *argument)
{
    long result;

    (void)argument;
    sandbox_enter(trying);
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    syscall(SYS_exit_group, PERFORMED);
    return NULL;
}

static void other_interfaces_are_closed(void **state)
{
    const struct attempt x32 = {0x40000000 + SYS_getpid, {0}, 0};
    int status;

    (void)state;
    for (enum sandbox_thread thread = 0; thread < SANDBOX_THREADS; thread++) {
        assert_outcome(thread, &x32, ENDED);
        const pid_t child = fork();
        if (child == 0) {
            trying = thread;
            close(STDERR_FILENO);
            sigaction(SIGSYS, &handler, NULL);
            signal(SIGSEGV, SIG_DFL); /* of a kernel that has no such interface */
            call_as_32_bit_program(NULL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == ENDED : WTERMSIG(status) == SIGSEGV);
    }
}

/* Signals are blocked in some threads, but not the one that a forbidden call sends. */
static void a_thread_that_blocks_signals_ends_with_the_line_too(void **state)
{
    const struct attempt attempt = {SYS_getppid, {0}, 0};
    sigset_t all, before;

    (void)state;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (enum sandbox_thread thread = 0; thread < SANDBOX_THREADS; thread++)
        assert_ends(thread, &attempt);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- what the kernel does besides ---- */

/* Skips the test where this kernel has it not. */
static void needs(const char *name)
{
    const struct sandbox_protection *list;
    const uint32_t count = sandbox_protections(&list);

    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0 && list[i].is_on)
            return;
    skip();
}

static void threads_that_read_files_reach_no_others(void **state)
{
    static const enum sandbox_thread readers[] = {SANDBOX_VCPU, SANDBOX_BALLAST, SANDBOX_TELLER,
                                                  SANDBOX_WORKER};
    const unsigned long flags = O_RDONLY | O_CLOEXEC, here = (unsigned long)AT_FDCWD;
    const struct attempt of_kernel = {SYS_openat, {here, text("/proc/meminfo"), flags}, 0};
    const struct attempt of_others = {SYS_openat, {here, text("/etc/passwd"), flags}, 0};

    (void)state;
    needs("files closed by Landlock");
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        assert_outcome(readers[i], &of_kernel, PERFORMED);
        assert_outcome(readers[i], &of_others, NO_ACCESS);
    }
}

static void ram_and_code_cannot_be_taken_away(void **state)
{
    const unsigned long code = (unsigned long)(uintptr_t)sandbox_enter & ~(PAGE - 1);
    const struct attempt of_ram = {SYS_munmap, {places.ram.begin, PAGE}, 0};
    const struct attempt of_code = {SYS_munmap, {code, PAGE}, 0};
    const struct attempt of_library = {
        SYS_munmap, {(unsigned long)(uintptr_t)seccomp_init & ~(PAGE - 1), PAGE}, 0};

    (void)state;
    needs("RAM and program sealed");
    assert_outcome(SANDBOX_MONITOR, &of_ram, REFUSED);
    assert_outcome(SANDBOX_MONITOR, &of_code, REFUSED);
    assert_outcome(SANDBOX_MONITOR, &of_library, REFUSED);
}

static void the_process_is_not_for_others_to_see(void **state)
{
    (void)state;
    needs("not dumpable");
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

/* ---- modes: before this process has made its filters ---- */

static int outcome_of_function(int (*function)(void))
{
    int status;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(function());
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int log_lets_it_through(void)
{
    struct error error;

    if (sandbox_prepare(SANDBOX_LOG, &error) != 0 || sandbox_build(&places, &error) != 0 ||
        strcmp(sandbox_state(), "log") != 0)
        return 1;
    sandbox_enter(SANDBOX_VCPU);
    if (syscall(SYS_getppid) <= 0)
        return 2;
    const void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED ? PERFORMED : 3;
}

static void with_log_a_forbidden_call_is_made(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_function(log_lets_it_through), PERFORMED);
}

/* As in a container that does not let a process load filters. */
static void refuse_filters(void)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

    seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(seccomp), 0);
    seccomp_load(context);
    seccomp_release(context);
}

static int tells_that_it_is_off(void)
{
    struct error error;

    refuse_filters();
    close(STDERR_FILENO);
    if (sandbox_prepare(SANDBOX_DEFAULT, &error) != 0 || sandbox_build(&places, &error) != 0 ||
        strncmp(sandbox_state(), "off: ", 5) != 0)
        return 1;
    sandbox_enter(SANDBOX_VCPU); /* waits for nobody */
    sandbox_wait();
    return sandbox_close(&error) == 0 && syscall(SYS_getppid) > 0 ? PERFORMED : 2;
}

static int refuses_to_go_on_without(void)
{
    struct error error;

    refuse_filters();
    return sandbox_prepare(SANDBOX_ON, &error) < 0 && strstr(error.text, "--sandbox") != NULL
               ? PERFORMED
               : 1;
}

static void where_filters_are_not_to_be_had_only_on_fails(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_function(tells_that_it_is_off), PERFORMED);
    assert_int_equal(outcome_of_function(refuses_to_go_on_without), PERFORMED);
}

/* ---- */

static struct memory_place make_place(uint64_t near, uint64_t bytes)
{
    uint8_t *memory = mmap((void *)(uintptr_t)near, bytes + 2 * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    const uint64_t begin = (uintptr_t)memory + PAGE;
    return (struct memory_place){begin, begin + bytes};
}

static int make_places(void **state)
{
    (void)state;
    places = (struct memory_places){
        .arena = make_place(0x200000000000, 6ull << 30), /* its length has more than 32 bits */
        .ram = make_place(0, 64ull << 20),
        .ballast = make_place(0, 256 << 10),
        .ram_tables_ballast = make_place(0, 512 << 10),
    };
    return 0;
}

static int make_filters(void **state)
{
    struct error error;

    (void)state;
    if (sandbox_prepare(SANDBOX_ON, &error) == 0 && sandbox_build(&places, &error) == 0 &&
        sigaction(SIGSYS, NULL, &handler) == 0)
        return 0;
    print_error("%s\n", error.text);
    return -1;
}

int main(void)
{
    const struct CMUnitTest before[] = {
        cmocka_unit_test(with_log_a_forbidden_call_is_made),
        cmocka_unit_test(where_filters_are_not_to_be_had_only_on_fails),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_starts_programs_or_processes),
        cmocka_unit_test(no_thread_opens_what_it_has_no_business_with),
        cmocka_unit_test(no_thread_reaches_the_network),
        cmocka_unit_test(no_thread_touches_other_processes),
        cmocka_unit_test(no_thread_changes_its_rights),
        cmocka_unit_test(no_thread_asks_for_the_rest_of_the_kernel),
        cmocka_unit_test(no_thread_makes_memory_executable_or_moves_it),
        cmocka_unit_test(mmap_stays_inside_the_arena),
        cmocka_unit_test(mmap_in_the_arena_is_that_of_the_map_path),
        cmocka_unit_test(memory_is_given_back_from_the_ballast_alone),
        cmocka_unit_test(pages_are_asked_for_in_arena_and_ram_alone),
        cmocka_unit_test(other_interfaces_are_closed),
        cmocka_unit_test(a_thread_that_blocks_signals_ends_with_the_line_too),
        cmocka_unit_test(threads_that_read_files_reach_no_others),
        cmocka_unit_test(ram_and_code_cannot_be_taken_away),
        cmocka_unit_test(the_process_is_not_for_others_to_see),
    };

    return cmocka_run_group_tests(before, make_places, NULL) +
           cmocka_run_group_tests(tests, make_filters, NULL);
}
