/* SPDX-License-Identifier: MIT
 * A configuration file: refused with one line that can be shown and names the file, or understood;
 * then its settings, written down, are a file that means the same.
 *
 * An input is the file. */
#include "target.h"
#include "vmm/options/options.h"
#include "vmm/options/settings.h"
#include "vmm/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t files, understood, lines_refused;

static void note_line(void *who, const char *text)
{
    struct error plain;

    (void)who;
    lines_refused++;
    snprintf(plain.text, sizeof plain.text, "%s", text);
    utf8_make_plain(plain.text);
    assert_string_equal(plain.text, text);
    assert_non_null(strstr(text, "/proc/self/fd/"));
}

/* 0, or -1: refused. Either way options_free(). */
static int read_file(struct options *options, const void *bytes, size_t size,
                     const struct options_listener *tell)
{
    char path[64];
    char *words[] = {"holdfast-vmm", "--config", path, NULL};
    struct error error = {""};
    const int fd = memfd_create("config", 0);

    assert_true(fd >= 0);
    assert_true(size == 0 || write(fd, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    optind = 0;
    const int result = options_parse_all(options, 3, words, tell, &error);
    close(fd);
    if (result < 0 && error.text[0] != '\0') {
        struct error plain = error;
        utf8_make_plain(plain.text);
        assert_string_equal(plain.text, error.text);
    }
    assert_true(result == 0 || tell != NULL || error.text[0] != '\0');
    return result;
}

static void write_setting(FILE *to, const struct setting *setting)
{
    fprintf(to, "%s = \"", setting->word);
    for (const char *at = setting->value; *at != '\0'; at++)
        fprintf(to, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    fprintf(to, "\"\n");
}

/* What has no value cannot be asked for. */
static bool is_written(const struct setting *setting)
{
    return strcmp(setting->word, "append") == 0 || strcmp(setting->word, "kernel") == 0 ||
           (setting->value[0] != '\0' && strcmp(setting->value, "default") != 0);
}

static void check_again(const struct options *options)
{
    struct settings settings, again;
    struct options read_again;
    struct error error;
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_int_equal(settings_of(&settings, options, &error), 0);
    for (size_t i = 0; i < settings.count; i++)
        if (is_written(&settings.setting[i]))
            write_setting(file, &settings.setting[i]);
    fclose(file);
    assert_int_equal(read_file(&read_again, text, size, NULL), 0);
    assert_int_equal(settings_of(&again, &read_again, &error), 0);
    assert_int_equal(again.count, settings.count);
    for (size_t i = 0; i < settings.count; i++) {
        assert_string_equal(again.setting[i].word, settings.setting[i].word);
        assert_string_equal(again.setting[i].value, settings.setting[i].value);
    }
    settings_free(&again);
    options_free(&read_again);
    settings_free(&settings);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct options_listener tell = {.tell = note_line};
    struct options options;

    files++;
    if (read_file(&options, bytes, size, NULL) == 0) {
        understood++;
        check_again(&options);
    }
    options_free(&options);
    /* The same, all lines that are wrong. */
    read_file(&options, bytes, size, &tell);
    options_free(&options);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu files, %llu understood, %llu lines refused\n", (unsigned long long)files,
           (unsigned long long)understood, (unsigned long long)lines_refused);
    assert_true(understood > 0 && understood < files && lines_refused > 0);
}
