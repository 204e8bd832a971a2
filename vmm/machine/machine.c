/* SPDX-License-Identifier: MIT
 * Putting a machine together and taking it apart. */
#include "board.h"
#include "clock.h"
#include "hidden_fault.h"
#include "input.h"
#include "lifecycle.h"
#include "reset.h"
#include "vcpu.h"
#include "vcpu_thread.h"

#include "vmm/cause.h"
#include "vmm/process/thread.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

static int make_vcpus(struct machine *machine, struct error *error)
{
    machine->vcpu = calloc(machine->vcpus, sizeof machine->vcpu[0]);
    if (machine->vcpu == NULL)
        return error_set(error, "out of memory for %u vCPUs", machine->vcpus);
    for (uint32_t i = 0; i < machine->vcpus; i++)
        machine->vcpu[i].fd = -1;
    for (uint32_t i = 0; i < machine->vcpus; i++)
        if (vcpu_create(machine, &machine->vcpu[i], i, error) < 0)
            return -1;
    /* Every exit looks there. Present all the same where it is not permitted. */
    if (memory_ram_is_locked(machine->memory))
        mlock(machine->vcpu, machine->vcpus * sizeof machine->vcpu[0]);
    return 0;
}

/* The image is in RAM: a page that is made for its tables is not one that is needed otherwise. */
static int make_ram_tables(const struct machine *machine, struct error *error)
{
    int *fds = calloc(machine->vcpus, sizeof *fds);

    if (fds == NULL)
        return error_set(error, "out of memory for %u vCPUs", machine->vcpus);
    for (uint32_t i = 0; i < machine->vcpus; i++)
        fds[i] = machine->vcpu[i].fd;
    const int result = memory_make_ram_tables(machine->memory, fds, machine->vcpus, error);
    free(fds);
    return result;
}

/* Not 0. May fail only where the kernel has no getrandom(2). */
static int choose_instance(uint64_t *instance, struct error *error)
{
    do {
        if (getrandom(instance, sizeof *instance, 0) != sizeof *instance)
            return error_set(error, "getrandom: %s", cause_text(errno));
    } while (*instance == 0);
    return 0;
}

static int put_together(struct machine *machine, const struct machine_config *config,
                        struct error *error)
{
    if (machine->vcpus > machine->kvm->vcpus_most)
        return error_set(error, "--vcpus %u: this host's KVM allows at most %u", machine->vcpus,
                         machine->kvm->vcpus_most);
    if (choose_instance(&machine->instance, error) < 0)
        return -1;
    machine->end_fd = eventfd(0, EFD_CLOEXEC);
    if (machine->end_fd < 0)
        return error_set(error, "eventfd: %s", cause_text(errno));
    machine->input_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (machine->input_fd < 0)
        return error_set(error, "eventfd: %s", cause_text(errno));
    if (clock_open(machine, error) < 0 ||
        boot_read(&machine->image, &config->boot, machine->memory, error) < 0)
        return -1;
    boot_load(&machine->image, machine->memory);
    if (make_vcpus(machine, error) < 0)
        return -1;
    if (make_ram_tables(machine, error) < 0)
        return -1;
    return power_on_read_chips(machine->kvm->vm_fd, &machine->chips_at_power_on, error);
}

struct machine *machine_create(struct kvm *kvm, struct memory *memory, struct arena *arena,
                               struct console *console, const struct machine_config *config,
                               struct error *error)
{
    struct machine *machine = calloc(1, sizeof *machine);

    if (machine == NULL) {
        error_set(error, "%s", cause_text(ENOMEM));
        return NULL;
    }
    if (memory_ram_is_locked(memory))
        mlock(machine, sizeof *machine);
    machine->kvm = kvm;
    machine->memory = memory;
    machine->arena = arena;
    machine->hypercalls = (struct hypercalls){arena, memory, kvm->transports};
    machine->serial.console = console;
    machine->vcpus = config->boot.vcpus;
    machine->policy = config->policy;
    machine->hold = config->paused ? HOLD_PAUSE : 0;
    atomic_store(&machine->attention, config->paused);
    machine->end_fd = -1;
    machine->input_fd = -1;
    machine->clock_fd = -1;
    keyboard_reset(&machine->keyboard);
    pthread_mutex_init(&machine->lock, NULL);
    pthread_mutex_init(&machine->devices_lock, NULL);
    pthread_cond_init(&machine->changed, NULL);
    if (put_together(machine, config, error) < 0) {
        machine_destroy(machine);
        return NULL;
    }
    return machine;
}

static void join_threads(struct machine *machine)
{
    for (uint32_t i = 0; machine->vcpu != NULL && i < machine->vcpus; i++)
        if (machine->vcpu[i].has_thread)
            pthread_join(machine->vcpu[i].thread, NULL);
    if (machine->has_reset_thread)
        pthread_join(machine->reset_thread, NULL);
    if (machine->has_input)
        pthread_join(machine->input, NULL);
    if (machine->has_clock)
        pthread_join(machine->clock, NULL);
}

void machine_destroy(struct machine *machine)
{
    machine_stop(machine);
    join_threads(machine);
    for (uint32_t i = 0; machine->vcpu != NULL && i < machine->vcpus; i++)
        vcpu_destroy(&machine->vcpu[i]);
    free(machine->vcpu);
    boot_forget(&machine->image);
    if (machine->end_fd >= 0)
        close(machine->end_fd);
    if (machine->input_fd >= 0)
        close(machine->input_fd);
    if (machine->clock_fd >= 0)
        close(machine->clock_fd);
    pthread_cond_destroy(&machine->changed);
    pthread_mutex_destroy(&machine->devices_lock);
    pthread_mutex_destroy(&machine->lock);
    free(machine);
}

/* A guest may have come to its end meanwhile, and the threads with it. */
static int watch_vcpus(struct machine *machine, struct error *error)
{
    for (uint32_t i = 0; i < machine->vcpus; i++)
        if (hidden_fault_watch(&machine->vcpu[i], machine_vcpu_thread(machine, i), error) < 0)
            return machine_state(machine) == MACHINE_ENDED ? 0 : -1;
    return 0;
}

/* 0, or an errno. */
static int start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
    const int result = thread_start(thread, run, argument);

    if (result == 0)
        sandbox_expect();
    return result;
}

int machine_start(struct machine *machine, struct error *error)
{
    lifecycle_prepare_signal();
    /* Under the lock, so that a machine that ends at once still finds every thread there is. */
    pthread_mutex_lock(&machine->lock);
    int result = start_thread(&machine->reset_thread, reset_thread, machine);
    machine->has_reset_thread = result == 0;
    if (result == 0)
        result = start_thread(&machine->input, input_thread, machine);
    machine->has_input = machine->has_reset_thread && result == 0;
    if (result == 0)
        result = start_thread(&machine->clock, clock_thread, machine);
    machine->has_clock = machine->has_input && result == 0;
    for (uint32_t i = 0; i < machine->vcpus && result == 0; i++) {
        struct vcpu *vcpu = &machine->vcpu[i];
        result = start_thread(&vcpu->thread, vcpu_thread, vcpu);
        vcpu->has_thread = result == 0;
    }
    pthread_mutex_unlock(&machine->lock);
    if (result != 0) {
        machine_stop(machine);
        return error_set(error, "cannot start the threads of %u vCPUs: %s", machine->vcpus,
                         cause_of_thread(result));
    }
    if (watch_vcpus(machine, error) < 0) {
        machine_stop(machine);
        return -1;
    }
    return 0;
}

int machine_vcpu_thread(struct machine *machine, uint32_t index)
{
    pthread_mutex_lock(&machine->lock);
    while (atomic_load(&machine->vcpu[index].thread_id) == 0 && !machine->ended)
        pthread_cond_wait(&machine->changed, &machine->lock);
    pthread_mutex_unlock(&machine->lock);
    return atomic_load(&machine->vcpu[index].thread_id);
}

void machine_vcpu_progress(const struct machine *machine, uint32_t index,
                           struct vcpu_progress *progress)
{
    const struct vcpu *vcpu = &machine->vcpu[index];

    progress->place = (enum vcpu_place)atomic_load_explicit(&vcpu->place, memory_order_relaxed);
    progress->count = atomic_load_explicit(&vcpu->exits, memory_order_relaxed) +
                      atomic_load_explicit(&vcpu->steps, memory_order_relaxed);
    progress->thread_id = atomic_load(&vcpu->thread_id);
}

int machine_end_fd(const struct machine *machine)
{
    return machine->end_fd;
}

void machine_counters(struct machine *machine, struct machine_counters *counters)
{
    *counters = (struct machine_counters){0};
    for (uint32_t i = 0; i < machine->vcpus; i++)
        counters->exits += atomic_load_explicit(&machine->vcpu[i].exits, memory_order_relaxed);
    pthread_mutex_lock(&machine->lock);
    counters->resets = machine->resets;
    pthread_mutex_unlock(&machine->lock);
}
