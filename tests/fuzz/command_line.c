/* SPDX-License-Identifier: MIT
 * Words of a command line, libvirt's or Holdfast's own: they are understood, or refused with a line
 * that can be shown; what libvirt's are turned into, the VMM's own reader understands or refuses,
 * too.
 *
 * An input is the words, with a zero behind each. */
#include "target.h"
#include "vmm/libvirt/libvirt.h"
#include "vmm/options/options.h"
#include "vmm/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MOST 128

static uint64_t lines, of_libvirt, understood;
static int null = -1;

/* In place of the C library's: what a command line names is not to be touched, only looked at. */
int open(const char *path, int flags, ...)
{
    return (flags & (O_CREAT | O_TRUNC | O_ACCMODE)) == 0 ? openat(AT_FDCWD, path, flags) : null;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    null = openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC);
    return 0;
}

static void check_refusal(const struct error *error)
{
    struct error plain = *error;

    assert_true(error->text[0] != '\0');
    utf8_make_plain(plain.text);
    assert_string_equal(plain.text, error->text);
}

static void read_own(int count, char **words)
{
    struct options options;
    struct error error = {""};

    optind = 0; /* the C library may be in the middle of the words before */
    opterr = 0;
    if (options_parse(&options, count, words, &error) < 0)
        check_refusal(&error);
    else {
        understood++;
        assert_true(options.help || options.version || options.vcpus > 0);
        assert_int_equal(options.memory % HF_PAGE_SIZE, 0);
        assert_int_equal(options.arena % HF_PAGE_SIZE, 0);
    }
    options_free(&options);
}

static void read_of_libvirt(int count, char **words)
{
    struct error error = {""};
    struct libvirt *libvirt = libvirt_read(count, words, &error);
    int own_count;

    of_libvirt++;
    if (libvirt == NULL) {
        check_refusal(&error);
        return;
    }
    if (!libvirt_only_asks(libvirt)) {
        char **own = libvirt_own_words(libvirt, &own_count);
        assert_null(own[own_count]);
        read_own(own_count, own);
    }
    libvirt_free(libvirt);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *words[WORDS_MOST + 1];
    int count = 0;
    char *text = malloc(size + 1);

    assert_non_null(text);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    for (char *word = text; word < text + size && count < WORDS_MOST; word += strlen(word) + 1)
        words[count++] = word;
    words[count] = NULL;
    if (count > 0) {
        lines++;
        if (libvirt_wrote(count, words))
            read_of_libvirt(count, words);
        else
            read_own(count, words);
    }
    free(text);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu command lines, %llu of them libvirt's; %llu understood\n",
           (unsigned long long)lines, (unsigned long long)of_libvirt,
           (unsigned long long)understood);
    assert_true(of_libvirt > 0 && of_libvirt < lines && understood > 0 && understood < lines);
}
