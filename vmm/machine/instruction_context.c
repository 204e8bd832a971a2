/* SPDX-License-Identifier: MIT */
#include "instruction_context.h"

#include "board.h"
#include "vcpu.h"

#include <cpuid.h>
#include <string.h>
#include <sys/ioctl.h>

#define LEAF_STATE     0xdu
#define FIRST_EXTENDED 2u /* component; those before have no place of their own */

static bool read_memory(const void *who, uint64_t gpa, void *to, size_t bytes)
{
    const struct vcpu *vcpu = who;

    return memory_read(vcpu->machine->memory, gpa, to, bytes);
}

static bool is_memory(const void *who, uint64_t gpa)
{
    const struct vcpu *vcpu = who;
    const struct memory *memory = vcpu->machine->memory;
    const uint64_t arena = memory_arena_base(memory);

    return (gpa >= arena && gpa - arena < memory_arena_bytes(memory)) ||
           memory_ram_at(memory, gpa, 1) != NULL;
}

/* KVM looks as ring 0 does: it has no address for a page that SMAP keeps from ring 0. */
static bool translate(const void *who, uint64_t linear, uint64_t *gpa)
{
    const struct vcpu *vcpu = who;
    struct kvm_translation translation = {.linear_address = linear};

    if (ioctl(vcpu->fd, KVM_TRANSLATE, &translation) < 0 || translation.valid == 0)
        return false;
    *gpa = translation.physical_address;
    return true;
}

/* Which components the processor has, the kernel's own among them. */
static uint64_t components(void)
{
    uint32_t eax, ebx, ecx, edx;
    uint64_t found = 0;

    if (__get_cpuid_count(LEAF_STATE, 0, &eax, &ebx, &ecx, &edx) != 0)
        found |= (uint64_t)edx << 32 | eax;
    if (__get_cpuid_count(LEAF_STATE, 1, &eax, &ebx, &ecx, &edx) != 0)
        found |= (uint64_t)edx << 32 | ecx;
    return found;
}

/* Where the components stand in what KVM_GET_XSAVE gives. */
static void find_components(struct extended_component *component)
{
    const uint64_t found = components();
    uint32_t eax, ebx, ecx, edx;

    memset(component, 0, EXTENDED_COMPONENTS * sizeof *component);
    for (uint32_t i = FIRST_EXTENDED; i < EXTENDED_COMPONENTS; i++)
        if ((found >> i & 1) != 0 && __get_cpuid_count(LEAF_STATE, i, &eax, &ebx, &ecx, &edx) != 0)
            component[i] = (struct extended_component){ebx, eax};
}

static void read_extended_state(const void *who, struct extended_state *state)
{
    const struct vcpu *vcpu = who;
    struct kvm_xcrs xcrs;
    struct kvm_xsave xsave;

    find_components(state->component);
    state->xcr0 = ioctl(vcpu->fd, KVM_GET_XCRS, &xcrs) == 0 && xcrs.nr_xcrs > 0 ? xcrs.xcrs[0].value
                                                                                : UINT64_MAX;
    state->is_known = ioctl(vcpu->fd, KVM_GET_XSAVE, &xsave) == 0;
    if (state->is_known)
        memcpy(state->area, xsave.region, sizeof state->area);
}

static struct registers registers_of(const struct kvm_regs *regs)
{
    return (struct registers){
        .rax = regs->rax,
        .rcx = regs->rcx,
        .rdx = regs->rdx,
        .rbx = regs->rbx,
        .rsp = regs->rsp,
        .rbp = regs->rbp,
        .rsi = regs->rsi,
        .rdi = regs->rdi,
        .r8 = regs->r8,
        .r9 = regs->r9,
        .r10 = regs->r10,
        .r11 = regs->r11,
        .r12 = regs->r12,
        .r13 = regs->r13,
        .r14 = regs->r14,
        .r15 = regs->r15,
        .rip = regs->rip,
        .rflags = regs->rflags,
    };
}

struct kvm_regs instruction_context_to_kvm(const struct registers *registers)
{
    return (struct kvm_regs){
        .rax = registers->rax,
        .rcx = registers->rcx,
        .rdx = registers->rdx,
        .rbx = registers->rbx,
        .rsp = registers->rsp,
        .rbp = registers->rbp,
        .rsi = registers->rsi,
        .rdi = registers->rdi,
        .r8 = registers->r8,
        .r9 = registers->r9,
        .r10 = registers->r10,
        .r11 = registers->r11,
        .r12 = registers->r12,
        .r13 = registers->r13,
        .r14 = registers->r14,
        .r15 = registers->r15,
        .rip = registers->rip,
        .rflags = registers->rflags,
    };
}

static struct system_registers system_registers_of(const struct kvm_sregs *sregs)
{
    return (struct system_registers){
        .cr0 = sregs->cr0,
        .cr3 = sregs->cr3,
        .cr4 = sregs->cr4,
        .efer = sregs->efer,
        .cs_base = sregs->cs.base,
        .ds_base = sregs->ds.base,
        .es_base = sregs->es.base,
        .fs_base = sregs->fs.base,
        .gs_base = sregs->gs.base,
        .ss_base = sregs->ss.base,
        .tr_base = sregs->tr.base,
        .gdt_base = sregs->gdt.base,
        .idt_base = sregs->idt.base,
        .gdt_limit = sregs->gdt.limit,
        .code_privilege = sregs->cs.dpl,
        .code_is_long = sregs->cs.l != 0,
        .code_is_32_bit = sregs->cs.db != 0,
        .stack_is_32_bit = sregs->ss.db != 0,
    };
}

struct instruction_context instruction_context_of(const struct vcpu *vcpu)
{
    return (struct instruction_context){
        .registers = registers_of(&vcpu->run->s.regs.regs),
        .system = system_registers_of(&vcpu->run->s.regs.sregs),
        .source = {vcpu, read_memory, is_memory, translate, read_extended_state},
    };
}
