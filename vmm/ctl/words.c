/* SPDX-License-Identifier: MIT
 * Words for the numbers of the protocol. */
#include "vmm/ctl/words.h"

#include "holdfast/abi.h"

#include <stdio.h>

const char *words_state(enum holdfast_state state)
{
    switch (state) {
    case HOLDFAST_STATE_RUNNING:
        return "running";
    case HOLDFAST_STATE_PAUSED:
        return "paused";
    case HOLDFAST_STATE_ENDED:
        return "ended";
    default:
        return "unknown";
    }
}

static const struct {
    uint32_t bit;
    const char *word;
} features_known[] = {
    {HF_FEATURE_PIO, "pio"},
    {HF_FEATURE_VMCALL, "vmcall"},
    {HF_FEATURE_VMMCALL, "vmmcall"},
    {HF_FEATURE_PREFAULT, "prefault"},
};

/* The word of one bit; written to text if it has none. */
static const char *feature_word(unsigned bit, char text[16])
{
    for (size_t i = 0; i < sizeof features_known / sizeof features_known[0]; i++)
        if (features_known[i].bit == (uint32_t)1 << bit)
            return features_known[i].word;
    snprintf(text, 16, "bit %u", bit);
    return text;
}

void words_features(uint32_t features, char *to, size_t room)
{
    char text[16];
    size_t used = 0;
    snprintf(to, room, "none");
    for (unsigned bit = 0; bit < 32 && used < room; bit++) {
        if ((features >> bit & 1) == 0)
            continue;
        int length = snprintf(to + used, room - used, "%s%s", used == 0 ? "" : ", ",
                              feature_word(bit, text));
        used += length < 0 ? 0 : (size_t)length;
    }
}

json_t *words_features_json(uint32_t features)
{
    char text[16];
    json_t *list = json_array();
    for (unsigned bit = 0; bit < 32; bit++)
        if ((features >> bit & 1) != 0)
            json_array_append_new(list, json_string(feature_word(bit, text)));
    return list;
}
