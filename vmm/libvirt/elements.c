/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/elements.h"

#include <stdio.h>
#include <string.h>

#define OWN_WORDS "if <qemu:commandline> has it, take it out there"

struct element {
    const char *part; /* of the name; the first row that matches counts */
    const char *what_to_do;
};

static const char *find(const struct element *rows, size_t count, const char *name,
                        const char *otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(name, rows[i].part) != NULL)
            return rows[i].what_to_do;
    return otherwise;
}
#define FIND(rows, name, otherwise) find(rows, sizeof(rows) / sizeof((rows)[0]), name, otherwise)

const char *elements_of_device(const char *driver)
{
    static const struct element rows[] = {
        {"balloon", "say <memballoon model='none'/>"},
        {"usb", "say <controller type='usb' model='none'/> and take USB devices out"},
        {"net", "take <interface> out of the domain"},
        {"ne2k", "take <interface> out of the domain"},
        {"e1000", "take <interface> out of the domain"},
        {"rtl8139", "take <interface> out of the domain"},
        {"blk", "take <disk> out of the domain, and attach objects with --object"},
        {"vhost-scsi", "take <hostdev> out of the domain"},
        {"scsi", "take <disk> and its controller out of the domain"},
        {"lsi", "take <disk> and its controller out of the domain"},
        {"ide", "take <disk> and its controller out of the domain"},
        {"ahci", "take <disk> and its controller out of the domain"},
        {"floppy", "take <disk> out of the domain"},
        {"fdc", "take <disk> and its controller out of the domain"},
        {"vga", "take <video> out of the domain"},
        {"VGA", "take <video> out of the domain"},
        {"gpu", "take <video> out of the domain"},
        {"qxl", "take <video> out of the domain"},
        {"ramfb", "take <video> out of the domain"},
        {"bochs", "take <video> out of the domain"},
        {"rng", "take <rng> out of the domain"},
        {"tpm", "take <tpm> out of the domain"},
        {"vfio", "take <hostdev> out of the domain"},
        {"vsock", "take <vsock> out of the domain"},
        {"9p", "take <filesystem> out of the domain"},
        {"vhost-user-fs", "take <filesystem> out of the domain"},
        {"isa-debug", "take this <serial> out of the domain"},
        {"serial", "take <channel> out of the domain; a <console> is of type='serial'"},
        {"console", "a <console> is of type='serial' here"},
        {"parallel", "take <parallel> out of the domain"},
        {"watchdog", "take <watchdog> out of the domain"},
        {"6300esb", "take <watchdog> out of the domain"},
        {"ib700", "take <watchdog> out of the domain"},
        {"sb16", "take <sound> out of the domain"},
        {"AC97", "take <sound> out of the domain"},
        {"ES1370", "take <sound> out of the domain"},
        {"hda", "take <sound> out of the domain"},
        {"pcspk", "take <sound> out of the domain"},
        {"virtio-sound", "take <sound> out of the domain"},
        {"keyboard", "take <input> out of the domain"},
        {"mouse", "take <input> out of the domain"},
        {"tablet", "take <input> out of the domain"},
        {"virtio-input", "take <input> out of the domain"},
        {"ccid", "take <smartcard> out of the domain"},
        {"dimm", "take <memory> out of <devices>"},
        {"virtio-mem", "take <memory> out of <devices>"},
        {"virtio-pmem", "take <memory> out of <devices>"},
        {"iommu", "take <iommu> out of the domain"},
        {"ivshmem", "take <shmem> out of the domain"},
        {"crypto", "take <crypto> out of the domain"},
        {"erst", "take <pstore> out of the domain"},
        {"vmgenid", "take <genid> out of the domain"},
        {"vmcoreinfo", "take <vmcoreinfo> out of <features>"},
        {"pvpanic", "say <panic model='isa'/>"},
        {"pci", "take <controller> out of the domain"},
    };

    return FIND(rows, driver, "take it out of the domain; " OWN_WORDS);
}

const char *elements_of_object(const char *type)
{
    static const struct element rows[] = {
        {"rng", "take <rng> out of the domain"},
        {"input", "take <input> out of the domain"},
        {"iothread", "take <iothreads> out of the domain"},
        {"sev", "take <launchSecurity> out of the domain"},
        {"tdx", "take <launchSecurity> out of the domain"},
        {"s390-pv", "take <launchSecurity> out of the domain"},
        {"crypto", "take <crypto> out of the domain"},
        {"tls", "take what uses TLS out of <devices>"},
        {"secret", "take what uses a <secret> out of <devices>"},
        {"throttle", "take <disk> out of the domain"},
        {"pr-manager", "take <disk> out of the domain"},
        {"acpi-generic-initiator", "take <hostdev> out of the domain"},
        {"dbus", "take <graphics> out of the domain"},
        {"thread-context", "take <memoryBacking>'s <allocation> out of the domain"},
    };

    return FIND(rows, type,
                "Holdfast's own objects are given as --object; take this one out of the domain");
}

const char *elements_of_global(const char *property)
{
    static const struct element rows[] = {
        {"kvm-pit", "take <timer name='pit'> out of <clock>"},
        {"rtc", "take <timer name='rtc'> out of <clock>"},
        {"disable_s", "a guest cannot suspend the machine; take <pm> out of the domain"},
        {"VGA", "take <video> out of the domain"},
        {"vga", "take <video> out of the domain"},
        {"qxl", "take <video> out of the domain"},
        {"flash", "take <loader> out of <os>"},
        {"pcihole", "take <controller> out of the domain"},
        {"fdc", "take <disk> out of the domain"},
    };

    return FIND(rows, property, "Holdfast has no such device to be set; " OWN_WORDS);
}

void elements_of_cpu(const char *property, char *text, size_t size)
{
    static const struct element rows[] = {
        {"hv-crash", "take <panic model='hyperv'/> out of the domain"},
        {"hv_crash", "take <panic model='hyperv'/> out of the domain"},
        {"hv-time", "take <timer name='hypervclock'> out of <clock>"},
        {"hv_time", "take <timer name='hypervclock'> out of <clock>"},
        {"hv-", "take <hyperv> out of <features>"},
        {"hv_", "take <hyperv> out of <features>"},
        {"phys-bits", "take <maxphysaddr> out of <cpu>"},
        {"tsc-frequency", "take <timer name='tsc'> out of <clock>"},
        {"pmu", "take <pmu> out of <features>"},
        {"eoi", "take eoi= out of <apic>"},
        {"unhalt", "take <pvspinlock> out of <features>"},
        {"kvm", "take <kvm> out of <features>"},
    };
    const char *what = FIND(rows, property, NULL);

    if (what != NULL)
        snprintf(text, size, "%s", what);
    else
        snprintf(text, size,
                 "the guest sees the host's processor as it is; take <feature name='%.40s'> out of "
                 "<cpu>",
                 property);
}
