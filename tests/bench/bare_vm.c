/* SPDX-License-Identifier: MIT */
#include "bare_vm.h"

#include "timed_out.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* Guest-physical layout of the vCPU's own RAM. */
#define PML4_GPA    0x1000u
#define PDPT_GPA    0x2000u
#define LOW_PD_GPA  0x3000u
#define HIGH_PD_GPA 0x4000u
#define SPARE_PD    0x5000u
#define MAIL_GPA    0x6000u
#define CODE_GPA    0x7000u
#define RAM_BYTES   (2ull << 20)

#define FAR_ADDRESS 0x200000000000ull

enum { SLOT_RAM, SLOT_RANGE, SLOT_SPARE };

/* Between host and guest; the offsets are known to the guest's code. */
struct mail {
    uint32_t ticks;
    uint32_t overhead;
    uint64_t read_gpa;
    uint64_t read_pages;
};

static struct mail *mail;
static struct kvm_run *run;

extern const char bare_guest_begin[], bare_guest_end[];

/* RBP points to struct mail. Never executed where it stands; a function only because extended
 * asm has to be in one. */
__attribute__((used)) static void bare_guest(void)
{
    __asm__ volatile(".globl bare_guest_begin, bare_guest_end\n"
                     "bare_guest_begin:\n\t" TIMED_NOP "mov %%eax, 4(%%rbp)\n\t" TIMED_OUT
                     "mov %%eax, (%%rbp)\n\t"
                     "mov 8(%%rbp), %%rbx\n\t"
                     "mov 16(%%rbp), %%rdx\n"
                     "1:\n\t"
                     "test %%rdx, %%rdx\n\t"
                     "jz bare_guest_begin\n\t"
                     "mov (%%rbx), %%al\n\t"
                     "add $4096, %%rbx\n\t"
                     "dec %%rdx\n\t"
                     "jmp 1b\n"
                     "bare_guest_end:" ::
                         : "memory");
}

void fail(const char *what)
{
    fprintf(stderr, "raw: ");
    perror(what);
    exit(1);
}

static void set_slot(int vm_fd, uint32_t slot, uint64_t gpa, uint64_t bytes, const void *hva)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .guest_phys_addr = gpa,
        .memory_size = bytes,
        .userspace_addr = (uintptr_t)hva,
    };

    if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        fail("KVM_SET_USER_MEMORY_REGION");
}

void bare_vm_slot(const struct bare_vm *vm, uint64_t bytes)
{
    set_slot(vm->vm_fd, SLOT_SPARE, SPARE_GPA, bytes, vm->spare);
}

/* 1 GiB from gpa on, in pages of 2 MiB. */
static void identity_map(uint8_t *ram, uint64_t gpa, uint64_t directory)
{
    uint64_t *entries = (uint64_t *)(ram + directory);

    for (uint64_t i = 0; i < 512; i++)
        entries[i] = (gpa + (i << 21)) | 0x83;
    ((uint64_t *)(ram + PDPT_GPA))[gpa >> 30] = directory | 3;
}

static void fill_ram(uint8_t *ram)
{
    mail = (struct mail *)(ram + MAIL_GPA);
    *(uint64_t *)(ram + PML4_GPA) = PDPT_GPA | 3;
    identity_map(ram, 0, LOW_PD_GPA);
    identity_map(ram, RANGE_GPA, HIGH_PD_GPA);
    identity_map(ram, SPARE_GPA, SPARE_PD);
    memcpy(ram + CODE_GPA, bare_guest_begin, (size_t)(bare_guest_end - bare_guest_begin));
}

static void set_registers(int vcpu_fd)
{
    const struct kvm_segment code = {
        .limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .l = 1, .s = 1, .g = 1};
    const struct kvm_segment data = {
        .limit = 0xffffffff, .selector = 16, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1};
    const struct kvm_regs regs = {
        .rip = CODE_GPA,
        .rflags = 2,
        .rcx = UNCLAIMED_PORT,
        .rbp = MAIL_GPA,
    };
    struct kvm_sregs sregs;

    if (ioctl(vcpu_fd, KVM_GET_SREGS, &sregs) < 0)
        fail("KVM_GET_SREGS");
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.ss = data;
    sregs.cr3 = PML4_GPA;
    sregs.cr4 = 0x20;        /* PAE */
    sregs.efer = 0x500;      /* long mode */
    sregs.cr0 = 0x80000011u; /* paging, extension type, protection */
    if (ioctl(vcpu_fd, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu_fd, KVM_SET_REGS, &regs) < 0)
        fail("KVM_SET_REGS");
}

static void set_cpuid(int kvm_fd, int vcpu_fd)
{
    static struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 entries[256];
    } cpuid = {.head.nent = 256};

    if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid) < 0 ||
        ioctl(vcpu_fd, KVM_SET_CPUID2, &cpuid) < 0)
        fail("KVM_SET_CPUID2");
}

static uint8_t *map_anonymous(uint64_t bytes)
{
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (memory == MAP_FAILED)
        fail("mmap");
    return memory;
}

void bare_vm_create(struct bare_vm *vm)
{
    vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (vm->kvm_fd < 0)
        fail("/dev/kvm");
    vm->vm_fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
    if (vm->vm_fd < 0)
        fail("KVM_CREATE_VM");
    if (ioctl(vm->vm_fd, KVM_CREATE_IRQCHIP, 0) < 0)
        fail("KVM_CREATE_IRQCHIP");
    vm->vcpu_fd = ioctl(vm->vm_fd, KVM_CREATE_VCPU, 0);
    if (vm->vcpu_fd < 0)
        fail("KVM_CREATE_VCPU");
}

void bare_vm_fit_out(struct bare_vm *vm)
{
    uint8_t *ram = map_anonymous(RAM_BYTES);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): the address is ours to choose. */
    void *range = mmap((void *)FAR_ADDRESS, RANGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (range == MAP_FAILED)
        fail("mmap of the range");
    fill_ram(ram);
    vm->range = range;
    vm->spare = map_anonymous(SPARE_BYTES);
    set_slot(vm->vm_fd, SLOT_RAM, 0, RAM_BYTES, ram);
    set_slot(vm->vm_fd, SLOT_RANGE, RANGE_GPA, RANGE, range);
    const int run_bytes = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
    run = mmap(NULL, (size_t)run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu_fd, 0);
    if (run == MAP_FAILED)
        fail("mmap of the vCPU");
    set_cpuid(vm->kvm_fd, vm->vcpu_fd);
    set_registers(vm->vcpu_fd);
}

uint32_t bare_vm_run(const struct bare_vm *vm, uint64_t read_gpa, uint64_t read_pages)
{
    mail->read_gpa = read_gpa;
    mail->read_pages = read_pages;
    while (ioctl(vm->vcpu_fd, KVM_RUN, 0) < 0)
        if (errno != EINTR && errno != EAGAIN)
            fail("KVM_RUN");
    if (run->exit_reason != KVM_EXIT_IO || run->io.port != UNCLAIMED_PORT) {
        fprintf(stderr, "raw: the guest left for reason %u\n", run->exit_reason);
        exit(1);
    }
    return mail->ticks;
}

uint32_t bare_vm_overhead(void)
{
    return mail->overhead;
}
