/* SPDX-License-Identifier: MIT
 * The text: metric by metric, and within each VM by VM, as both formats want it. */
#include "room.h"

static void write_family(struct writer *writer, const struct family *family,
                         const struct metrics_vms *vms)
{
    writer->family = family;
    sample_header(writer);
    for (size_t i = 0; i < vms->count; i++) {
        const struct metrics_vm *vm = &vms->vm[i];
        if (vm->state != METRICS_TOLD && !family->is_of_all)
            continue;
        if (family->write != NULL)
            family->write(writer, vm);
        else
            sample_of(writer, vm, NULL, NULL, family->value(vm->reply->metrics));
    }
}

static void write_forbidden(struct writer *writer, const struct metrics_vms *vms)
{
    static const struct family family = {
        .name = "vms_forbidden",
        .type = FAMILY_GAUGE,
        .help = "VMs that were found and are closed to this user.",
    };
    uint64_t count = 0;

    for (size_t i = 0; i < vms->count; i++)
        count += vms->vm[i].state == METRICS_FORBIDDEN;
    writer->family = &family;
    sample_header(writer);
    sample_write(writer, NULL, NULL, 0, count);
}

void metrics_write(FILE *stream, enum metrics_format format, const struct metrics_vms *vms)
{
    struct writer writer = {.stream = stream, .format = format};

    write_forbidden(&writer, vms);
    for (size_t i = 0; i < families_vm_count; i++)
        write_family(&writer, &families_vm[i], vms);
    for (size_t i = 0; i < families_arena_count; i++)
        write_family(&writer, &families_arena[i], vms);
    if (format == METRICS_OPENMETRICS)
        fputs("# EOF\n", stream);
}
