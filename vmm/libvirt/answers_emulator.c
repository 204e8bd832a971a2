/* SPDX-License-Identifier: MIT
 * What the emulator is and can do: the commands with which libvirt probes it. */
#include "vmm/libvirt/commands.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define VCPUS_MOST 1024

static json_t *nothing(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_array();
}

static json_t *done(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_object();
}

json_t *qmp_version(void)
{
    /* The lowest version in whose ways libvirt 12 still speaks. */
    return json_pack("{s:{s:i, s:i, s:i}, s:s}", "qemu", "major", 8, "minor", 2, "micro", 0,
                     "package", "Holdfast " HOLDFAST_VERSION);
}

static json_t *query_version(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return qmp_version();
}

static json_t *query_target(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("{s:s}", "arch", "x86_64");
}

/* KVM only counts if this process may use it; otherwise libvirt asks again for ever. */
static json_t *query_kvm(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    const int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return json_pack("{s:b, s:b}", "enabled", fd >= 0, "present", fd >= 0);
}

static json_t *list_types(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    /* i8042: libvirt 11 and later ask for it before they take the <input>s that virt-install adds.
     */
    return json_pack("[{s:s}, {s:s}, {s:s}, {s:s}]", "name", "isa-serial", "name",
                     "memory-backend-memfd", "name", "pvpanic", "name", "i8042");
}

/* isapc is the one type of machine that every libvirt lets do without a PCI bus; holdfast is the
 * name that domains use. */
static json_t *query_machines(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("[{s:s, s:s, s:b, s:i, s:b, s:b, s:b, s:s}]", "name", "isapc", "alias",
                     "holdfast", "is-default", 1, "cpu-max", VCPUS_MOST, "hotpluggable-cpus", 0,
                     "numa-mem-supported", 0, "deprecated", 0, "default-ram-id", "holdfast.ram");
}

/* virt-install says of each domain that it cannot be suspended, and libvirt passes that on only to
 * something with these properties. take_global() takes them. */
static json_t *list_device_properties(struct libvirt *libvirt, const json_t *arguments,
                                      struct error *error)
{
    (void)libvirt, (void)error;
    const char *type = json_string_value(json_object_get(arguments, "typename"));

    if (type == NULL || strcmp(type, "PIIX4_PM") != 0)
        return json_array();
    return json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "disable_s3", "type", "uint8", "name",
                     "disable_s4", "type", "uint8");
}

/* libvirt takes the list for granted once a domain has <cpu mode='host-model'/>, and asks for it
 * only if it is announced. No model of libvirt's own is among these two; so it refuses host-model
 * and custom, and takes host-passthrough and maximum, which are the same here. */
static json_t *query_cpu_definitions(struct libvirt *libvirt, const json_t *arguments,
                                     struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("[{s:s, s:b, s:b, s:b}, {s:s, s:b, s:b, s:b}]", "name", "host",
                     "migration-safe", 0, "static", 0, "deprecated", 0, "name", "max",
                     "migration-safe", 0, "static", 0, "deprecated", 0);
}

/* What is announced makes libvirt ask for it, or write it: only what it needs to hear. */
static json_t *query_commands(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("[{s:s}]", "name", "query-cpu-definitions");
}

static json_t *query_schema(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:[], s:[]}, {s:s, s:s, s:s}]", "name",
                     "query-cpu-definitions", "meta-type", "command", "arg-type", "0", "ret-type",
                     "1", "name", "0", "meta-type", "object", "members", "variants", "name", "1",
                     "meta-type", "array", "element-type", "0");
}

const struct qmp_entry qmp_emulator_commands[] = {
    {"query-version", query_version},
    {"query-target", query_target},
    {"query-kvm", query_kvm},
    {"query-machines", query_machines},
    {"query-qmp-schema", query_schema},
    {"query-commands", query_commands},
    {"query-command-line-options", nothing},
    {"query-migrate-capabilities", nothing},
    {"query-tpm-models", nothing},
    {"query-tpm-types", nothing},
    {"query-cpu-definitions", query_cpu_definitions},
    {"qom-list-types", list_types},
    {"qom-list-properties", nothing},
    {"device-list-properties", list_device_properties},
    {"migrate-set-capabilities", done},
    {NULL, NULL},
};
