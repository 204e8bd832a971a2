/* SPDX-License-Identifier: MIT
 * Eight CPUs run what they are given, each under its own number and with its own exceptions, at
 * the same time and again and again. */
/* vm: --vcpus 8 */
#include "nano.h"

#define CPUS   8u
#define ROUNDS 3u

struct task {
    uint32_t number;
    uint32_t seen; /* nano_cpu() there */
    unsigned runs;
    unsigned caught;
    uint64_t cr2;
    unsigned user;
};

static uint32_t present;

static void touch(void *argument)
{
    (void)*(volatile uint64_t *)argument;
}

static void count_user(void *argument)
{
    ((volatile struct task *)argument)->user++;
}

static void run(void *argument)
{
    struct task *task = argument;
    struct nano_exception exception;

    /* All at once: nobody goes on before everybody is there. */
    __atomic_fetch_add(&present, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&present, __ATOMIC_SEQ_CST) % CPUS != 0)
        __builtin_ia32_pause();
    task->seen = nano_cpu();
    task->runs++;
    void *const nowhere = (void *)(0x100000000000ull + task->number * 4096ull);
    for (unsigned i = 0; i < 3; i++) {
        if (!nano_try(touch, nowhere, &exception) && exception.cr2 == (uintptr_t)nowhere)
            task->caught++;
        if (!nano_try_user(touch, nowhere, &exception) && exception.cr2 == (uintptr_t)nowhere)
            task->caught++;
        nano_try_user(count_user, task, NULL);
    }
}

int guest_main(void)
{
    static struct task tasks[CPUS];

    CHECK_EQUAL(nano_cpus(), CPUS);
    CHECK_EQUAL(nano_cpu(), 0);
    for (unsigned i = 0; i < CPUS; i++)
        tasks[i] = (struct task){.number = i, .seen = UINT32_MAX};
    for (unsigned round = 1; round <= ROUNDS; round++) {
        for (uint32_t i = 1; i < CPUS; i++)
            nano_run_on(i, run, &tasks[i]);
        run(&tasks[0]);
        for (uint32_t i = 0; i < CPUS; i++) {
            if (i > 0)
                nano_wait_for(i);
            CHECK_EQUAL(tasks[i].seen, i);
            CHECK_EQUAL(tasks[i].runs, round);
            CHECK_EQUAL(tasks[i].caught, round * 6);
            CHECK_EQUAL(tasks[i].user, round * 3);
        }
    }
    return 0;
}
