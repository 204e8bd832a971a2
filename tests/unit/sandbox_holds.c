/* SPDX-License-Identifier: MIT
 * Each kind of thread, under the filter that it has in a VM, tries each class of forbidden call:
 * the process ends with status 125 and a line that names thread and call. */
#include "sandbox_tries.h"

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
        {SYS_openat, {here, none, O_RDONLY | O_CLOEXEC}, LOOK_AT_FILES | BIT(WATCHDOG)},
        {SYS_openat, {here, none, O_RDONLY}, 0},
        {SYS_openat, {here, none, O_WRONLY | O_CLOEXEC}, 0},
        {SYS_openat, {here, none, O_RDWR | O_CREAT, 0600}, 0},
        {SYS_openat, {here, none, O_PATH | O_DIRECTORY | O_CLOEXEC}, 0},
        {SYS_openat2, {here, none}, 0},
        {SYS_creat, {none}, 0},
        {SYS_open_by_handle_at, {here}, 0},
        {SYS_memfd_create, {none}, BIT(WORKER)},
        {SYS_stat, {none}, 0},
        {SYS_newfstatat, {here, none, 0, 0}, 0},
        {SYS_access, {none}, LOOK_AT_FILES},
        {SYS_readlink, {none}, 0},
        {SYS_getdents64, {(unsigned long)-1}, BIT(WATCHDOG)},
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
        {SYS_prctl, {PR_SET_KEEPCAPS, 1}, 0},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_starts_programs_or_processes),
        cmocka_unit_test(no_thread_opens_what_it_has_no_business_with),
        cmocka_unit_test(no_thread_reaches_the_network),
        cmocka_unit_test(no_thread_touches_other_processes),
        cmocka_unit_test(no_thread_changes_its_rights),
        cmocka_unit_test(no_thread_asks_for_the_rest_of_the_kernel),
        cmocka_unit_test(no_thread_makes_memory_executable_or_moves_it),
        cmocka_unit_test(other_interfaces_are_closed),
        cmocka_unit_test(a_thread_that_blocks_signals_ends_with_the_line_too),
    };

    return cmocka_run_group_tests(tests, make_filters, NULL);
}
