/* SPDX-License-Identifier: MIT */
#include "kvm.h"

#include "holdfast/abi.h"
#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TSS_ADDRESS      0xfffbd000ul /* three pages that neither RAM nor a device claims */
#define IDENTITY_ADDRESS 0xfffbc000ul

#define APIC_IDS_OF_8_BITS 255u /* one id is for broadcasts */

/* Who may open it, for a user who may not. */
static int explain_rights(struct error *error)
{
    struct stat device;

    if (stat("/dev/kvm", &device) < 0)
        return error_set(error, "cannot open /dev/kvm: %s", cause_text(errno));
    const struct group *group = getgrgid(device.st_gid);
    if ((device.st_mode & 060) != 060 || device.st_gid == 0)
        return error_set(error,
                         "cannot open /dev/kvm: it is open to no group (owner %u:%u, mode "
                         "%04o); run as root, or let a group have it by a udev rule",
                         device.st_uid, device.st_gid, device.st_mode & 07777u);
    if (group == NULL)
        return error_set(error, "cannot open /dev/kvm: run as root or as a member of group %u",
                         device.st_gid);
    return error_set(error,
                     "cannot open /dev/kvm: run as root or as a member of group %s (usermod "
                     "-aG %s USER, then log in anew)",
                     group->gr_name, group->gr_name);
}

static int explain_open(struct error *error)
{
    if (errno == EACCES)
        return explain_rights(error);
    return error_set(error, "cannot open /dev/kvm: %s%s", cause_text(errno),
                     errno == ENOENT ? "; the host offers no KVM (module kvm_intel or kvm_amd, or "
                                       "nested virtualisation switched on)"
                                     : "");
}

int kvm_look(struct error *error)
{
    struct stat device;

    if (stat("/dev/kvm", &device) < 0 ||
        faccessat(AT_FDCWD, "/dev/kvm", R_OK | W_OK, AT_EACCESS) < 0)
        return explain_open(error);
    return S_ISCHR(device.st_mode) ? 0 : error_set(error, "/dev/kvm is not a device");
}

static int open_device(struct kvm *kvm, struct error *error)
{
    kvm->fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm->fd < 0)
        return explain_open(error);
    const int version = ioctl(kvm->fd, KVM_GET_API_VERSION, 0);
    if (version != KVM_API_VERSION)
        return error_set(error, "/dev/kvm speaks API version %d, needed is %d", version,
                         KVM_API_VERSION);
    return 0;
}

static int check_capabilities(struct kvm *kvm, struct error *error)
{
    static const struct {
        int capability;
        int least;
        const char *name;
    } needed[] = {
        {KVM_CAP_USER_MEMORY, 1, "KVM_CAP_USER_MEMORY"},
        {KVM_CAP_IRQCHIP, 1, "KVM_CAP_IRQCHIP"},
        {KVM_CAP_EXT_CPUID, 1, "KVM_CAP_EXT_CPUID"},
        {KVM_CAP_IMMEDIATE_EXIT, 1, "KVM_CAP_IMMEDIATE_EXIT"},
        {KVM_CAP_VCPU_EVENTS, 1, "KVM_CAP_VCPU_EVENTS"},
        {KVM_CAP_SYNC_REGS, KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS, "KVM_CAP_SYNC_REGS"},
    };

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const int found = ioctl(kvm->fd, KVM_CHECK_EXTENSION, needed[i].capability);
        if (found < 0 || (found & needed[i].least) != needed[i].least)
            return error_set(error, "this host's KVM lacks %s; Linux 5.10 or later has it",
                             needed[i].name);
    }
    const int most = ioctl(kvm->fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
    kvm->vcpus_most = most > 0 ? (uint32_t)most : 1;
    const int run_bytes = ioctl(kvm->fd, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (run_bytes < (int)sizeof(struct kvm_run))
        return error_set(error, "KVM_GET_VCPU_MMAP_SIZE: %s", cause_text(errno));
    kvm->run_bytes = (size_t)run_bytes;
    return 0;
}

static int read_cpuid(struct kvm *kvm, struct error *error)
{
    kvm->cpuid = calloc(1, sizeof *kvm->cpuid + KVM_CPUID_ENTRIES * sizeof kvm->cpuid->entries[0]);
    if (kvm->cpuid == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    kvm->cpuid->nent = KVM_CPUID_ENTRIES;
    if (ioctl(kvm->fd, KVM_GET_SUPPORTED_CPUID, kvm->cpuid) < 0)
        return error_set(error, "KVM_GET_SUPPORTED_CPUID: %s", cause_text(errno));

    uint32_t bits = 36;
    for (uint32_t i = 0; i < kvm->cpuid->nent; i++)
        if (kvm->cpuid->entries[i].function == 0x80000008)
            bits = kvm->cpuid->entries[i].eax & 0xff;
    kvm->gpa_limit = 1ull << (bits < 52 ? bits : 52);
    return 0;
}

/* Without it KVM takes the APIC ids of interrupts for 8 bits wide. */
static void allow_large_apic_ids(struct kvm *kvm)
{
    struct kvm_enable_cap cap = {
        .cap = KVM_CAP_X2APIC_API,
        .args = {KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK},
    };

    if (ioctl(kvm->vm_fd, KVM_ENABLE_CAP, &cap) < 0 && kvm->vcpus_most > APIC_IDS_OF_8_BITS)
        kvm->vcpus_most = APIC_IDS_OF_8_BITS;
}

/* The 8259s come with all lines open, at the vectors of exceptions. A guest that never looks at
 * them must not take an interrupt for one. */
static int mask_lines(int vm_fd)
{
    static const uint32_t chips[] = {KVM_IRQCHIP_PIC_MASTER, KVM_IRQCHIP_PIC_SLAVE};

    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
        struct kvm_irqchip chip = {.chip_id = chips[i]};
        if (ioctl(vm_fd, KVM_GET_IRQCHIP, &chip) < 0)
            return -1;
        chip.chip.pic.imr = 0xff;
        if (ioctl(vm_fd, KVM_SET_IRQCHIP, &chip) < 0)
            return -1;
    }
    return 0;
}

static int make_vm(struct kvm *kvm, struct error *error)
{
    uint64_t identity = IDENTITY_ADDRESS;
    struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};

    kvm->vm_fd = ioctl(kvm->fd, KVM_CREATE_VM, 0);
    if (kvm->vm_fd < 0)
        return error_set(error, "KVM_CREATE_VM: %s", cause_text(errno));
    if (ioctl(kvm->vm_fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) < 0 ||
        ioctl(kvm->vm_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity) < 0 ||
        ioctl(kvm->vm_fd, KVM_CREATE_IRQCHIP, 0) < 0 || mask_lines(kvm->vm_fd) < 0 ||
        ioctl(kvm->vm_fd, KVM_CREATE_PIT2, &pit) < 0)
        return error_set(error, "cannot make the VM's interrupt controllers: %s",
                         cause_text(errno));
    allow_large_apic_ids(kvm);
    return 0;
}

int kvm_open(struct kvm *kvm, struct error *error)
{
    *kvm = (struct kvm){.fd = -1, .vm_fd = -1, .transports = HF_FEATURE_PIO};
    if (open_device(kvm, error) < 0 || check_capabilities(kvm, error) < 0 ||
        read_cpuid(kvm, error) < 0 || make_vm(kvm, error) < 0) {
        kvm_close(kvm);
        return -1;
    }
    if (kvm_enable_hypercall_exit(kvm->vm_fd) == 0)
        kvm->transports |= kvm_probe_hypercall(kvm);
    return 0;
}

void kvm_close(struct kvm *kvm)
{
    free(kvm->cpuid);
    kvm->cpuid = NULL;
    if (kvm->vm_fd >= 0)
        close(kvm->vm_fd);
    if (kvm->fd >= 0)
        close(kvm->fd);
    kvm->fd = kvm->vm_fd = -1;
}
