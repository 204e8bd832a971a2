/* SPDX-License-Identifier: MIT
 * What the guarantee of a VM rests on. */
#include "vmm/ctl/conditions.h"

#include "holdfast/abi.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/table.h"

#include <stdio.h>
#include <string.h>

struct condition {
    uint32_t bit;
    const char *name;
    const char *title;
    const char *cure;
};

static const struct condition conditions[] = {
    {HF_GUARANTEE_RAM_MADE, "ram_made", "RAM made at the start",
     "the host or the memory cgroup had too little left: give it more, or the VM less --memory"},
    {HF_GUARANTEE_RAM_LOCKED, "ram_locked", "RAM locked in memory",
     "give the VMM CAP_IPC_LOCK or raise its limit (ulimit -l)"},
    {HF_GUARANTEE_VMM_LOCKED, "vmm_locked", "VMM locked in memory",
     "give the VMM CAP_IPC_LOCK or raise its limit (ulimit -l)"},
    {HF_GUARANTEE_OOM_PROTECTED, "oom_protected", "OOM killer kept away",
     "give the VMM CAP_SYS_RESOURCE, or start it with oom_score_adj -1000"},
    {HF_GUARANTEE_BALLAST, "ballast", "All ballast held",
     "lent to the host's kernel, or not to be had: taken when the host has memory to spare"},
    {HF_GUARANTEE_TABLES_AHEAD, "tables_ahead", "Tables made ahead",
     "this host's KVM cannot; Linux 6.11 or later with hardware page tables can, its kvm's "
     "parameter tdp_mmu on"},
    {HF_GUARANTEE_RAM_TABLES, "ram_tables", "Tables of RAM set aside",
     "the host or the memory cgroup had too little left: a guest that touches RAM for the first "
     "time "
     "takes what windows have set aside"},
    {HF_GUARANTEE_OBJECTS_MADE, "objects_made", "Object memory made",
     "a memfd, or a file on tmpfs, did not fit: give the host or the memory cgroup more memory and "
     "attach it again"},
};
#define CONDITIONS (sizeof conditions / sizeof conditions[0])

/* What to do; NULL: nothing, it is there. */
static const char *cure(const struct holdfast_guarantee_reply *guarantee,
                        const struct condition *condition)
{
    if ((guarantee->met & condition->bit) != 0)
        return NULL;
    if (condition->bit != HF_GUARANTEE_TABLES_AHEAD && strcmp(guarantee->mode, "off") == 0)
        return "start the VM with --guarantee best-effort or strict";
    return condition->cure;
}

bool conditions_print(const struct holdfast_guarantee_reply *guarantee)
{
    static const struct table_column columns[] = {{NULL, false}, {NULL, false}};
    struct table *table = table_new(columns, 2);
    if (table == NULL)
        return false;
    table_add(table, "Guarantee");
    table_add(table, "%s", guarantee->mode);
    for (size_t i = 0; i < CONDITIONS; i++) {
        const char *what = cure(guarantee, &conditions[i]);
        table_add(table, "%s", conditions[i].title);
        if (what == NULL)
            table_add(table, "yes");
        else
            table_add(table, "no: %s", what);
    }
    bool printed = table_print(table, stdout);
    table_free(table);
    return printed;
}

json_t *conditions_json(const struct holdfast_guarantee_reply *guarantee)
{
    json_t *list = json_array();
    for (size_t i = 0; i < CONDITIONS; i++) {
        const char *what = cure(guarantee, &conditions[i]);
        json_t *object = json_pack("{s:s, s:b}", "name", conditions[i].name, "met", what == NULL);
        if (what != NULL)
            json_object_set_new(object, "cure", json_string(what));
        json_array_append_new(list, object);
    }
    return list;
}
