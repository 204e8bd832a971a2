/* SPDX-License-Identifier: MIT
 * The options that libvirt writes: which of them mean something here, which mean nothing, and which
 * are refused. */
#include "vmm/libvirt/command_line.h"
#include "vmm/cause.h"
#include "vmm/libvirt/elements.h"
#include "vmm/libvirt/words.h"
#include "vmm/options/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- options of a few words ---- */

static int take_name(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"guest", NULL, NULL}, {"debug-threads", "on|off", NULL}, {"process", NULL, NULL}};
    const json_t *words = command_line_words(line, "-name", value, "guest", error);

    if (words == NULL || WORDS_CHECK("-name", words, rules, error) < 0)
        return -1;
    line->name = words_get(words, "guest");
    return 0;
}

/* Options that may say only that something is off. */
static int check_words(struct command_line *line, const char *option, const char *value,
                       const char *implied, const struct words_rule *rules, size_t count,
                       struct error *error)
{
    const json_t *words = command_line_words(line, option, value, implied, error);

    return words != NULL ? words_check(option, words, rules, count, error) : -1;
}

static int take_display(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"type", "none", "take <graphics> out of the domain"}};
    return check_words(line, "-display", value, "type", rules, 1, error);
}

static int take_vga(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {{"type", "none", "take <video> out of the domain"}};
    return check_words(line, "-vga", value, "type", rules, 1, error);
}

static int take_audiodev(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {{"id", NULL, NULL},
                                              {"driver", "none", "take <audio> out of the domain"}};
    return check_words(line, "-audiodev", value, "driver", rules, 2, error);
}

/* driftfix=slew asks to make up for interrupts of the clock that a guest has missed. It is what
 * virt-install writes for every guest, and only guests older than kvmclock need it: no effect. */
static int take_rtc(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"base", "utc", "the machine's clock is in UTC: <clock offset='utc'/>"},
        {"clock", "host", "the clock follows the host's; take <timer name='rtc'> out of <clock>"},
        {"driftfix", "none|slew", "take <timer name='rtc'> out of <clock>"}};
    return check_words(line, "-rtc", value, "base", rules, 3, error);
}

/* A guest cannot suspend the machine to RAM or to disk: whoever says so says nothing new. */
static int take_global(struct command_line *line, const char *value, struct error *error)
{
    (void)line;
    if (words_among(value, "PIIX4_PM.disable_s3=1|PIIX4_PM.disable_s4=1"))
        return 0;
    return error_set(error, "-global %.100s: not possible with Holdfast; %s", value,
                     elements_of_global(value));
}

static int take_boot(struct command_line *line, const char *value, struct error *error)
{
    static const char hint[] = "there is only the <kernel> to boot; take <bootmenu> out of <os>";
    static const struct words_rule rules[] = {
        {"strict", NULL, NULL},
        {"menu", "off", hint},
        {"splash-time", NULL, NULL},
        {"reboot-timeout", NULL, NULL},
        {"order", "", "there is only the <kernel> to boot; take <boot> out of <os>"}};
    return check_words(line, "-boot", value, "order", rules, 5, error);
}

static int take_sandbox(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {{"enable", "off", "seccomp_sandbox = 0"}};
    return check_words(line, "-sandbox", value, "enable", rules, 1, error);
}

static int take_action(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {{"panic", "pause|shutdown|exit-failure|none", NULL},
                                              {"reboot", "reset|shutdown", NULL},
                                              {"shutdown", "poweroff|pause", NULL},
                                              {"watchdog", "none", "there is no watchdog"}};
    const json_t *words = command_line_words(line, "-action", value, NULL, error);

    if (words == NULL || WORDS_CHECK("-action", words, rules, error) < 0)
        return -1;
    line->panic = words_get(words, "panic");
    line->reboot = words_get(words, "reboot");
    line->shutdown = words_get(words, "shutdown");
    return 0;
}

/* ---- the table ---- */

enum role { FLAG, VALUE, TAKEN, NOTHING, NOTHING_FLAG, REFUSED };

/* For FLAG and VALUE: where it goes. */
#define AT(member) offsetof(struct command_line, member)

struct option_of_libvirt {
    const char *name;
    enum role role;
    size_t at;
    option_taker *take;
    const char *refusal;
};

#define NO_DISKS    "Holdfast has no disks; take <disk> out, and attach objects with --object"
#define NO_NETWORK  "Holdfast has no network; take <interface> or <channel> out of the domain"
#define NO_DISPLAY  "Holdfast has no display; take <graphics> and <video> out of the domain"
#define NO_RETURN   "Holdfast cannot save, restore or migrate a machine"
#define NO_BIOS     "Holdfast has no firmware; take <loader> out of <os>, which names a <kernel>"
#define NO_WATCHDOG "Holdfast has no watchdog; take <watchdog> out of the domain"
#define NO_USB      "Holdfast has no USB; add <controller type='usb' model='none'/> to the domain"

static const struct option_of_libvirt options[] = {
    {"-name", TAKEN, 0, take_name, NULL},
    {"-kernel", VALUE, AT(kernel), NULL, NULL},
    {"-initrd", VALUE, AT(initrd), NULL, NULL},
    {"-append", VALUE, AT(append), NULL, NULL},
    {"-pidfile", VALUE, AT(pidfile), NULL, NULL},
    {"-S", FLAG, AT(paused), NULL, NULL},
    {"-daemonize", FLAG, AT(daemonize), NULL, NULL},
    {"-no-reboot", FLAG, AT(no_reboot), NULL, NULL},
    {"-no-shutdown", FLAG, AT(no_shutdown), NULL, NULL},
    {"-action", TAKEN, 0, take_action, NULL},
    {"-machine", TAKEN, 0, take_machine, NULL},
    {"-M", TAKEN, 0, take_machine, NULL},
    {"-accel", TAKEN, 0, take_accel, NULL},
    {"-cpu", TAKEN, 0, take_cpu, NULL},
    {"-m", TAKEN, 0, take_memory, NULL},
    {"-smp", TAKEN, 0, take_smp, NULL},
    {"-object", TAKEN, 0, take_object, NULL},
    {"-overcommit", TAKEN, 0, take_overcommit, NULL},
    {"-chardev", TAKEN, 0, take_chardev, NULL},
    {"-mon", TAKEN, 0, take_monitor, NULL},
    {"-qmp", TAKEN, 0, take_qmp, NULL},
    {"-add-fd", TAKEN, 0, take_add_fd, NULL},
    {"-device", TAKEN, 0, take_device, NULL},
    {"-display", TAKEN, 0, take_display, NULL},
    {"-vga", TAKEN, 0, take_vga, NULL},
    {"-audiodev", TAKEN, 0, take_audiodev, NULL},
    {"-rtc", TAKEN, 0, take_rtc, NULL},
    {"-boot", TAKEN, 0, take_boot, NULL},
    {"-sandbox", TAKEN, 0, take_sandbox, NULL},
    {"-global", TAKEN, 0, take_global, NULL},
    /* True of every machine here. */
    {"-enable-kvm", NOTHING_FLAG, 0, NULL, NULL},
    {"-no-user-config", NOTHING_FLAG, 0, NULL, NULL},
    {"-nodefaults", NOTHING_FLAG, 0, NULL, NULL},
    {"-nographic", NOTHING_FLAG, 0, NULL, NULL},
    {"-no-hpet", NOTHING_FLAG, 0, NULL, NULL},
    /* ACPI is always there; the guest does not see its UUID; the log's form is our own. */
    {"-no-acpi", NOTHING_FLAG, 0, NULL, NULL},
    {"-uuid", NOTHING, 0, NULL, NULL},
    {"-msg", NOTHING, 0, NULL, NULL},
    {"-drive", REFUSED, 0, NULL, NO_DISKS},
    {"-blockdev", REFUSED, 0, NULL, NO_DISKS},
    {"-hda", REFUSED, 0, NULL, NO_DISKS},
    {"-cdrom", REFUSED, 0, NULL, NO_DISKS},
    {"-netdev", REFUSED, 0, NULL, NO_NETWORK},
    {"-net", REFUSED, 0, NULL, NO_NETWORK},
    {"-nic", REFUSED, 0, NULL, NO_NETWORK},
    {"-vnc", REFUSED, 0, NULL, NO_DISPLAY},
    {"-spice", REFUSED, 0, NULL, NO_DISPLAY},
    {"-incoming", REFUSED, 0, NULL, NO_RETURN},
    {"-loadvm", REFUSED, 0, NULL, NO_RETURN},
    {"-bios", REFUSED, 0, NULL, NO_BIOS},
    {"-dtb", REFUSED, 0, NULL, "Holdfast has no device tree; take <dtb> out of the domain"},
    {"-usb", REFUSED, 0, NULL, NO_USB},
    {"-usbdevice", REFUSED, 0, NULL, NO_USB},
    {"-smbios", REFUSED, 0, NULL, "Holdfast has no SMBIOS; take <sysinfo> out of the domain"},
    {"-fw_cfg", REFUSED, 0, NULL, "Holdfast has no fw_cfg; take <sysinfo> out of the domain"},
    {"-numa", REFUSED, 0, NULL, "Holdfast has no NUMA nodes; take <numa> out of <cpu>"},
    {"-tpmdev", REFUSED, 0, NULL, "Holdfast has no TPM; take <tpm> out of the domain"},
    {"-fsdev", REFUSED, 0, NULL,
     "Holdfast has no file systems; take <filesystem> out of the domain"},
    {"-acpitable", REFUSED, 0, NULL,
     "the ACPI tables are Holdfast's; take <acpi><table> out of <os>"},
    {"-watchdog", REFUSED, 0, NULL, NO_WATCHDOG},
    {"-watchdog-action", REFUSED, 0, NULL, NO_WATCHDOG},
    {"-k", REFUSED, 0, NULL, "Holdfast has no keyboard; take keymap= out of <graphics>"},
    {"-sdl", REFUSED, 0, NULL, NO_DISPLAY},
    {"-soundhw", REFUSED, 0, NULL, "Holdfast has no sound; take <sound> out of the domain"},
    {"-serial", REFUSED, 0, NULL, "the serial port is the domain's <serial>"},
    {"-monitor", REFUSED, 0, NULL, "the monitor is libvirt's; take it out of <qemu:commandline>"},
    {"-compat", REFUSED, 0, NULL, "take <qemu:deprecation> out of the domain"},
    {"-run-with", REFUSED, 0, NULL, "take <async-teardown> out of <features>"},
    {"-mem-path", REFUSED, 0, NULL, "RAM is always a memfd; say <source type='memfd'/>"},
    {"-mem-prealloc", REFUSED, 0, NULL, "say --guarantee strict in <qemu:commandline> instead"},
};

static const struct option_of_libvirt *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

static int take_option(struct command_line *line, const struct option_of_libvirt *option,
                       const char *value, struct error *error)
{
    switch (option->role) {
    case FLAG:
        *(bool *)((char *)line + option->at) = true;
        return 0;
    case VALUE:
        *(const char **)((char *)line + option->at) = value;
        return 0;
    case TAKEN:
        return option->take(line, value, error);
    case REFUSED:
        return error_set(error, "%s %.100s: %s", option->name, value != NULL ? value : "",
                         option->refusal);
    default:
        return 0;
    }
}

static bool has_value(const struct option_of_libvirt *option, const char *next)
{
    if (option->role == REFUSED) /* some have one, some have none: it only matters to the message */
        return next != NULL && next[0] != '-';
    return option->role == VALUE || option->role == TAKEN || option->role == NOTHING;
}

/* Words with two dashes are Holdfast's own, each with its value. */
static int take_own(struct command_line *line, char **argv, int *at, struct error *error)
{
    const enum option_word word = options_look_up(argv[*at]);

    if (word == OPTION_UNKNOWN)
        return error_set(error, "unknown option %.100s; see holdfast-vmm --help", argv[*at]);
    line->own[line->own_count++] = argv[*at];
    if (word == OPTION_BEFORE_VALUE && argv[*at + 1] != NULL)
        line->own[line->own_count++] = argv[++*at];
    return 0;
}

static int read_options(struct command_line *line, int argc, char **argv, struct error *error)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (take_own(line, argv, &i, error) < 0)
                return -1;
            continue;
        }
        const struct option_of_libvirt *option = find_option(argv[i]);
        if (option == NULL)
            return error_set(error,
                             "%.100s: Holdfast does not know this option; if "
                             "<qemu:commandline> has it, take it out there",
                             argv[i]);
        const bool valued = has_value(option, argv[i + 1]);
        if (valued && argv[i + 1] == NULL)
            return error_set(error, "%s needs a value", option->name);
        if (take_option(line, option, valued ? argv[i + 1] : NULL, error) < 0)
            return -1;
        i += valued;
    }
    return 0;
}

int command_line_read(struct command_line *line, int argc, char **argv, struct error *error)
{
    *line = (struct command_line){
        .owned = json_array(),
        .memory_backends = json_object(),
        .own = calloc((size_t)argc + 1, sizeof line->own[0]),
    };
    if (line->owned == NULL || line->memory_backends == NULL || line->own == NULL)
        return error_set(error, "%s", cause_text(ENOMEM));
    return read_options(line, argc, argv, error);
}

void command_line_free(struct command_line *line)
{
    json_decref(line->owned);
    json_decref(line->memory_backends);
    free(line->own);
    *line = (struct command_line){0};
}
