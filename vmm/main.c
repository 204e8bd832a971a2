/* SPDX-License-Identifier: MIT
 * holdfast-vmm: one virtual machine, from its options to its end. */
#include "vmm/cause.h"
#include "vmm/libvirt/libvirt.h"
#include "vmm/log.h"
#include "vmm/options/options.h"
#include "vmm/process/inherited.h"
#include "vmm/process/limits.h"
#include "vmm/process/notify.h"
#include "vmm/process/overdue.h"
#include "vmm/process/signals.h"
#include "vmm/process/user.h"
#include "vmm/sandbox/sandbox.h"
#include "vmm/vm/vm.h"
#include "vmm/vm/watchdog.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum exit_code {
    EXIT_STOPPED = 0,
    EXIT_OPTION = 2,
    EXIT_PANICKED = 123,
    EXIT_CRASHED = 124,
    EXIT_HOST = 125,
};

static int begin_libvirt(struct libvirt *libvirt, const struct vm *vm,
                         const struct options *options, struct error *error)
{
    const struct libvirt_vm its = {
        .machine = vm->machine,
        .console = console_description(vm->console),
        .vcpus = options->vcpus,
        .memory = options->memory,
    };

    return libvirt != NULL ? libvirt_begin(libvirt, &its, error) : 0;
}

/* Waits for the guest's end or a signal. */
static enum machine_end wait_for_end(struct vm *vm, uint8_t *status)
{
    struct pollfd events[2] = {
        {.fd = machine_end_fd(vm->machine), .events = POLLIN},
        {.fd = signals_fd(), .events = POLLIN},
    };

    while (poll(events, 2, -1) < 0 && errno == EINTR)
        ;
    if ((events[0].revents & POLLIN) == 0) {
        const bool no_time = signals_take() == SIGXCPU;
        machine_stop(vm->machine);
        if (no_time) {
            log_line_about(&log_error,
                           "the limit on processor time (ulimit -t) is reached: the VM has ended");
            return MACHINE_FAILED;
        }
    }
    return machine_wait(vm->machine, status);
}

static int exit_code(enum machine_end end, uint8_t guest_status)
{
    switch (end) {
    case MACHINE_GUEST_EXIT:
        if (guest_status != 0)
            log_line("the guest ended with status %u", guest_status);
        return guest_status;
    case MACHINE_POWERED_OFF:
        log_line("the guest turned itself off");
        break;
    case MACHINE_REBOOTED:
        log_line("the guest wanted to restart");
        break;
    case MACHINE_PANICKED:
        return EXIT_PANICKED;
    case MACHINE_CRASHED:
        log_line_about(&log_warning, "the guest crashed");
        return EXIT_CRASHED;
    case MACHINE_FAILED:
        return EXIT_HOST;
    case MACHINE_STOPPED:
        break;
    }
    return EXIT_STOPPED;
}

static const char threads_wait[] =
    "a thread waits for the host, perhaps for a file that does not answer";

/* What the process needs before there is a VM. EXIT_STOPPED, or another status with the error set.
 */
static enum exit_code prepare(const struct options *options, struct kvm *kvm, struct error *error)
{
    if (notify_open(error) < 0 || vm_check_limits(options, error) < 0)
        return EXIT_OPTION;
    if (signals_catch(error) < 0)
        return EXIT_HOST;
    if (user_choose(options->user, error) < 0)
        return EXIT_OPTION;
    if (sandbox_prepare(options->sandbox, error) < 0 || overdue_begin(EXIT_HOST, error) < 0)
        return EXIT_OPTION;
    return kvm_open(kvm, error) < 0 ? EXIT_HOST : EXIT_STOPPED;
}

/* Up to the guest's first instruction. 0, or -1 with the error set. */
static int start(struct vm *vm, const struct options *options, struct libvirt *libvirt,
                 struct error *error)
{
    if (vm_build(vm, options, error) < 0 || vm_enter_sandbox(vm, error) < 0)
        return -1;
    log_line("runs; console %s, control socket %s", console_description(vm->console),
             control_socket_path(vm->control));
    console_begin(vm->console);
    if (begin_libvirt(libvirt, vm, options, error) < 0 || machine_start(vm->machine, error) < 0 ||
        watchdog_start(vm, options, error) < 0)
        return -1;
    libvirt_runs(libvirt);
    if (sandbox_may_remove_in(control_directory(vm->control), error) < 0 ||
        sandbox_may_remove_in(libvirt_directory(libvirt), error) < 0 || sandbox_close(error) < 0)
        return -1;
    /* From here on vCPUs run, or wait for a resume. */
    notify_say(options->paused ? "READY=1\nSTATUS=paused" : "READY=1\nSTATUS=runs");
    return 0;
}

static enum exit_code end_start(struct vm *vm, const struct options *options,
                                struct libvirt *libvirt)
{
    const bool stopped = signals_came();

    overdue_expect_end(EXIT_HOST, threads_wait);
    if (vm->machine != NULL)
        machine_stop(vm->machine);
    sandbox_give_up();
    watchdog_stop();
    libvirt_end(libvirt);
    vm_remove_files(vm, options);
    vm_end_threads(vm);
    vm_give_back(vm);
    return stopped ? EXIT_STOPPED : EXIT_OPTION;
}

/* libvirt: NULL, or who else looks after this machine. */
static int run_vm(const struct options *options, struct libvirt *libvirt)
{
    static struct vm vm; /* large */
    struct error error;
    uint8_t status = 0;

    log_open();
    log_set_name(options->name);
    const enum exit_code prepared = prepare(options, &vm.kvm, &error);
    if (prepared != EXIT_STOPPED) {
        log_line_about(&log_error, "%s", error.text);
        return prepared;
    }
    if (start(&vm, options, libvirt, &error) < 0) {
        log_line_about(&log_error, "%s", error.text);
        return end_start(&vm, options, libvirt);
    }
    const enum machine_end end = wait_for_end(&vm, &status);
    overdue_expect_end(EXIT_HOST, threads_wait);
    notify_try("STOPPING=1\nSTATUS=ends");
    watchdog_stop();
    libvirt_end(libvirt);
    vm_end_threads(&vm);
    const int code = exit_code(end, status);
    /* Much memory, or a file that is written back when it is closed, takes its time: the kernel
     * goes on with that when the process has ended. */
    overdue_expect_end(code, "memory and files are still given back");
    vm_give_back(&vm);
    signals_close();
    return code;
}

/* What --help, --version and --sandbox-list print, complete or with a line that says why not. */
static int printed(bool is_whole)
{
    if (is_whole)
        return EXIT_STOPPED;
    fprintf(stderr, "holdfast-vmm: cannot write the output: %s\n", cause_text(errno));
    return EXIT_OPTION;
}

static int print(const char *text)
{
    return printed(fputs(text, stdout) >= 0 && fflush(stdout) == 0);
}

static void tell_mistake(void *who, const char *text)
{
    (void)who;
    fprintf(stderr, "holdfast-vmm: %s\n", text);
}

static const struct options_listener mistakes = {.tell = tell_mistake};

/* --check: has been told of what the words say; tells of what the host lacks. */
static int check(const struct options *options, bool is_fine)
{
    if (!options_look_ahead(options, &mistakes) || !is_fine)
        return EXIT_OPTION;
    return print("no mistakes found; nothing was started\n");
}

/* Whether --check is among the words, before it is known that they make sense. */
static bool asks_for_check(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--check") == 0)
            return true;
    return false;
}

static int run_words(int argc, char **argv, struct libvirt *libvirt, struct error *error)
{
    struct options options;
    char version[64];
    int code = EXIT_OPTION;

    snprintf(version, sizeof version, "holdfast-vmm %s, hypercall ABI %u\n", HOLDFAST_VERSION,
             HF_ABI_VERSION);

    const bool tells_all = asks_for_check(argc, argv);
    const int parsed = options_parse_all(&options, argc, argv, tells_all ? &mistakes : NULL, error);
    if (parsed < 0 && error->text[0] != '\0')
        fprintf(stderr, "holdfast-vmm: %s\n", error->text);
    if (options.check && !options.help)
        code = check(&options, parsed == 0);
    else if (parsed < 0)
        code = EXIT_OPTION;
    else if (options.help)
        code = print(options_help);
    else if (options.version)
        code = print(version);
    else if (options.sandbox_list)
        code = printed(sandbox_print_list());
    else
        code = run_vm(&options, libvirt);
    options_free(&options);
    return code;
}

static int run_for_libvirt(int argc, char **argv, struct error *error)
{
    struct libvirt *libvirt = libvirt_read(argc, argv, error);
    int code = EXIT_OPTION;

    if (libvirt != NULL && libvirt_only_asks(libvirt)) {
        code = libvirt_answer(libvirt, error);
        if (error->text[0] != '\0')
            fprintf(stderr, "holdfast-vmm: %s\n", error->text);
    } else if (libvirt != NULL) {
        int count;
        char **words = libvirt_own_words(libvirt, &count);
        code = run_words(count, words, libvirt, error);
    } else {
        fprintf(stderr, "holdfast-vmm: %s\n", error->text);
    }
    if (code == EXIT_OPTION || code == EXIT_HOST)
        libvirt_refused(libvirt, argc, argv);
    libvirt_free(libvirt);
    return code;
}

int main(int argc, char **argv)
{
    struct error error = {""};

    /* One heap for all threads, which grows by brk(2) alone: what others take must be made writable
     * by mprotect(2). */
    mallopt(M_ARENA_MAX, 1);
    cause_begin();
    if (process_limits_prepare(&error) < 0 || inherited_note(&error) < 0) {
        fprintf(stderr, "holdfast-vmm: %s\n", error.text);
        return EXIT_OPTION;
    }
    return libvirt_wrote(argc, argv) ? run_for_libvirt(argc, argv, &error)
                                     : run_words(argc, argv, NULL, &error);
}
