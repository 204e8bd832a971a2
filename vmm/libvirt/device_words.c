/* SPDX-License-Identifier: MIT
 * Options about what leads out of the machine: the serial port, the monitor, descriptors that are
 * handed down. */
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/elements.h"
#include "vmm/libvirt/words.h"
#include "vmm/process/inherited.h"

#include <limits.h>
#include <string.h>

int take_add_fd(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"set", NULL, NULL}, {"fd", NULL, NULL}, {"opaque", NULL, NULL}};
    const json_t *words = command_line_words(line, "-add-fd", value, NULL, error);
    uint64_t set, fd;

    if (words == NULL || WORDS_CHECK("-add-fd", words, rules, error) < 0)
        return -1;
    const char *set_text = words_get(words, "set");
    const char *fd_text = words_get(words, "fd");
    if (set_text == NULL || fd_text == NULL || !words_number(set_text, 1, &set) ||
        !words_number(fd_text, 1, &fd) || set > UINT32_MAX || fd > INT_MAX)
        return error_set(error, "-add-fd %.100s: set or fd is missing or no number", value);
    if (!inherited((int)fd))
        return error_set(error, "-add-fd %.100s: the VMM was started without a descriptor %d",
                         value, (int)fd);
    if (line->set_count == DESCRIPTOR_SETS)
        return error_set(error, "-add-fd %.100s: more than %u", value, DESCRIPTOR_SETS);
    line->sets[line->set_count++] = (struct descriptor_set){(uint32_t)set, (int)fd};
    return 0;
}

int take_chardev(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"backend", "pty|file|null|stdio|socket", "a <serial> is of type='pty' or 'file'"},
        {"id", NULL, NULL},
        {"path", NULL, NULL},
        {"host", "", "a <serial> is of type='pty' or 'file'"},
        {"append", "on|off", NULL},
        {"fd", NULL, NULL},
        {"server", "on", "only the monitor is a socket"},
        {"wait", "off", NULL},
        {"logfile", NULL, NULL},
        {"logappend", "on|off", NULL},
        {"mux", "off", NULL},
        {"signal", "off", NULL},
    };
    json_t *words = command_line_words(line, "-chardev", value, "backend", error);

    if (words == NULL || WORDS_CHECK("-chardev", words, rules, error) < 0)
        return -1;
    const char *id = words_get(words, "id");
    if (id == NULL || words_get(words, "backend") == NULL)
        return error_set(error, "-chardev %.100s: backend or id is missing", value);
    uint64_t fd;
    const char *fd_text = words_get(words, "fd");
    if (fd_text != NULL && (!words_number(fd_text, 1, &fd) || fd > INT_MAX || !inherited((int)fd)))
        return error_set(error, "-chardev %.100s: the VMM was started without a descriptor %.16s",
                         value, fd_text);
    if (command_line_chardev(line, id) != NULL)
        return error_set(error, "-chardev: the id %.64s is given twice", id);
    if (line->chardev_count == CHARDEVS)
        return error_set(error, "-chardev %.100s: more than %u", value, CHARDEVS);
    line->chardevs[line->chardev_count++] = words;
    return 0;
}

int take_monitor(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"chardev", NULL, NULL},
        {"id", NULL, NULL},
        {"mode", "control", "the monitor speaks QMP only"},
        {"pretty", "off", NULL},
    };
    const json_t *words = command_line_words(line, "-mon", value, "chardev", error);

    if (words == NULL || WORDS_CHECK("-mon", words, rules, error) < 0)
        return -1;
    if (line->monitor != NULL || line->qmp_path != NULL || words_get(words, "mode") == NULL)
        return error_set(error, "-mon %.100s: there is one monitor, with mode=control", value);
    line->monitor = words_get(words, "chardev");
    return line->monitor != NULL ? 0 : error_set(error, "-mon %.100s: chardev is missing", value);
}

int take_qmp(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"address", NULL, NULL}, {"server", "on", NULL}, {"wait", "off", NULL}};
    const json_t *words = command_line_words(line, "-qmp", value, "address", error);

    if (words == NULL || WORDS_CHECK("-qmp", words, rules, error) < 0)
        return -1;
    const char *address = words_get(words, "address");
    if (address == NULL || strncmp(address, "unix:", 5) != 0 || address[5] == '\0')
        return error_set(error, "-qmp %.100s: must be unix:PATH,server=on,wait=off", value);
    if (line->monitor != NULL || line->qmp_path != NULL)
        return error_set(error, "-qmp %.100s: there is one monitor", value);
    line->qmp_path = address + 5;
    return 0;
}

static int take_serial(struct command_line *line, const json_t *words, struct error *error)
{
    static const struct words_rule rules[] = {
        {"driver", NULL, NULL},
        {"chardev", NULL, NULL},
        {"id", NULL, NULL},
        {"index", "0",
         "there is one serial port: take the second <serial> out, or say <target port='0'/>"},
        {"iobase", "1016|0x3f8", "the serial port is at 0x3f8; take <address> out of <serial>"},
        {"irq", "4|0x4", "the serial port has interrupt 4; take <address> out of <serial>"},
    };

    if (WORDS_CHECK("-device", words, rules, error) < 0)
        return -1;
    if (line->serial != NULL)
        return error_set(error, "-device isa-serial: not possible with Holdfast; there is one "
                                "serial port: take the second <serial> out of the domain");
    line->serial = words_get(words, "chardev");
    return line->serial != NULL ? 0
                                : error_set(error, "-device isa-serial: its chardev is missing");
}

int take_device(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule panic_rules[] = {
        {"driver", NULL, NULL},
        {"id", NULL, NULL},
        {"ioport", "1285|0x505", "say <panic model='isa'/> without <address>"}};
    const json_t *words = command_line_words(line, "-device", value, "driver", error);

    if (words == NULL)
        return -1;
    const char *driver = words_get(words, "driver");
    if (driver == NULL)
        return error_set(error, "-device %.100s: its driver is missing", value);
    if (strcmp(driver, "isa-serial") == 0)
        return take_serial(line, words, error);
    if (strcmp(driver, "pvpanic") == 0)
        return WORDS_CHECK("-device", words, panic_rules, error);
    return error_set(error, "-device %.64s: Holdfast has no such device; %s", driver,
                     elements_of_device(driver));
}
