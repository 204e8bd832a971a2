/* SPDX-License-Identifier: MIT
 * The running machine: what libvirt asks and does between start and destroy. */
#include "vmm/libvirt/commands.h"
#include "vmm/libvirt/dump.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"
#include "vmm/machine/machine.h"

#include <string.h>

static json_t *nothing(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_array();
}

static json_t *query_status(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    struct machine *machine = libvirt->vm.machine;
    const enum machine_state state = machine_state(machine);
    enum machine_end end;
    const char *status = "running";

    if (machine_waits(machine, &end))
        status = end == MACHINE_CRASHED || end == MACHINE_PANICKED ? "guest-panicked" : "shutdown";
    else if (state == MACHINE_ENDED)
        status = "shutdown";
    else if (state == MACHINE_PAUSED)
        status = libvirt->launched ? "paused" : "prelaunch";
    return json_pack("{s:b, s:b, s:s}", "running", strcmp(status, "running") == 0, "singlestep", 0,
                     "status", status);
}

static json_t *query_chardev(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    const struct command_line *line = &libvirt->line;
    json_t *list = json_array();

    if (line->monitor != NULL)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "label", line->monitor, "filename",
                                              "unix:monitor", "frontend-open", 1));
    if (line->serial != NULL)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "label", line->serial, "filename",
                                              libvirt->vm.console, "frontend-open", 1));
    return list;
}

static json_t *query_cpus(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    json_t *list = json_array();
    struct error path;

    for (uint32_t i = 0; i < libvirt->vm.vcpus; i++) {
        error_set(&path, "/machine/unattached/device[%u]", i);
        json_array_append_new(
            list,
            json_pack("{s:i, s:s, s:i, s:s, s:{s:i, s:i, s:i}}", "cpu-index", (int)i, "qom-path",
                      path.text, "thread-id", machine_vcpu_thread(libvirt->vm.machine, i), "target",
                      "x86_64", "props", "socket-id", (int)i, "core-id", 0, "thread-id", 0));
    }
    return list;
}

static json_t *qom_get(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt;
    const char *property = json_string_value(json_object_get(arguments, "property"));

    /* Without this answer, a libvirtd that has been restarted ends the VM. */
    if (property != NULL && strcmp(property, "migratable") == 0)
        return json_false();
    error_set(error, "Property '%.100s' not found", property != NULL ? property : "");
    return NULL;
}

static json_t *query_memory(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    return json_pack("{s:I, s:i}", "base-memory", (json_int_t)libvirt->vm.memory, "plugged-memory",
                     0);
}

static json_t *query_name(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    return json_pack("{s:s?}", "name", libvirt->line.name);
}

static json_t *after(bool worked, struct error *error)
{
    if (worked)
        return json_object();
    error_set(error, "The machine has ended");
    return NULL;
}

static json_t *stop(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments;
    return after(machine_pause(libvirt->vm.machine), error);
}

static json_t *cont(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments;
    enum machine_end end;

    if (libvirt->dump.runs) {
        error_set(error, "There is a dump in process, please wait.");
        return NULL;
    }
    if (machine_resume(libvirt->vm.machine))
        return json_object();
    error_set(error, machine_waits(libvirt->vm.machine, &end)
                         ? "Resetting the Virtual Machine is required"
                         : "The machine has ended");
    return NULL;
}

static json_t *system_reset(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments;
    return after(machine_reset(libvirt->vm.machine), error);
}

/* A guest without a driver for the power button would never answer it: it is switched off. */
static json_t *system_powerdown(struct libvirt *libvirt, const json_t *arguments,
                                struct error *error)
{
    (void)arguments, (void)error;
    events_send(libvirt, "POWERDOWN", NULL);
    if (!machine_press_power_button(libvirt->vm.machine))
        machine_power_off(libvirt->vm.machine);
    return json_object();
}

static json_t *quit(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    libvirt->quit = true;
    return json_object();
}

static const char *action(const json_t *arguments, const char *key, const char *possible,
                          struct error *error)
{
    const json_t *value = json_object_get(arguments, key);
    const char *text = json_string_value(value);

    if (value == NULL)
        return "";
    if (text != NULL && words_among(text, possible))
        return text;
    error_set(error, "set-action %s=%.64s: not possible with Holdfast", key,
              text != NULL ? text : "?");
    return NULL;
}

static json_t *set_action(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    struct actions actions = libvirt->actions;
    const char *reboot = action(arguments, "reboot", "reset|shutdown", error);
    const char *shutdown = action(arguments, "shutdown", "poweroff|pause", error);
    const char *panic = action(arguments, "panic", "pause|shutdown|exit-failure|none", error);
    const char *watchdog = action(arguments, "watchdog", "none", error);

    if (reboot == NULL || shutdown == NULL || panic == NULL || watchdog == NULL)
        return NULL;
    actions_change(&actions, reboot, shutdown, panic);
    libvirt->actions = actions;
    events_set_policy(libvirt);
    return json_object();
}

const struct qmp_entry qmp_machine_commands[] = {
    {"query-status", query_status},
    {"query-chardev", query_chardev},
    {"query-cpus-fast", query_cpus},
    {"query-memory-size-summary", query_memory},
    {"query-name", query_name},
    {"query-iothreads", nothing},
    {"query-block", nothing},
    {"query-blockstats", nothing},
    {"query-named-block-nodes", nothing},
    {"query-block-jobs", nothing},
    {"query-jobs", nothing},
    {"query-hotpluggable-cpus", nothing},
    {"query-memory-devices", nothing},
    {"query-fdsets", nothing}, /* a libvirtd that was restarted ends the VM without it */
    {"query-stats", nothing},
    {"query-stats-schemas", nothing},
    {"query-pr-managers", nothing},
    {"query-rx-filter", nothing},
    {"qom-list", nothing},
    {"qom-get", qom_get},
    {"stop", stop},
    {"cont", cont},
    {"system_reset", system_reset},
    {"system_powerdown", system_powerdown},
    {"set-action", set_action},
    {"quit", quit},
    {"getfd", dump_getfd},
    {"closefd", dump_closefd},
    {"query-dump-guest-memory-capability", dump_capability},
    {"query-dump", dump_query},
    {"dump-guest-memory", dump_guest_memory},
    {NULL, NULL},
};
