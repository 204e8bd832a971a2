/* SPDX-License-Identifier: MIT
 * holdfastctl reload: quotas of tags. */
#include "vmm/ctl/reload.h"
#include "vmm/ctl/text.h"

static bool is_quota(const struct tag_amounts *most, const struct holdfast_amounts *now)
{
    return now != NULL && most->windows == now->windows && most->pages == now->pages &&
           most->extents == now->extents;
}

static bool is_limited(const struct holdfast_tag *tag)
{
    const struct tag_amounts none = {0};

    return tag->quota != NULL && !is_quota(&none, tag->quota);
}

static const struct holdfast_tag *find_tag(const struct holdfast_guarantee_reply *reply,
                                           uint32_t tag)
{
    for (size_t i = 0; i < reply->tags_count; i++)
        if (reply->tags[i]->tag == tag)
            return reply->tags[i];
    return NULL;
}

static bool is_wanted_tag(const struct reload *reload, uint32_t tag)
{
    for (uint32_t i = 0; i < reload->wanted.quota_count; i++)
        if (reload->wanted.quotas[i].tag == tag)
            return true;
    return false;
}

static void plan_quota(struct reload *reload, uint32_t tag, struct tag_amounts most)
{
    if (reload->quota_count < TAGS_MOST)
        reload->quotas[reload->quota_count++] = (struct change_of_quota){tag, most};
}

static void compare_quotas(struct reload *reload, const struct holdfast_guarantee_reply *reply)
{
    for (size_t i = 0; i < reply->tags_count; i++)
        if (is_limited(reply->tags[i]) && !is_wanted_tag(reload, reply->tags[i]->tag))
            plan_quota(reload, reply->tags[i]->tag, (struct tag_amounts){0});
    for (uint32_t i = 0; i < reload->wanted.quota_count; i++) {
        const struct tag_quota *quota = &reload->wanted.quotas[i];
        const struct holdfast_tag *now = find_tag(reply, quota->tag);
        if (now == NULL || !is_quota(&quota->most, now->quota))
            plan_quota(reload, quota->tag, quota->most);
    }
}

enum exit_code reload_plan_quotas(struct reload *reload)
{
    const struct holdfast_reply *reply = holdfast_guarantee(reload->connection);
    const enum exit_code code = vm_judge(reload->options, reply);

    if (code == EXIT_OK)
        compare_quotas(reload, reply->guarantee);
    holdfast_free(reply);
    return code;
}

static enum exit_code change_quota(struct reload *reload, const struct change_of_quota *quota)
{
    const struct holdfast_reply *reply =
        holdfast_set_quota(reload->connection, quota->tag, quota->most.windows, quota->most.pages,
                           quota->most.extents);
    const enum exit_code code = vm_judge(reload->options, reply);
    char text[TEXT_NUMBER];

    holdfast_free(reply);
    text_tag(quota->tag, text);
    if (code == EXIT_OK)
        json_array_append_new(reload->limited, report_json_text(text));
    return code;
}

enum exit_code reload_change_quotas(struct reload *reload)
{
    enum exit_code code = EXIT_OK;

    for (uint32_t i = 0; i < reload->quota_count && code == EXIT_OK; i++)
        code = change_quota(reload, &reload->quotas[i]);
    return code;
}
