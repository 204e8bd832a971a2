/* SPDX-License-Identifier: MIT
 * ELF64: a note with the registers of each vCPU for gdb and one for crash, and RAM in one or two
 * segments, whose virtual addresses are said to be the physical ones. */
#include "core_file.h"

#include "board.h"
#include "vcpu.h"
#include "vmm/memory/memory.h"

#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/procfs.h>
#include <unistd.h>

#define CHUNK     ((size_t)256 << 10)
#define PAGE      4096u
#define NAME_SIZE 8u /* of a note, padded */

/* QEMU's own note, version 1. */
struct core_segment {
    uint32_t selector, limit, flags, padding;
    uint64_t base;
};
struct core_cpu {
    uint32_t version, size;
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags;
    struct core_segment cs, ds, es, fs, gs, ss, ldt, tr, gdt, idt;
    uint64_t cr[5];
};

struct core_notes {
    Elf64_Nhdr status_head;
    char status_name[NAME_SIZE];
    uint8_t status[sizeof(struct elf_prstatus)]; /* where it is not aligned */
    Elf64_Nhdr cpu_head;
    char cpu_name[NAME_SIZE];
    uint8_t cpu[sizeof(struct core_cpu)];
};
_Static_assert(sizeof(struct elf_prstatus) % 4 == 0 && sizeof(struct core_cpu) % 4 == 0,
               "notes need no padding");

static void make_status(struct elf_prstatus *status, uint32_t index, const struct kvm_regs *regs,
                        const struct kvm_sregs *sregs)
{
    const struct user_regs_struct user = {
        .r15 = regs->r15,
        .r14 = regs->r14,
        .r13 = regs->r13,
        .r12 = regs->r12,
        .rbp = regs->rbp,
        .rbx = regs->rbx,
        .r11 = regs->r11,
        .r10 = regs->r10,
        .r9 = regs->r9,
        .r8 = regs->r8,
        .rax = regs->rax,
        .rcx = regs->rcx,
        .rdx = regs->rdx,
        .rsi = regs->rsi,
        .rdi = regs->rdi,
        .orig_rax = regs->rax,
        .rip = regs->rip,
        .cs = sregs->cs.selector,
        .eflags = regs->rflags,
        .rsp = regs->rsp,
        .ss = sregs->ss.selector,
        .fs_base = sregs->fs.base,
        .gs_base = sregs->gs.base,
        .ds = sregs->ds.selector,
        .es = sregs->es.selector,
        .fs = sregs->fs.selector,
        .gs = sregs->gs.selector,
    };

    _Static_assert(sizeof user == sizeof status->pr_reg, "gdb's registers are ptrace's");
    memcpy(&status->pr_reg, &user, sizeof user);
    status->pr_pid = (pid_t)index + 1; /* as QEMU numbers them */
}

static struct core_segment segment(const struct kvm_segment *from)
{
    const uint32_t flags = from->type | (uint32_t)from->s << 4 | (uint32_t)from->dpl << 5 |
                           (uint32_t)from->present << 7 | (uint32_t)from->avl << 12 |
                           (uint32_t)from->l << 13 | (uint32_t)from->db << 14 |
                           (uint32_t)from->g << 15;

    return (struct core_segment){
        .selector = from->selector, .limit = from->limit, .flags = flags << 8, .base = from->base};
}

static void make_cpu(struct core_cpu *cpu, const struct kvm_regs *regs,
                     const struct kvm_sregs *sregs)
{
    *cpu = (struct core_cpu){
        .version = 1,
        .size = sizeof *cpu,
        .rax = regs->rax,
        .rbx = regs->rbx,
        .rcx = regs->rcx,
        .rdx = regs->rdx,
        .rsi = regs->rsi,
        .rdi = regs->rdi,
        .rsp = regs->rsp,
        .rbp = regs->rbp,
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
        .cs = segment(&sregs->cs),
        .ds = segment(&sregs->ds),
        .es = segment(&sregs->es),
        .fs = segment(&sregs->fs),
        .gs = segment(&sregs->gs),
        .ss = segment(&sregs->ss),
        .ldt = segment(&sregs->ldt),
        .tr = segment(&sregs->tr),
        .gdt = {.limit = sregs->gdt.limit, .base = sregs->gdt.base},
        .idt = {.limit = sregs->idt.limit, .base = sregs->idt.base},
        .cr = {sregs->cr0, 0, sregs->cr2, sregs->cr3, sregs->cr4},
    };
}

/* The vCPU is out of KVM_RUN. */
static int make_notes(struct core_notes *notes, const struct vcpu *vcpu, struct error *error)
{
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct elf_prstatus status = {0};
    struct core_cpu cpu;

    if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0 || ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
        return error_set(error, "cannot read vCPU %u's registers: %s", vcpu->index,
                         strerror(errno));
    notes->status_head = (Elf64_Nhdr){sizeof "CORE", sizeof notes->status, NT_PRSTATUS};
    strcpy(notes->status_name, "CORE");
    make_status(&status, vcpu->index, &regs, &sregs);
    memcpy(notes->status, &status, sizeof status);
    notes->cpu_head = (Elf64_Nhdr){sizeof "QEMU", sizeof notes->cpu, 0};
    strcpy(notes->cpu_name, "QEMU");
    make_cpu(&cpu, &regs, &sregs);
    memcpy(notes->cpu, &cpu, sizeof cpu);
    return 0;
}

/* One that waits for memory runs for a moment between two waits. false: it is not held. The lock is
 * held. */
static bool wait_until_stopped(struct machine *machine)
{
    while (machine->hold != 0 && !machine->ended && !vcpus_are_stopped(machine))
        pthread_cond_wait(&machine->changed, &machine->lock);
    return machine->hold != 0 && !machine->ended;
}

static int make_all_notes(struct core_notes *notes, struct machine *machine, struct error *error)
{
    int result = 0;

    /* A machine that is to go on waits until the registers are read. */
    pthread_mutex_lock(&machine->lock);
    if (!wait_until_stopped(machine))
        result = error_set(error, "the machine is not paused");
    for (uint32_t i = 0; i < machine->vcpus && result == 0; i++)
        result = make_notes(&notes[i], &machine->vcpu[i], error);
    pthread_mutex_unlock(&machine->lock);
    return result;
}

#define SEGMENTS 3u /* the notes, RAM below and above the hole */

struct core_head {
    Elf64_Ehdr elf;
    Elf64_Phdr segments[SEGMENTS];
    struct core_notes notes[];
};

static Elf64_Phdr ram_segment(uint64_t at, uint64_t gpa, uint64_t bytes)
{
    return (Elf64_Phdr){.p_type = PT_LOAD,
                        .p_flags = PF_R | PF_W | PF_X,
                        .p_offset = at,
                        .p_vaddr = gpa,
                        .p_paddr = gpa,
                        .p_filesz = bytes,
                        .p_memsz = bytes};
}

static void make_elf(struct core_file *core, struct core_head *head, size_t notes)
{
    const uint64_t ram = memory_ram_bytes(core->memory);
    const uint64_t low = ram < MEMORY_HOLE ? ram : MEMORY_HOLE;

    head->elf = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = offsetof(struct core_head, segments),
        .e_ehsize = sizeof head->elf,
        .e_phentsize = sizeof head->segments[0],
        .e_phnum = ram > low ? SEGMENTS : SEGMENTS - 1,
    };
    head->segments[0] = (Elf64_Phdr){.p_type = PT_NOTE,
                                     .p_offset = offsetof(struct core_head, notes),
                                     .p_filesz = notes,
                                     .p_memsz = notes};
    head->segments[1] = ram_segment(core->head_bytes, 0, low);
    head->segments[2] = ram_segment(core->head_bytes + low, MEMORY_ABOVE, ram - low);
    core->bytes = core->head_bytes + ram;
}

int core_file_make(struct core_file *core, struct machine *machine, struct error *error)
{
    const size_t notes = machine->vcpus * sizeof(struct core_notes);
    const size_t bytes = sizeof(struct core_head) + notes;

    *core = (struct core_file){.memory = machine->memory,
                               .head_bytes = (bytes + PAGE - 1) / PAGE * PAGE};
    core->head = calloc(1, core->head_bytes);
    if (core->head == NULL)
        return error_set(error, "out of memory");
    struct core_head *head = (struct core_head *)(void *)core->head;
    if (make_all_notes(head->notes, machine, error) < 0) {
        core_file_free(core);
        return -1;
    }
    make_elf(core, head, notes);
    return 0;
}

void core_file_free(struct core_file *core)
{
    free(core->head);
    core->head = NULL;
}

/* Whether the descriptor may be written to now; false: it is to be given up. */
static bool wait_for(int fd, int stop)
{
    struct pollfd polled[] = {{.fd = stop, .events = POLLIN}, {.fd = fd, .events = POLLOUT}};

    while (poll(polled, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    errno = ECANCELED;
    return polled[0].revents == 0;
}

static int write_all(struct core_file *core, int fd, int stop, const uint8_t *from, size_t bytes,
                     struct error *error)
{
    while (bytes > 0) {
        const ssize_t done = wait_for(fd, stop) ? write(fd, from, bytes) : -1;
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return error_set(error, "cannot write the core file: %s", strerror(errno));
        if (done < 0)
            continue;
        from += done;
        bytes -= (size_t)done;
        atomic_fetch_add(&core->written, (uint64_t)done);
    }
    return 0;
}

int core_file_write(struct core_file *core, int fd, int stop, struct error *error)
{
    const uint64_t ram = memory_ram_bytes(core->memory);
    uint8_t *chunk = malloc(CHUNK);
    int result = chunk != NULL ? write_all(core, fd, stop, core->head, core->head_bytes, error)
                               : error_set(error, "out of memory");

    for (uint64_t at = 0; at < ram && result == 0; at += CHUNK) {
        const size_t bytes = ram - at < CHUNK ? (size_t)(ram - at) : CHUNK;
        result = memory_ram_copy(core->memory, at, chunk, bytes)
                     ? write_all(core, fd, stop, chunk, bytes, error)
                     : error_set(error, "cannot read RAM: %s", strerror(errno));
    }
    free(chunk);
    return result;
}
