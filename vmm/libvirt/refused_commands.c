/* SPDX-License-Identifier: MIT
 * Commands of QEMU's monitor that Holdfast cannot carry out, and why: virsh shows the reason. */
#include "vmm/libvirt/commands.h"
#include "vmm/libvirt/words.h"

#include <stddef.h>

static const struct {
    const char *commands; /* with | between them */
    const char *why;
} refusals[] = {
    {"migrate|migrate-incoming|migrate-set-parameters|migrate_cancel|migrate-start-postcopy|"
     "migrate-continue|migrate-pause|migrate-recover|snapshot-save|snapshot-load|snapshot-delete",
     "a machine cannot be saved, restored or migrated"},
    {"device_add|device_del|object-add|object-del|netdev_add|netdev_del|chardev-add|"
     "chardev-remove|chardev-change|chardev-send-break|set_link|announce-self|qom-set|"
     "device-sync-config",
     "a machine's devices and vCPUs cannot be changed while it runs"},
    {"balloon", "the machine has no memory balloon; its memory cannot be changed while it runs"},
    {"blockdev-add|blockdev-del|blockdev-change-medium|blockdev-insert-medium|"
     "blockdev-remove-medium|blockdev-open-tray|blockdev-close-tray|blockdev-snapshot|"
     "blockdev-snapshot-sync|blockdev-snapshot-internal-sync|blockdev-mirror|blockdev-backup|"
     "blockdev-create|blockdev-reopen|block_resize|block_set_io_throttle|block-commit|block-stream|"
     "block-job-cancel|block-dirty-bitmap-add|drive-mirror|drive-backup|eject|change|transaction|"
     "nbd-server-start|nbd-server-add",
     "the machine has no disks"},
    {"screendump|set_password|expire_password|change-vnc-password|display-reload|display-update|"
     "client_migrate_info|add_client",
     "the machine has no display"},
    {"send-key|input-send-event",
     "the machine has no keyboard; type into its console, as with virsh console"},
    {"human-monitor-command", "the monitor knows no commands for people, only QMP's"},
    {"inject-nmi", "the machine has no button for an NMI"},
    {"system_wakeup", "a guest cannot suspend the machine"},
    {"watchdog-set-action", "the machine has no watchdog"},
    {"rtc-reset-reinjection", "the machine's clock makes up for no interrupts"},
    {"memsave|pmemsave", "a guest's memory cannot be read in part; dump all of it"},
    {"calc-dirty-rate|set-vcpu-dirty-limit|cancel-vcpu-dirty-limit|query-dirty-rate",
     "nobody counts the pages that a guest writes"},
    {"cpu-add", "vCPUs cannot be added while the machine runs"},
};

const char *qmp_refusal(const char *command)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (words_among(command, refusals[i].commands))
            return refusals[i].why;
    return NULL;
}
