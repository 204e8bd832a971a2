/* SPDX-License-Identifier: MIT
 * Does one thing without pause, until the VM is ended: "calls" makes hypercalls, "faults" touches a
 * page of a window that is not mapped, "serial" writes to the console, "nothing" sleeps. Says
 * "ready" first. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x44414f4cu /* "LOAD" */

static struct hf_window window;

static void call(void)
{
    struct hf_info info;

    hf_info(&info);
}

static void read_byte(void *at)
{
    (void)*(volatile char *)at;
}

static void fault(void)
{
    nano_try(read_byte, window.address, NULL);
}

static void write_line(void)
{
    hf_printf("a line of some length, as a kernel that has trouble writes thousands of\n");
}

static void sleep(void)
{
    nano_wait_for_byte();
}

int guest_main(void)
{
    static const struct {
        const char *name;
        void (*once)(void);
    } loads[] = {{"nothing", sleep}, {"calls", call}, {"faults", fault}, {"serial", write_line}};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    for (unsigned i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        if (strcmp(nano_command_line(), loads[i].name) != 0)
            continue;
        hf_printf("ready\n");
        for (;;)
            loads[i].once();
    }
    hf_printf("no such load: %s\n", nano_command_line());
    return 1;
}
