/* SPDX-License-Identifier: MIT
 * Options about the machine itself: its type, processors and memory. */
#include "vmm/cause.h"
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/elements.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <string.h>

#define MIB (1ull << 20)

int take_machine(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"type", "isapc|holdfast|none", "the machine is called holdfast"},
        {"accel", NULL, NULL}, /* checked below */
        {"usb", "off", "say <controller type='usb' model='none'/>"},
        {"dump-guest-core", NULL, NULL},
        {"memory-backend", NULL, NULL},
        {"vmport", "off|auto", "take <vmport> out of <features>"},
        {"acpi", "on|off", NULL},
        {"hpet", "off", "take <timer name='hpet'> out of <clock>"},
        {"smm", "off|auto", "take <smm> out of <features>"},
        {"pcspk-audiodev", "", "take <sound> out of the domain"},
        {"nvdimm", "off", "take <memory> out of <devices>"},
        {"hmat", "off", "take <numa> out of <cpu>"},
        {"pflash0", "", "take <loader> out of <os>"},
        {"pflash1", "", "take <nvram> out of <os>"},
        {"confidential-guest-support", "", "take <launchSecurity> out of the domain"},
        {"memory-encryption", "", "take <launchSecurity> out of the domain"},
        {"aes-key-wrap", "off", "take <keywrap> out of the domain"},
        {"dea-key-wrap", "off", "take <keywrap> out of the domain"},
        {"graphics", "off", NULL},
        {"kernel_irqchip", "on",
         "the interrupt controllers are KVM's; take <ioapic> out of <features>"},
        {"kernel-irqchip", "on",
         "the interrupt controllers are KVM's; take <ioapic> out of <features>"},
        {"mem-merge", NULL, NULL},
    };
    const json_t *words = command_line_words(line, "-machine", value, "type", error);

    if (words == NULL || WORDS_CHECK("-machine", words, rules, error) < 0)
        return -1;
    const char *type = words_get(words, "type");
    line->asks = type != NULL && strcmp(type, "none") == 0;
    line->memory_backend = words_get(words, "memory-backend");
    const char *accel = words_get(words, "accel");
    /* Whoever only asks names all that it would put up with: kvm:tcg. */
    return accel == NULL || line->asks ? 0 : take_accel(line, accel, error);
}

int take_accel(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"accel", "kvm", "the domain must be of type='kvm'"},
        {"kernel-irqchip", "on",
         "the interrupt controllers are KVM's; take <ioapic> out of <features>"},
        {"dirty-ring-size", "0", "take <dirty-ring> out of <kvm>"},
    };
    const json_t *words = command_line_words(line, "-accel", value, "accel", error);

    return words != NULL ? WORDS_CHECK("-accel", words, rules, error) : -1;
}

/* What each property of a processor is called in the domain. */
static int check_cpu(const json_t *words, struct error *error)
{
    static const char *const known[] = {"model", "migratable", "host-cache-info", "l3-cache",
                                        "kvmclock"};
    const char *key;
    json_t *value;
    char what_to_do[160];

    json_object_foreach((json_t *)words, key, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known |= strcmp(known[i], key) == 0;
        if (is_known)
            continue;
        elements_of_cpu(key, what_to_do, sizeof what_to_do);
        return error_set(error, "-cpu %.64s=%.64s: not possible with Holdfast; %s", key,
                         json_string_value(value), what_to_do);
    }
    return 0;
}

int take_cpu(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"model", "host|max", "say <cpu mode='host-passthrough' migratable='off'/>"},
        {"migratable", "off|no|on", NULL},
        {"host-cache-info", "on", "the guest sees the host's caches; take <cache> out of <cpu>"},
        {"l3-cache", "off", "the guest sees the host's caches; take <cache> out of <cpu>"},
        {"kvmclock", "on", "take <timer name='kvmclock'> out of <clock>"},
    };
    const json_t *words = command_line_words(line, "-cpu", value, "model", error);

    if (words == NULL || check_cpu(words, error) < 0)
        return -1;
    return WORDS_CHECK("-cpu", words, rules, error);
}

int take_memory(struct command_line *line, const char *value, struct error *error)
{
    static const char hint[] = "memory cannot be added later; take <maxMemory> out";
    static const struct words_rule rules[] = {
        {"size", NULL, NULL}, {"slots", "0", hint}, {"maxmem", "", hint}};
    const json_t *words = command_line_words(line, "-m", value, "size", error);

    if (words == NULL || WORDS_CHECK("-m", words, rules, error) < 0)
        return -1;
    const char *size = words_get(words, "size");
    if (size == NULL || !words_number(size, MIB, &line->memory))
        return error_set(error, "-m %.100s: not an amount of memory", value);
    return 0;
}

static int take_count(const json_t *words, const char *key, uint64_t otherwise, uint64_t *count,
                      struct error *error)
{
    const char *text = words_get(words, key);

    *count = otherwise;
    if (text == NULL || (words_number(text, 1, count) && *count > 0 && *count <= UINT32_MAX))
        return 0;
    return error_set(error, "-smp %s=%.32s: not a number of processors", key, text);
}

/* The guest sees one package with a core for each vCPU. libvirt writes a socket for each unless the
 * domain says how it is to be; what the guest would see otherwise is refused. */
int take_smp(struct command_line *line, const char *value, struct error *error)
{
    static const char topology[] = "each vCPU is a core of one socket; take <topology> out";
    static const struct words_rule rules[] = {
        {"cpus", NULL, NULL},       {"maxcpus", NULL, NULL},    {"sockets", NULL, NULL},
        {"cores", NULL, NULL},      {"dies", "1", topology},    {"clusters", "1", topology},
        {"modules", "1", topology}, {"drawers", "1", topology}, {"books", "1", topology},
        {"threads", "1", topology},
    };
    const json_t *words = command_line_words(line, "-smp", value, "cpus", error);
    uint64_t cpus, most, sockets, cores;

    if (words == NULL || WORDS_CHECK("-smp", words, rules, error) < 0 ||
        take_count(words, "cpus", 1, &cpus, error) < 0 ||
        take_count(words, "maxcpus", cpus, &most, error) < 0 ||
        take_count(words, "sockets", 1, &sockets, error) < 0 ||
        take_count(words, "cores", 1, &cores, error) < 0)
        return -1;
    if (most != cpus)
        return error_set(error,
                         "-smp %.100s: not possible with Holdfast; vCPUs cannot be added "
                         "later: take current= out of <vcpu>",
                         value);
    if (sockets > 1 && cores > 1)
        return error_set(error, "-smp %.100s: not possible with Holdfast; %s", value, topology);
    line->vcpus = (uint32_t)cpus;
    return 0;
}

static int take_backend(struct command_line *line, const json_t *words, struct error *error)
{
    static const char memfd[] = "say <source type='memfd'/> in <memoryBacking>";
    static const char nodes[] = "RAM may lie on any node; take <memory> out of <numatune>";
    static const char strict[] = "say --guarantee strict in <qemu:commandline> instead";
    static const struct words_rule rules[] = {
        {"qom-type", "memory-backend-memfd|memory-backend-ram", memfd},
        {"id", NULL, NULL},
        {"size", NULL, NULL},
        {"share", NULL, NULL},
        {"hugetlb", "off", "take <hugepages> out of the domain"},
        {"prealloc", "off", strict},
        {"prealloc-threads", "", strict},
        {"host-nodes", "", nodes},
        {"policy", "default", nodes},
        {"dump", NULL, NULL},
        {"merge", NULL, NULL},
        {"x-use-canonical-path-for-ramblock-id", NULL, NULL},
    };
    uint64_t size;

    if (WORDS_CHECK("-object", words, rules, error) < 0)
        return -1;
    const char *id = words_get(words, "id");
    const char *text = words_get(words, "size");
    if (id == NULL || text == NULL || !words_number(text, 1, &size))
        return error_set(error, "-object memory-backend-memfd: id or size is missing or wrong");
    return json_object_set_new_nocheck(line->memory_backends, id, json_integer((json_int_t)size)) ==
                   0
               ? 0
               : error_set(error, "%s", cause_text(ENOMEM));
}

int take_object(struct command_line *line, const char *value, struct error *error)
{
    const json_t *words = command_line_words(line, "-object", value, "qom-type", error);

    if (words == NULL)
        return -1;
    const char *type = words_get(words, "qom-type");
    if (type != NULL && strncmp(type, "memory-backend-", 15) == 0)
        return take_backend(line, words, error);
    const char *id = words_get(words, "id");
    /* libvirt's key for passwords that it would hand over; there are none to hand over here. */
    if (type != NULL && strcmp(type, "secret") == 0 && id != NULL && strcmp(id, "masterKey0") == 0)
        return 0;
    return error_set(error, "-object %.64s: Holdfast has no such object; %s",
                     type != NULL ? type : value, elements_of_object(type != NULL ? type : ""));
}

int take_overcommit(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"mem-lock", "off", "say --guarantee strict in <qemu:commandline> instead of <locked/>"},
        {"cpu-pm", "off", "take it out of <qemu:commandline>"},
    };
    const json_t *words = command_line_words(line, "-overcommit", value, NULL, error);

    return words != NULL ? WORDS_CHECK("-overcommit", words, rules, error) : -1;
}
