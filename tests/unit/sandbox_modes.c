/* SPDX-License-Identifier: MIT
 * What --sandbox and the host's kernel change: filters that only tell, or that cannot be had; and
 * what the kernel does for the process besides. */
#include "sandbox_tries.h"

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
                                                  SANDBOX_WATCHDOG, SANDBOX_WORKER};
    const unsigned long flags = O_RDONLY | O_CLOEXEC, here = (unsigned long)AT_FDCWD;
    const struct attempt of_kernel = {SYS_openat, {here, text("/proc/meminfo"), flags}, 0};
    const struct attempt of_others = {SYS_openat, {here, text("/"), flags}, 0};

    (void)state;
    needs("files closed by Landlock");
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        assert_outcome(readers[i], &of_kernel, PERFORMED);
        assert_outcome(readers[i], &of_others, NO_ACCESS);
    }
}

/* Also by way of a file of the kernel's: it leads to a thread's own root. */
static void there_are_no_others(void **state)
{
    const unsigned long flags = O_RDONLY | O_CLOEXEC, here = (unsigned long)AT_FDCWD;
    const struct attempt attempts[] = {
        {SYS_openat, {here, text("/etc/passwd"), flags}, 0},
        {SYS_openat, {here, text("/../etc/passwd"), flags}, 0},
        {SYS_openat, {here, text("etc/passwd"), flags}, 0},
        {SYS_openat, {here, text("/proc/thread-self/root/etc/passwd"), flags}, 0},
    };

    (void)state;
    needs("file system of its own, next to empty");
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        assert_outcome(SANDBOX_TELLER, &attempts[i], NOT_THERE);
}

/* A directory with a file named `file` in it: a descriptor. */
static int make_directory(char *path)
{
    assert_non_null(mkdtemp(path));
    const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory >= 0);
    const int file = openat(directory, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
    return directory;
}

/* Both by the descriptor and by the path. */
static void main_removes_files_of_its_own_directories_only(void **state)
{
    char path[] = "/tmp/own.XXXXXX", other_path[] = "/tmp/other.XXXXXX", other_file[64], said[2048];
    struct error error;

    (void)state;
    needs("files closed by Landlock");
    const int directory = make_directory(path), other = make_directory(other_path);
    snprintf(other_file, sizeof other_file, "%s/file", other_path);
    const struct attempt own = {SYS_unlinkat, {(unsigned long)directory, text("file"), 0}, 0};
    const struct attempt by_descriptor = {SYS_unlinkat, {(unsigned long)other, text("file"), 0}, 0};
    const struct attempt by_path = {SYS_unlinkat, {0, text(other_file), 0}, 0};

    assert_int_equal(sandbox_may_remove_in(-1, &error), 0);
    assert_int_equal(sandbox_may_remove_in(directory, &error), 0);
    assert_outcome(SANDBOX_MAIN, &by_descriptor, NO_ACCESS);
    outcome_of(SANDBOX_MAIN, &by_path, said, sizeof said);
    assert_int_equal(faccessat(other, "file", F_OK, 0), 0);
    assert_outcome(SANDBOX_MAIN, &own, PERFORMED);
    assert_int_equal(faccessat(directory, "file", F_OK, 0), -1);
    unlink(other_file);
    rmdir(other_path);
    rmdir(path);
    close(other);
    close(directory);
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
    if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER || syscall(SYS_getppid) <= 0)
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

static void *enter_as_vcpu(void *unused)
{
    sandbox_enter(SANDBOX_VCPU);
    sandbox_wait();
    return unused;
}

static int tells_that_it_is_off(void)
{
    struct error error;
    pthread_t vcpu;

    refuse_filters();
    close(STDERR_FILENO);
    if (sandbox_prepare(SANDBOX_DEFAULT, &error) != 0 || sandbox_build(&places, &error) != 0 ||
        strncmp(sandbox_state(), "off: ", 5) != 0)
        return 1;
    sandbox_expect();
    if (pthread_create(&vcpu, NULL, enter_as_vcpu, NULL) != 0 || sandbox_close(&error) != 0)
        return 2;
    pthread_join(vcpu, NULL);
    return syscall(SYS_getppid) > 0 ? PERFORMED : 3;
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

int main(void)
{
    const struct CMUnitTest before[] = {
        cmocka_unit_test(with_log_a_forbidden_call_is_made),
        cmocka_unit_test(where_filters_are_not_to_be_had_only_on_fails),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_that_read_files_reach_no_others),
        cmocka_unit_test(there_are_no_others),
        cmocka_unit_test(main_removes_files_of_its_own_directories_only),
        cmocka_unit_test(ram_and_code_cannot_be_taken_away),
        cmocka_unit_test(the_process_is_not_for_others_to_see),
    };

    return cmocka_run_group_tests(before, make_places, NULL) +
           cmocka_run_group_tests(tests, make_filters, NULL);
}
