/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vmm/utf8.h"

#include <string.h>

#define WORD_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define BLANKS          " \t"

void config_take(struct config *config, const char *path, char *text, size_t length)
{
    text[length] = '\0';
    *config = (struct config){.path = path, .text = text, .end = text + length, .at = text};
}

int config_refuse(const struct config *config, const char *word, const char *cause,
                  struct error *error)
{
    return error_set(error, "%.200s:%u: word '%.64s': %s", config->path, config->line, word, cause);
}

static int refuse_line(const struct config *config, const char *cause, struct error *error)
{
    return error_set(error, "%.200s:%u: %s", config->path, config->line, cause);
}

/* Cuts the next line off. false: there is none. */
static bool take_line(struct config *config, char **line, size_t *length)
{
    if (config->at >= config->end)
        return false;
    char *newline = memchr(config->at, '\n', (size_t)(config->end - config->at));
    char *end = newline != NULL ? newline : config->end;

    *line = config->at;
    config->at = newline != NULL ? newline + 1 : config->end;
    config->line++;
    /* As an editor of another system ends lines. */
    if (end > *line && end[-1] == '\r')
        end--;
    *end = '\0';
    *length = (size_t)(end - *line);
    return true;
}

static bool is_control(char byte)
{
    return ((unsigned char)byte < ' ' && byte != '\t') || byte == 0x7f;
}

/* NULL, or what is wrong with its characters. */
static const char *judge_characters(char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (is_control(line[i]))
            return line[i] == '\0' ? "the line has a NUL; is this a text file?"
                                   : "the line has a control character; take it out";
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)line[i] < 0x80)
            continue;
        /* From there on only: the repair replaces each byte in place. */
        const char first = line[i];
        char whole[5] = {0};
        size_t bytes = 1;
        while (bytes < 4 && i + bytes < length && ((unsigned char)line[i + bytes] & 0xc0) == 0x80)
            bytes++;
        memcpy(whole, line + i, bytes);
        utf8_repair(whole);
        if (whole[0] != first || memcmp(whole, line + i, bytes) != 0)
            return "the line is not UTF-8; save the file in that encoding";
        i += bytes - 1;
    }
    return NULL;
}

/* Of a quoted value: takes the quotes off, in place. NULL, or what is wrong with it. */
static const char *unquote(char *value)
{
    const char *from = value + 1;
    char *to = value;

    for (; *from != '"'; from++) {
        if (*from == '\\') {
            from++;
            if (*from != '"' && *from != '\\')
                return "behind a backslash in quotes stands \" or another backslash";
        }
        if (*from == '\0')
            return "the quote is not closed; end the value with \"";
        *to++ = *from;
    }
    if (from[1 + strspn(from + 1, BLANKS)] != '\0')
        return "something stands behind the closing quote; put all of the value in quotes, with "
               "\\\" "
               "for a quote in it";
    *to = '\0';
    return NULL;
}

static const char *take_value(char *value)
{
    size_t length = strlen(value);

    while (length > 0 && strchr(BLANKS, value[length - 1]) != NULL)
        value[--length] = '\0';
    if (length == 0)
        return "has no value; an empty one is written \"\"";
    return value[0] == '"' ? unquote(value) : NULL;
}

/* Cuts "word = value" in two. */
static int split(const struct config *config, char *line, const char **word, const char **value,
                 struct error *error)
{
    char *end = line + strspn(line, WORD_CHARACTERS);
    char *sign = end + strspn(end, BLANKS);

    *word = line;
    if (end == line)
        return refuse_line(config, "a line begins with a word, as in: memory = 64M", error);
    if (strncmp(line, "--", 2) == 0)
        return refuse_line(config, "words have no dashes before them here", error);
    if (*sign != '=') {
        *end = '\0';
        return config_refuse(config, *word, "no '=' behind it; write: word = value", error);
    }
    *end = '\0';
    char *begin = sign + 1 + strspn(sign + 1, BLANKS);
    const char *cause = take_value(begin);
    *value = begin;
    return cause == NULL ? 0 : config_refuse(config, *word, cause, error);
}

int config_next(struct config *config, const char **word, const char **value, struct error *error)
{
    char *line;
    size_t length;

    while (take_line(config, &line, &length)) {
        if (length > CONFIG_LINE_MOST)
            return error_set(error, "%.200s:%u: the line has %zu bytes; %zu are the most",
                             config->path, config->line, length, CONFIG_LINE_MOST);
        const char *cause = judge_characters(line, length);
        if (cause != NULL)
            return refuse_line(config, cause, error);
        line += strspn(line, BLANKS);
        if (*line != '\0' && *line != '#')
            return split(config, line, word, value, error) == 0 ? 1 : -1;
    }
    return 0;
}
