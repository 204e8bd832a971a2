/* SPDX-License-Identifier: MIT
 * Replies about the VM as a whole. */
#include "vmm/client/reply.h"

bool describe_ping(struct reply *reply, const MESSAGE(PingReply) * ping)
{
    struct holdfast_ping_reply *seen = REPLY_MAKE(reply, holdfast_ping_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_ping_reply){.name = ping->name};
    reply->seen.ping = seen;
    return true;
}

static bool describe_protections(struct reply *reply, struct holdfast_info_reply *seen,
                                 const MESSAGE(InfoReply) * info)
{
    struct holdfast_protection **list = (struct holdfast_protection **)reply_array(
        reply, info->n_protections, sizeof(struct holdfast_protection));
    if (list == NULL)
        return false;
    for (size_t i = 0; i < info->n_protections; i++) {
        const MESSAGE(Protection) *protection = info->protections[i];
        *list[i] = (struct holdfast_protection){
            .name = protection->name, .on = protection->on, .why_not = protection->why_not};
    }
    seen->protections = (const struct holdfast_protection *const *)list;
    seen->protections_count = info->n_protections;
    return true;
}

bool describe_info(struct reply *reply, const MESSAGE(InfoReply) * info)
{
    struct holdfast_info_reply *seen = REPLY_MAKE(reply, holdfast_info_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_info_reply){
        .name = info->name,
        .version = info->version,
        .state = (enum holdfast_state)info->state,
        .pid = info->pid,
        .uptime_ms = info->uptime_ms,
        .vcpus = info->vcpus,
        .abi_version = info->abi_version,
        .memory_bytes = info->memory_bytes,
        .kernel = info->kernel,
        .append = info->append,
        .console = info->console,
        .features = info->features,
        .windows = info->windows,
        .objects = info->objects,
        .arena_base = info->arena_base,
        .arena_pages = info->arena_pages,
        .resets = info->resets,
        /* An older VMM does not tell, and has none. */
        .sandbox = info->sandbox[0] != '\0' ? info->sandbox : "off",
    };
    reply->seen.info = seen;
    return describe_protections(reply, seen, info);
}

bool describe_machine(struct reply *reply, MachineState state)
{
    struct holdfast_machine_reply *seen = REPLY_MAKE(reply, holdfast_machine_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_machine_reply){.state = (enum holdfast_state)state};
    reply->seen.machine = seen;
    return true;
}

bool describe_powerdown(struct reply *reply, const MESSAGE(PowerdownReply) * powerdown)
{
    struct holdfast_powerdown_reply *seen = REPLY_MAKE(reply, holdfast_powerdown_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_powerdown_reply){
        .state = (enum holdfast_state)powerdown->state,
        .listens = powerdown->listens,
    };
    reply->seen.powerdown = seen;
    return true;
}

bool describe_settings(struct reply *reply, const MESSAGE(SettingsReply) * settings)
{
    struct holdfast_settings_reply *seen = REPLY_MAKE(reply, holdfast_settings_reply);
    struct holdfast_setting **list = (struct holdfast_setting **)reply_array(
        reply, settings->n_settings, sizeof(struct holdfast_setting));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < settings->n_settings; i++) {
        const MESSAGE(Setting) *setting = settings->settings[i];
        *list[i] = (struct holdfast_setting){
            .word = setting->word,
            .value = setting->value.data,
            .value_length = setting->value.len,
        };
    }
    seen->settings = (const struct holdfast_setting *const *)list;
    seen->settings_count = settings->n_settings;
    reply->seen.settings = seen;
    return true;
}

bool describe_stats(struct reply *reply, const MESSAGE(StatsReply) * stats)
{
    struct holdfast_stats_reply *seen = REPLY_MAKE(reply, holdfast_stats_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_stats_reply){
        .uptime_ms = stats->uptime_ms,
        .state = (enum holdfast_state)stats->state,
        .arena_base = stats->arena_base,
        .arena_pages = stats->arena_pages,
        .arena_free_pages = stats->arena_free_pages,
        .arena_largest_pages = stats->arena_largest_pages,
        .mapped_pages = stats->mapped_pages,
        .windows = stats->windows,
        .windows_max = stats->windows_max,
        .extents = stats->extents,
        .extents_reserved = stats->extents_reserved,
        .extents_max = stats->extents_max,
        .prefault = stats->prefault,
        .reserves = stats->reserves,
        .releases = stats->releases,
        .maps = stats->maps,
        .unmaps = stats->unmaps,
        .calls = stats->calls,
        .refused = stats->refused,
        .faults = stats->faults,
        .host_failures = stats->host_failures,
        .exits = stats->exits,
        .resets = stats->resets,
        .flushes = stats->flushes,
        .discards = stats->discards,
        .io_errors = stats->io_errors,
    };
    reply->seen.stats = seen;
    return true;
}
