/* SPDX-License-Identifier: MIT
 * Options about the machine itself: its type, processors and memory. */
#include "vmm/cause.h"
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <string.h>

#define MIB (1ull << 20)

int take_machine(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"type", "isapc|holdfast|none", "the machine is called holdfast"},
        {"accel", NULL, NULL}, /* checked below */
        {"usb", "off", NULL},
        {"dump-guest-core", NULL, NULL},
        {"memory-backend", NULL, NULL},
        {"vmport", "off|auto", NULL},
        {"acpi", "on|off", NULL},
        {"hpet", "off", NULL},
        {"smm", "off|auto", NULL},
        {"graphics", "off", NULL},
        {"kernel_irqchip", "on", "the interrupt controllers are KVM's"},
        {"kernel-irqchip", "on", "the interrupt controllers are KVM's"},
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
        {"kernel-irqchip", "on", "the interrupt controllers are KVM's"},
    };
    const json_t *words = command_line_words(line, "-accel", value, "accel", error);

    return words != NULL ? WORDS_CHECK("-accel", words, rules, error) : -1;
}

int take_cpu(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"model", "host|max", "say <cpu mode='host-passthrough' migratable='off'/>"},
        {"migratable", "off|no|on", NULL},
        {"l3-cache", NULL, NULL},
    };
    const json_t *words = command_line_words(line, "-cpu", value, "model", error);

    return words != NULL ? WORDS_CHECK("-cpu", words, rules, error) : -1;
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
    static const char strict[] = "say --guarantee strict in <qemu:commandline> instead";
    static const struct words_rule rules[] = {
        {"qom-type", "memory-backend-memfd|memory-backend-ram", memfd},
        {"id", NULL, NULL},
        {"size", NULL, NULL},
        {"share", NULL, NULL},
        {"hugetlb", "off", "take <hugepages> out of the domain"},
        {"prealloc", "off", strict},
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
    return error_set(error,
                     "-object %.64s: Holdfast has no such object; its own are given as --object",
                     type != NULL ? type : value);
}

int take_overcommit(struct command_line *line, const char *value, struct error *error)
{
    static const struct words_rule rules[] = {
        {"mem-lock", "off", "say --guarantee strict in <qemu:commandline> instead of <locked/>"},
        {"cpu-pm", "off", NULL},
    };
    const json_t *words = command_line_words(line, "-overcommit", value, NULL, error);

    return words != NULL ? WORDS_CHECK("-overcommit", words, rules, error) : -1;
}
