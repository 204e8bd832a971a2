/* SPDX-License-Identifier: MIT
 * Does a hypercall instruction come back? Tried once in a VM of its own. */
#include "holdfast/abi.h"
#include "kvm.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef KVM_CAP_EXIT_HYPERCALL /* Linux 5.14 */
#define KVM_CAP_EXIT_HYPERCALL 201
#endif

#define CODE_GPA   0x1000u
#define CODE_BYTES 6u

/* How long the instruction may take: of processor time, so that a busy host does not look like a
 * hanging one, and at least so many times what an exit that is known to work has taken, so that
 * neither does a slow one. Looked at in steps of real time, since timers of processor time go off
 * with the kernel's tick only. */
#define PATIENCE_NS    2000000
#define PATIENCE_TIMES 5
#define STEP_NS        500000

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

int kvm_enable_hypercall_exit(int vm_fd)
{
    struct kvm_enable_cap cap = {
        .cap = KVM_CAP_EXIT_HYPERCALL,
        .args = {1ull << HF_VMCALL_NUMBER},
    };
    const int offered = ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_EXIT_HYPERCALL);

    if (offered < 0 || (offered & (1 << HF_VMCALL_NUMBER)) == 0)
        return -1;
    return ioctl(vm_fd, KVM_ENABLE_CAP, &cap);
}

static bool host_is_amd(const struct kvm_cpuid2 *cpuid)
{
    static const char amd[] = "AuthenticAMD";
    static const char hygon[] = "HygonGenuine";
    char vendor[12];

    for (uint32_t i = 0; i < cpuid->nent; i++) {
        const struct kvm_cpuid_entry2 *leaf = &cpuid->entries[i];
        if (leaf->function != 0)
            continue;
        memcpy(vendor, &leaf->ebx, 4);
        memcpy(vendor + 4, &leaf->edx, 4);
        memcpy(vendor + 8, &leaf->ecx, 4);
        return memcmp(vendor, amd, 12) == 0 || memcmp(vendor, hygon, 12) == 0;
    }
    return false;
}

/* Real mode would do, but 32-bit protected mode is what every KVM handles without emulation. */
static int set_registers(int vcpu_fd)
{
    struct kvm_sregs sregs;
    const struct kvm_segment code = {
        .limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1};
    struct kvm_segment data = code;
    const struct kvm_regs regs = {
        .rip = CODE_GPA,
        .rflags = 2,
        .rax = HF_VMCALL_NUMBER,
        .rbx = 0,
        .rcx = 1,
    };

    data.type = 3;
    data.selector = 16;
    if (ioctl(vcpu_fd, KVM_GET_SREGS, &sregs) < 0)
        return -1;
    sregs.cs = code;
    sregs.ds = sregs.es = sregs.ss = data;
    sregs.cr0 |= 1;
    if (ioctl(vcpu_fd, KVM_SET_SREGS, &sregs) < 0)
        return -1;
    return ioctl(vcpu_fd, KVM_SET_REGS, &regs);
}

static struct kvm_run *run_of_probe; /* for the signal handler; the probe runs once */

static void interrupt(int signal)
{
    (void)signal;
    run_of_probe->immediate_exit = 1; /* in case it comes just before KVM_RUN */
}

static int64_t processor_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Runs the vCPU until it exits, for so much processor time or little more. */
static bool exits_in_time(int vcpu_fd, struct kvm_run *run, int64_t patience)
{
    const int64_t begin = processor_time();

    do {
        run->immediate_exit = 0;
        if (ioctl(vcpu_fd, KVM_RUN, 0) == 0)
            return true;
    } while ((errno == EINTR || errno == EAGAIN) && processor_time() - begin < patience);
    return false;
}

/* The same, with a timer that gets the vCPU out of KVM_RUN from time to time. */
static bool exits_under_timer(int vcpu_fd, struct kvm_run *run, int64_t usual)
{
    const struct sigaction action = {.sa_handler = interrupt};
    const int64_t step = usual > STEP_NS ? usual : STEP_NS;
    const struct timespec span = {.tv_sec = step / 1000000000, .tv_nsec = step % 1000000000};
    const struct itimerspec steps = {.it_value = span, .it_interval = span};
    struct sigevent event = {
        .sigev_notify = SIGEV_THREAD_ID,
        .sigev_signo = SIGUSR2,
        .sigev_notify_thread_id = gettid(),
    };
    struct sigaction before;
    timer_t timer;

    run_of_probe = run;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
        return false;
    sigaction(SIGUSR2, &action, &before);
    timer_settime(timer, 0, &steps, NULL);
    const bool exited = exits_in_time(
        vcpu_fd, run, usual * PATIENCE_TIMES > PATIENCE_NS ? usual * PATIENCE_TIMES : PATIENCE_NS);
    timer_delete(timer);
    sigaction(SIGUSR2, &before, NULL);
    return exited;
}

static bool comes_back(int vcpu_fd, struct kvm_run *run)
{
    const int64_t begin = processor_time();

    if (ioctl(vcpu_fd, KVM_RUN, 0) < 0 || run->exit_reason != KVM_EXIT_IO)
        return false;
    const int64_t usual = processor_time() - begin;
    return exits_under_timer(vcpu_fd, run, usual) && run->exit_reason == KVM_EXIT_HYPERCALL &&
           run->hypercall.nr == HF_VMCALL_NUMBER;
}

static bool try_instruction(const struct kvm *kvm, int vm_fd, const uint8_t code[CODE_BYTES],
                            void *page)
{
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = CODE_GPA,
        .memory_size = HF_PAGE_SIZE,
        .userspace_addr = (uintptr_t)page,
    };
    bool works = false;

    memcpy(page, code, CODE_BYTES);
    if (kvm_enable_hypercall_exit(vm_fd) < 0 ||
        ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return false;
    const int vcpu_fd = ioctl(vm_fd, KVM_CREATE_VCPU, 0);
    if (vcpu_fd < 0)
        return false;
    struct kvm_run *run =
        mmap(NULL, kvm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu_fd, 0);
    if (run != MAP_FAILED) {
        if (ioctl(vcpu_fd, KVM_SET_CPUID2, kvm->cpuid) == 0 && set_registers(vcpu_fd) == 0)
            works = comes_back(vcpu_fd, run);
        munmap(run, kvm->run_bytes);
    }
    close(vcpu_fd);
    return works;
}

uint32_t kvm_probe_hypercall(const struct kvm *kvm)
{
    /* OUT, which comes back everywhere, the instruction, HLT. */
    static const uint8_t vmcall[CODE_BYTES] = {0xe6, 0x80, 0x0f, 0x01, 0xc1, 0xf4};
    static const uint8_t vmmcall[CODE_BYTES] = {0xe6, 0x80, 0x0f, 0x01, 0xd9, 0xf4};
    const bool amd = host_is_amd(kvm->cpuid);
    bool works = false;
    const int vm_fd = ioctl(kvm->fd, KVM_CREATE_VM, 0);
    void *page =
        mmap(NULL, HF_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (vm_fd >= 0 && page != MAP_FAILED)
        works = try_instruction(kvm, vm_fd, amd ? vmmcall : vmcall, page);
    if (page != MAP_FAILED)
        munmap(page, HF_PAGE_SIZE);
    if (vm_fd >= 0)
        close(vm_fd);
    if (!works)
        return 0;
    return amd ? HF_FEATURE_VMMCALL : HF_FEATURE_VMCALL;
}
