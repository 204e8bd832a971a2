/* SPDX-License-Identifier: MIT
 * The modes of the sandbox, by their names. Knows no VMM: the CLI reads configuration files, too.
 */
#include "vmm/sandbox/sandbox.h"

#include <string.h>

static const char *const words[] = {
    [SANDBOX_DEFAULT] = "default",
    [SANDBOX_ON] = "on",
    [SANDBOX_OFF] = "off",
    [SANDBOX_LOG] = "log",
};

int sandbox_parse(const char *text, enum sandbox_mode *mode, struct error *error)
{
    for (enum sandbox_mode i = SANDBOX_ON; i <= SANDBOX_LOG; i++) {
        if (strcmp(text, words[i]) == 0) {
            *mode = i;
            return 0;
        }
    }
    return error_set(error, "--sandbox %.64s: must be on, off or log", text);
}

const char *sandbox_mode_name(enum sandbox_mode mode)
{
    return words[mode];
}
