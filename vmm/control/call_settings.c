/* SPDX-License-Identifier: MIT
 * Settings. */
#include "vmm/control/calls.h"

#include <string.h>

static bool describe(struct call *call, MESSAGE(Setting) * to, const struct setting *from)
{
    *to = (MESSAGE(Setting))MESSAGE_INIT(SETTING);
    to->word = call_text(call, from->word);
    /* The service's own, which stays. */
    to->value.data = (uint8_t *)(uintptr_t)from->value;
    to->value.len = strlen(from->value);
    return to->word != NULL;
}

void call_settings(struct call *call)
{
    const struct settings *settings = &call->service->config->settings;
    MESSAGE(SettingsReply) *reply = call_memory(call, 1, sizeof *reply);
    MESSAGE(Setting) *list = call_memory(call, settings->count, sizeof *list);
    MESSAGE(Setting) **pointers = call_memory(call, settings->count, sizeof *pointers);

    if (reply == NULL || list == NULL || pointers == NULL)
        return;
    for (size_t i = 0; i < settings->count; i++) {
        if (!describe(call, &list[i], &settings->setting[i]))
            return;
        pointers[i] = &list[i];
    }
    *reply = (MESSAGE(SettingsReply))MESSAGE_INIT(SETTINGS_REPLY);
    reply->settings = pointers;
    reply->n_settings = settings->count;
    call->response->settings = reply;
    call->response->reply_case = REPLY(SETTINGS);
}
