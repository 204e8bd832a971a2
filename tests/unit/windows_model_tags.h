/* SPDX-License-Identifier: MIT
 * The accounts of the tags in the plain model of the window table. */
#ifndef HOLDFAST_TESTS_WINDOWS_MODEL_TAGS_H
#define HOLDFAST_TESTS_WINDOWS_MODEL_TAGS_H

#include "windows_model.h"

static inline struct model_tag *model_tag_find(struct model *model, uint32_t tag)
{
    for (uint32_t i = 0; i < MODEL_TAGS; i++) {
        if (tag && model->tag[i].state.tag == tag)
            return &model->tag[i];
    }
    return NULL;
}

static inline uint32_t model_tags_used(const struct model *model)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < MODEL_TAGS; i++)
        used += model->tag[i].state.tag != 0;
    return used;
}

static inline struct tag_amounts model_tag_held(const struct model *model, uint32_t tag)
{
    struct tag_amounts held = {0};

    for (uint32_t i = 0; i < MODEL_WINDOWS; i++) {
        const struct model_window *window = &model->window[i];

        if (window->handle && window->tag == tag) {
            held.windows++;
            held.pages += window->pages;
            held.extents += window->max_extents;
        }
    }
    return held;
}

static inline bool model_tag_idle(const struct model *model, const struct model_tag *tag)
{
    return model_tag_held(model, tag->state.tag).windows == 0 && tag->state.quota.windows == 0 &&
           tag->state.quota.pages == 0 && tag->state.quota.extents == 0;
}

/* A place that is free, or else that of the tag that has been idle for the longest time. */
static inline struct model_tag *model_tag_place(struct model *model)
{
    struct model_tag *oldest = NULL;

    for (uint32_t i = 0; i < MODEL_TAGS; i++) {
        struct model_tag *tag = &model->tag[i];

        if (tag->state.tag == 0)
            return tag;
        if (model_tag_idle(model, tag) && (oldest == NULL || tag->since < oldest->since))
            oldest = tag;
    }
    return oldest;
}

static inline struct model_tag *model_tag_enter(struct model *model, uint32_t tag)
{
    struct model_tag *found = model_tag_find(model, tag);

    if (found == NULL) {
        found = model_tag_place(model);
        if (found != NULL)
            *found = (struct model_tag){.state = {.tag = tag}, .since = ++model->time};
    }
    return found;
}

static inline bool model_tag_fits(uint64_t held, uint64_t more, uint64_t quota)
{
    return quota == 0 || (unsigned __int128)held + more <= quota;
}

/* What RESERVE says to good arguments, given what it would say without tags. */
static inline enum hf_status model_tag_reserve(struct model *model, uint32_t tag, uint64_t pages,
                                               uint64_t extents, enum hf_status status)
{
    struct model_tag *found = model_tag_enter(model, tag);
    const struct tag_amounts held = model_tag_held(model, tag);

    if (found == NULL)
        return HF_NO_RESOURCES;
    found->since = ++model->time;
    if (!model_tag_fits(held.windows, 1, found->state.quota.windows) ||
        !model_tag_fits(held.pages, pages, found->state.quota.pages) ||
        !model_tag_fits(held.extents, extents, found->state.quota.extents))
        status = HF_NO_RESOURCES;
    found->state.refused += status != HF_OK;
    return status;
}

static inline void model_raise(uint64_t *high, uint64_t held)
{
    if (*high < held)
        *high = held;
}

static inline void model_tag_publish(struct model *model, uint32_t tag)
{
    struct tag_amounts *high = &model_tag_find(model, tag)->state.high;
    const struct tag_amounts held = model_tag_held(model, tag);

    model_raise(&high->windows, held.windows);
    model_raise(&high->pages, held.pages);
    model_raise(&high->extents, held.extents);
}

static inline bool model_tag_quota(struct model *model, uint32_t tag,
                                   const struct tag_amounts *quota)
{
    const bool none = quota->windows == 0 && quota->pages == 0 && quota->extents == 0;
    struct model_tag *found = none ? model_tag_find(model, tag) : model_tag_enter(model, tag);

    if (found == NULL)
        return none;
    found->state.quota = *quota;
    found->since = ++model->time;
    if (model_tag_idle(model, found) && found->state.high.windows == 0 && found->state.refused == 0)
        *found = (struct model_tag){0};
    return true;
}

static inline void model_tags_reset(struct model *model)
{
    for (uint32_t i = 0; i < MODEL_TAGS; i++) {
        struct model_tag *tag = &model->tag[i];

        if (model_tag_idle(model, tag))
            *tag = (struct model_tag){0};
        else
            tag->state = (struct tag_state){.tag = tag->state.tag, .quota = tag->state.quota};
    }
}

#endif
