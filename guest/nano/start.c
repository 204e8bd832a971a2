/* SPDX-License-Identifier: MIT
 * From the VMM's entry to guest_main() and out again. */
#include "cpu.h"
#include "holdfast/abi.h"

#define COMMAND_LINE_POINTER 0x228u /* in struct boot_params */

static const char *command_line = "";
static struct cpu first_cpu;
static uint8_t first_trap_stack[STACK_PAGES * HF_PAGE_SIZE] __attribute__((aligned(16)));

const char *nano_command_line(void)
{
    return command_line;
}

_Noreturn void nano_exit(uint8_t status)
{
    nano_out32(HF_PORT_EXIT, status);
    for (;;)
        __asm__ volatile("cli; hlt");
}

_Noreturn void nano_reset(void)
{
    __asm__ volatile("outb %0, %1" : : "a"((uint8_t)6), "d"((uint16_t)0xcf9));
    for (;;)
        __asm__ volatile("cli; hlt");
}

_Noreturn void nano_start(const uint8_t *boot_params);

_Noreturn void nano_start(const uint8_t *boot_params)
{
    uint32_t pointer;

    __builtin_memcpy(&pointer, boot_params + COMMAND_LINE_POINTER, sizeof pointer);
    command_line = (const char *)(uintptr_t)pointer;
    nano_cpu_init(&first_cpu, first_trap_stack + sizeof first_trap_stack);
    nano_exceptions_init();
    nano_exceptions_load();
    nano_pages_init(boot_params);
    nano_paging_init(nano_ram_end());
    nano_paging_load();
    nano_smp_init();
    __asm__ volatile("sti");

    const int status = guest_main();
    nano_exit(status >= 0 && status <= 255 ? (uint8_t)status : 255);
}
