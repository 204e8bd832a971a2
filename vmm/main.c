/* SPDX-License-Identifier: MIT
 * holdfast-vmm: one virtual machine, from its options to its end. */
#include "vmm/arena/arena.h"
#include "vmm/arena/operators.h"
#include "vmm/cause.h"
#include "vmm/control/control.h"
#include "vmm/devices/console.h"
#include "vmm/libvirt/libvirt.h"
#include "vmm/log.h"
#include "vmm/machine/kvm.h"
#include "vmm/machine/machine.h"
#include "vmm/memory/guarantee.h"
#include "vmm/memory/memory.h"
#include "vmm/memory/memory_left.h"
#include "vmm/memory/places.h"
#include "vmm/options/options.h"
#include "vmm/process/inherited.h"
#include "vmm/process/limits.h"
#include "vmm/process/overdue.h"
#include "vmm/process/signals.h"
#include "vmm/sandbox/sandbox.h"

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

#define WINDOWS_AT_ONCE 4096u

/* What a VM has open at once besides its vCPUs, without objects and clients. */
#define FILES_LEAST 20u

/* What objects and clients may take. */
#define FILES_OF_OTHERS 256u

struct vm {
    struct kvm kvm;
    struct guarantee_of_process process;
    struct memory *memory;
    struct arena *arena;
    struct console *console;
    struct machine *machine;
    struct control *control;
    struct made_file console_file;
    struct made_file console_log_file;
    uint32_t objects_attached;
    struct made_file object_file[BACKINGS_OBJECTS];
};

/* What takes its time at the start is over, and a signal may have come meanwhile. */
static int go_on(struct error *error)
{
    return signals_came() ? error_set(error, "a signal has ended the start") : 0;
}

static int set_quotas(struct vm *vm, const struct options *options, struct error *error)
{
    struct error cause;

    for (uint32_t i = 0; i < options->quota_count; i++)
        if (arena_set_quota(vm->arena, options->quotas[i].tag, &options->quotas[i].most, &cause) <
            0)
            return error_set(error, "--quota: %.480s", cause.text);
    return 0;
}

static int attach_objects(struct vm *vm, const struct options *options, struct error *error)
{
    struct error cause;

    for (uint32_t i = 0; i < options->object_count; i++) {
        if (arena_attach(vm->arena, &options->objects[i], &vm->object_file[i], &cause) < 0)
            return error_set(error, "--object: %.480s", cause.text);
        vm->objects_attached++;
    }
    return 0;
}

static int start_control(struct vm *vm, const struct options *options, struct error *error)
{
    const struct control_config config = {
        .name = options->name,
        .socket_path = options->control,
        .share = options->share_control,
        .version = HOLDFAST_VERSION,
        .kernel = options->kernel,
        .append = options->append,
        .console = console_description(vm->console),
        .vcpus = options->vcpus,
        .features =
            vm->kvm.transports | (memory_can_prefault(vm->memory) ? HF_FEATURE_PREFAULT : 0),
        .memory_bytes = memory_ram_bytes(vm->memory),
        .arena_base = memory_arena_base(vm->memory),
        .arena_pages = memory_arena_bytes(vm->memory) / HF_PAGE_SIZE,
    };

    struct error cause;

    vm->control = control_start(&config, vm->arena, vm->machine, &cause);
    if (vm->control != NULL)
        return 0;
    if (options->control != NULL)
        return error_set(error, "--control %.100s: %.380s", options->control, cause.text);
    return error_set(error, "%s", cause.text);
}

static int open_console(struct vm *vm, const struct options *options, struct error *error)
{
    vm->console = console_open(options->console, &vm->console_file, error);
    if (vm->console == NULL)
        return -1;
    return options->console_log == NULL
               ? 0
               : console_open_log(vm->console, options->console_log, &vm->console_log_file, error);
}

/* A budget that was given, unless it is larger than what there is; none is 0. */
static uint64_t budget_or(uint64_t budget, uint64_t most)
{
    return budget > 0 && budget < most ? budget : most;
}

/* Whether files may stay open that are only good to have. */
static bool has_files_to_spare(const struct options *options)
{
    struct error unused;

    return process_limits_files(FILES_LEAST + options->vcpus + ARENA_FILES_KEPT +
                                    MEMORY_LEFT_FILES + FILES_OF_OTHERS,
                                &unused) == 0;
}

static int build(struct vm *vm, const struct options *options, struct error *error)
{
    uint32_t extents;
    if (arena_extents_most(options->vcpus, &extents, error) < 0)
        return -1;
    const struct memory_config memory = {
        .ram_bytes = options->memory,
        .arena_bytes = options->arena,
        .gpa_limit = vm->kvm.gpa_limit,
        .guarantee = options->guarantee,
        .extents = (uint32_t)budget_or(options->budget.extents, extents),
        .tables = options->budget.tables,
        .calibrate = options->calibrate,
    };
    struct arena_config arena = {
        .windows = (uint32_t)budget_or(options->budget.windows, WINDOWS_AT_ONCE),
        .extents = memory.extents,
        .tables = options->budget.tables,
        .vcpus = options->vcpus,
        .keep_files = has_files_to_spare(options),
    };
    const struct machine_config machine = {
        .boot =
            {
                .kernel = options->kernel,
                .initrd = options->initrd,
                .append = options->append,
                .way = options->boot,
                .vcpus = options->vcpus,
            },
        .policy =
            {
                .on_poweroff = options->on_poweroff,
                .on_reboot = options->on_reboot,
                .on_panic = options->on_panic,
            },
        .paused = options->paused,
    };

    if (guarantee_protect_process(options->guarantee, &vm->process, error) < 0)
        return -1;
    arena.process = vm->process;
    /* Before all that may be locked, but can do without. */
    if (control_set_aside(error) < 0)
        return -1;
    vm->memory = memory_create(vm->kvm.vm_fd, &memory, error);
    if (vm->memory == NULL || go_on(error) < 0)
        return -1;
    vm->arena = arena_create(vm->memory, &arena, error);
    if (vm->arena == NULL || set_quotas(vm, options, error) < 0 ||
        open_console(vm, options, error) < 0)
        return -1;
    vm->machine = machine_create(&vm->kvm, vm->memory, vm->arena, vm->console, &machine, error);
    if (vm->machine == NULL || go_on(error) < 0 || attach_objects(vm, options, error) < 0 ||
        start_control(vm, options, error) < 0)
        return -1;
    if (arena.keep_files)
        memory_left_keep();
    return go_on(error);
}

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

/* No thread that waits for its filter does so after this. */
static int build_sandbox(const struct vm *vm, struct error *error)
{
    struct memory_places places;

    memory_tell_places(vm->memory, &places);
    if (sandbox_build(&places, error) < 0)
        return -1;
    overdue_enter_sandbox();
    return 0;
}

/* Until only one thread is left that does anything. */
static void end_threads(struct vm *vm)
{
    /* A client's call may wait for vCPUs, which a machine that was never started has none of, or
     * for the host's memory. */
    if (vm->machine != NULL)
        machine_stop(vm->machine);
    if (vm->arena != NULL)
        arena_give_up(vm->arena);
    control_stop(vm->control);
    if (vm->machine != NULL)
        machine_destroy(vm->machine);
    if (vm->console != NULL)
        console_close(vm->console);
}

static void give_back(struct vm *vm)
{
    if (vm->arena != NULL)
        arena_destroy(vm->arena);
    if (vm->memory != NULL)
        memory_destroy(vm->memory);
    kvm_close(&vm->kvm);
}

/* Removes the files that a VM made which then did not start. */
static void remove_files(struct vm *vm, const struct options *options)
{
    if (vm->console_file.is_made)
        made_file_remove(&vm->console_file, options->console + strlen("file:"));
    if (vm->console_log_file.is_made)
        made_file_remove(&vm->console_log_file, options->console_log + strlen("file:"));
    for (uint32_t i = 0; i < vm->objects_attached; i++)
        made_file_remove(&vm->object_file[i], options->objects[i].path);
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
            log_line("the limit on processor time (ulimit -t) is reached: the VM has ended");
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
        log_line("the guest crashed");
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

/* libvirt: NULL, or who else looks after this machine. */
static int run_vm(const struct options *options, struct libvirt *libvirt)
{
    static struct vm vm; /* large */
    struct error error;
    uint8_t status = 0;

    log_open();
    log_set_name(options->name);
    if (process_limits_files(FILES_LEAST + options->vcpus, &error) < 0) {
        log_line("%s", error.text);
        return EXIT_OPTION;
    }
    if (signals_catch(&error) < 0) {
        log_line("%s", error.text);
        return EXIT_HOST;
    }
    if (sandbox_prepare(options->sandbox, &error) < 0) {
        log_line("%s", error.text);
        return EXIT_OPTION;
    }
    if (overdue_begin(EXIT_HOST, &error) < 0) {
        log_line("%s", error.text);
        return EXIT_OPTION;
    }
    if (kvm_open(&vm.kvm, &error) < 0) {
        log_line("%s", error.text);
        return EXIT_HOST;
    }
    int result = build(&vm, options, &error);
    if (result == 0)
        result = build_sandbox(&vm, &error);
    if (result == 0) {
        log_line("runs; console %s, control socket %s", console_description(vm.console),
                 control_socket_path(vm.control));
        console_begin(vm.console);
        result = begin_libvirt(libvirt, &vm, options, &error);
    }
    if (result == 0)
        result = machine_start(vm.machine, &error);
    if (result == 0)
        result = sandbox_close(&error);
    if (result < 0) {
        const bool stopped = signals_came();
        log_line("%s", error.text);
        overdue_expect_end(EXIT_HOST, threads_wait);
        if (vm.machine != NULL)
            machine_stop(vm.machine);
        sandbox_give_up();
        libvirt_end(libvirt);
        remove_files(&vm, options);
        end_threads(&vm);
        give_back(&vm);
        return stopped ? EXIT_STOPPED : EXIT_OPTION;
    }
    const enum machine_end end = wait_for_end(&vm, &status);
    overdue_expect_end(EXIT_HOST, threads_wait);
    libvirt_end(libvirt);
    end_threads(&vm);
    const int code = exit_code(end, status);
    /* Much memory, or a file that is written back when it is closed, takes its time: the kernel
     * goes on with that when the process has ended. */
    overdue_expect_end(code, "memory and files are still given back");
    give_back(&vm);
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

static int run_words(int argc, char **argv, struct libvirt *libvirt, struct error *error)
{
    struct options options;
    char version[64];
    int code = EXIT_OPTION;

    snprintf(version, sizeof version, "holdfast-vmm %s, hypercall ABI %u\n", HOLDFAST_VERSION,
             HF_ABI_VERSION);

    if (options_parse(&options, argc, argv, error) < 0)
        fprintf(stderr, "holdfast-vmm: %s\n", error->text);
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
    if (process_limits_prepare(&error) < 0 || inherited_note(&error) < 0) {
        fprintf(stderr, "holdfast-vmm: %s\n", error.text);
        return EXIT_OPTION;
    }
    return libvirt_wrote(argc, argv) ? run_for_libvirt(argc, argv, &error)
                                     : run_words(argc, argv, NULL, &error);
}
