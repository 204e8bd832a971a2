/* SPDX-License-Identifier: MIT
 * The words of options, which the command line keeps for as long as it lives. */
#include "vmm/cause.h"
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <string.h>

json_t *command_line_words(struct command_line *line, const char *option, const char *text,
                           const char *implied, struct error *error)
{
    json_t *words = words_parse(option, text, implied, error);

    if (words != NULL && json_array_append_new(line->owned, words) < 0) {
        error_set(error, "%s", cause_text(ENOMEM));
        return NULL;
    }
    return words;
}

const json_t *command_line_chardev(const struct command_line *line, const char *id)
{
    for (uint32_t i = 0; i < line->chardev_count; i++) {
        const char *other = words_get(line->chardevs[i], "id");
        if (other != NULL && strcmp(other, id) == 0)
            return line->chardevs[i];
    }
    return NULL;
}
