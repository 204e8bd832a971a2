/* SPDX-License-Identifier: MIT */
#include "vm.h"

#include "vmm/arena/operators.h"
#include "vmm/events/events.h"
#include "vmm/memory/memory_left.h"
#include "vmm/memory/places.h"
#include "vmm/options/settings.h"
#include "vmm/process/footprint.h"
#include "vmm/process/limits.h"
#include "vmm/process/overdue.h"
#include "vmm/process/signals.h"
#include "vmm/sandbox/sandbox.h"

#include <string.h>

#define WINDOWS_AT_ONCE 4096u

/* What a VM has open at once besides its vCPUs, without objects and clients, most of all while its
 * namespaces are made; under systemd, too. */
#define FILES_LEAST 27u

/* What objects and clients may take. */
#define FILES_OF_OTHERS 256u

int vm_check_limits(const struct options *options, struct error *error)
{
    return process_limits_files(FILES_LEAST + options->vcpus, error);
}

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
        .settings = vm->settings,
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
                                    MEMORY_LEFT_FILES + FOOTPRINT_FILES + FILES_OF_OTHERS,
                                &unused) == 0;
}

int vm_build(struct vm *vm, const struct options *options, struct error *error)
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
    events_begin();
    if (control_set_aside(error) < 0)
        return -1;
    if (settings_of(&vm->settings, options, error) < 0)
        return -1;
    vm->memory = memory_create(vm->kvm.vm_fd, &memory, error);
    if (vm->memory == NULL || go_on(error) < 0)
        return -1;
    vm->arena = arena_create(vm->memory, &arena, error);
    if (vm->arena == NULL || set_quotas(vm, options, error) < 0 ||
        open_console(vm, options, error) < 0)
        return -1;
    vm->machine = machine_create(&vm->kvm, vm->memory, vm->arena, vm->console, &machine, error);
    if (vm->machine == NULL || go_on(error) < 0 || attach_objects(vm, options, error) < 0)
        return -1;
    if (arena.keep_files)
        footprint_keep(); /* before there are threads that answer */
    if (start_control(vm, options, error) < 0)
        return -1;
    if (arena.keep_files)
        memory_left_keep();
    return go_on(error);
}

int vm_enter_sandbox(const struct vm *vm, struct error *error)
{
    struct memory_places places;

    memory_tell_places(vm->memory, &places);
    if (sandbox_build(&places, error) < 0)
        return -1;
    overdue_enter_sandbox();
    return 0;
}

void vm_end_threads(struct vm *vm)
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

void vm_give_back(struct vm *vm)
{
    if (vm->arena != NULL)
        arena_destroy(vm->arena);
    if (vm->memory != NULL)
        memory_destroy(vm->memory);
    kvm_close(&vm->kvm);
    settings_free(&vm->settings);
}

void vm_remove_files(struct vm *vm, const struct options *options)
{
    if (vm->console_file.is_made)
        made_file_remove(&vm->console_file, options->console + strlen("file:"));
    if (vm->console_log_file.is_made)
        made_file_remove(&vm->console_log_file, options->console_log + strlen("file:"));
    for (uint32_t i = 0; i < vm->objects_attached; i++)
        made_file_remove(&vm->object_file[i], options->objects[i].path);
}
