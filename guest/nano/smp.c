/* SPDX-License-Identifier: MIT
 * Other CPUs: started one after another by INIT and SIPI, then asleep until there is work. */
#include "cpu.h"
#include "holdfast/abi.h"
#include "lock.h"

#define MSR_APIC_BASE  0x1bu
#define X2APIC_ENABLE  0xc00u
#define MSR_X2APIC_SVR 0x80fu
#define MSR_X2APIC_EOI 0x80bu
#define MSR_X2APIC_ICR 0x830u
#define MSR_X2APIC_ID  0x802u
#define APIC_ON        0x1ffu /* with the spurious vector 0xff */
#define ICR_INIT       0x4500u
#define ICR_STARTUP    0x4600u
#define ICR_FIXED      0x4000u
#define ICR_NMI        0x4400u

#define TRAMPOLINE 0x8000u

extern const char nano_ap_begin[], nano_ap_end[];
extern const char nano_ap_gdt_address[], nano_ap_gdt_offset[], nano_ap_cr3[];

uint8_t *nano_ap_stack; /* of the CPU that is being started */
static struct cpu *starting;
static uint32_t cpus = 1;

void nano_ap_start(void);

uint32_t nano_cpus(void)
{
    return __atomic_load_n(&cpus, __ATOMIC_ACQUIRE);
}

static void apic_on(void)
{
    write_msr(MSR_APIC_BASE, read_msr(MSR_APIC_BASE) | X2APIC_ENABLE);
    write_msr(MSR_X2APIC_SVR, APIC_ON);
}

void nano_end_of_interrupt(void)
{
    write_msr(MSR_X2APIC_EOI, 0);
}

static void send(uint32_t apic_id, uint32_t command)
{
    write_msr(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | command);
}

void nano_interrupt(uint32_t cpu)
{
    send(nano_cpu_table[cpu]->apic_id, ICR_FIXED | VECTOR_WORK);
}

void nano_interrupt_always(uint32_t cpu)
{
    send(nano_cpu_table[cpu]->apic_id, ICR_NMI);
}

static void do_work(struct cpu *cpu)
{
    void (*function)(void *) = __atomic_load_n(&cpu->function, __ATOMIC_ACQUIRE);

    if (function == NULL)
        return;
    cpu->function = NULL;
    function(cpu->argument);
    __atomic_store_n(&cpu->busy, false, __ATOMIC_RELEASE);
}

void nano_ap_start(void)
{
    struct cpu *cpu = starting;

    nano_cpu_init(cpu, nano_ap_stack - STACK_PAGES * HF_PAGE_SIZE);
    nano_exceptions_load();
    nano_paging_load();
    apic_on();
    __atomic_store_n(&cpus, cpus + 1, __ATOMIC_RELEASE);
    for (;;) {
        __asm__ volatile("sti" : : : "memory");
        do_work(cpu);
        /* Work that comes between the look and the sleep is announced by an interrupt, which
         * the shadow of STI lets in only with HLT. */
        __asm__ volatile("cli" : : : "memory");
        if (__atomic_load_n(&cpu->function, __ATOMIC_ACQUIRE) == NULL)
            __asm__ volatile("sti; hlt" : : : "memory");
    }
}

static void place_trampoline(void)
{
    uint8_t *page = (uint8_t *)TRAMPOLINE;
    const uint32_t gdt = TRAMPOLINE + (uint32_t)(uintptr_t)nano_ap_gdt_offset;
    const uint32_t cr3 = (uint32_t)nano_paging_root();

    memcpy(page, nano_ap_begin, (size_t)(nano_ap_end - nano_ap_begin));
    memcpy(page + (uintptr_t)nano_ap_gdt_address, &gdt, sizeof gdt);
    memcpy(page + (uintptr_t)nano_ap_cr3, &cr3, sizeof cr3);
}

static void start(uint32_t number)
{
    /* Two stacks: where it runs, and where traps from ring 3 go. */
    uint8_t *stacks = nano_pages(2 * STACK_PAGES);

    starting = nano_pages(1);
    if (stacks == NULL || starting == NULL) {
        hf_printf("no memory for CPU %u\n", number);
        nano_exit(255);
    }
    starting->number = starting->apic_id = number;
    nano_ap_stack = stacks + (size_t)(2 * STACK_PAGES) * HF_PAGE_SIZE;
    send(number, ICR_INIT);
    send(number, ICR_STARTUP | TRAMPOLINE >> 12);
    while (nano_cpus() == number)
        __builtin_ia32_pause();
}

void nano_smp_init(void)
{
    uint32_t leaf[4];

    apic_on();
    cpuid(1, 0, leaf);
    uint32_t wanted = leaf[1] >> 16 & 0xff;
    if (wanted > NANO_CPUS)
        wanted = NANO_CPUS;
    if (wanted > 1)
        place_trampoline();
    for (uint32_t number = 1; number < wanted; number++)
        start(number);
}

void nano_run_on(uint32_t number, void (*function)(void *), void *argument)
{
    struct cpu *cpu = nano_cpu_table[number];

    cpu->busy = true;
    cpu->argument = argument;
    __atomic_store_n(&cpu->function, function, __ATOMIC_RELEASE);
    nano_interrupt(number);
}

void nano_wait_for(uint32_t number)
{
    while (__atomic_load_n(&nano_cpu_table[number]->busy, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
}
