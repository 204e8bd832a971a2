/* SPDX-License-Identifier: MIT
 * A core file can be made of a paused machine, also while a vCPU waits for the host's memory in the
 * middle of a call: it runs no guest, whether it waits or is about to wait again. */
#include "host_memory.h"
#include "vmm/machine/board.h"
#include "vmm/machine/core_file.h"
#include "vmm/machine/lifecycle.h"
#include "vmm/machine/vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#define WAIT_NS 1000000u

static struct machine machine;
static struct vcpu vcpu;
static _Atomic uint32_t waits;
static _Atomic bool stop;

/* In place of KVM. */
int ioctl(int fd, unsigned long request, ...)
{
    (void)fd;
    if (request == KVM_GET_REGS || request == KVM_GET_SREGS)
        return 0;
    errno = ENOTTY;
    return -1;
}

static void *wait_all_the_time(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop))
        if (lifecycle_wait(&vcpu, WAIT_NS))
            atomic_fetch_add(&waits, 1);
    return NULL;
}

static void a_vcpu_that_waits_counts_as_stopped(void **state)
{
    struct core_file core;
    struct error error;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, wait_all_the_time, NULL), 0);
    while (atomic_load(&waits) == 0)
        sched_yield();
    assert_true(machine_pause(&machine));
    for (uint32_t i = 0; i < 100; i++) {
        if (core_file_make(&core, &machine, &error) < 0)
            fail_msg("%s", error.text);
        core_file_free(&core);
    }
    assert_true(machine_resume(&machine));
    assert_int_equal(core_file_make(&core, &machine, &error), -1);
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vcpu_that_waits_counts_as_stopped),
    };

    machine.memory = make_memory();
    machine.vcpus = 1;
    machine.vcpu = &vcpu;
    vcpu = (struct vcpu){.machine = &machine, .fd = -1};
    pthread_mutex_init(&machine.lock, NULL);
    pthread_cond_init(&machine.changed, NULL);
    const int result = cmocka_run_group_tests(tests, NULL, NULL);
    forget(machine.memory);
    return result;
}
