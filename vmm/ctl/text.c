/* SPDX-License-Identifier: MIT
 * Text for terminals. */
#include "vmm/ctl/text.h"

#include "holdfast/abi.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

bool text_unicode(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Marks that make a terminal show text in another order than it has. */
static bool reorders(wchar_t character)
{
    return (character >= 0x200e && character <= 0x200f) ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* Bytes of the printable character at text, or 0. */
static size_t printable(const char *text, size_t left)
{
    mbstate_t state = {0};
    wchar_t character;
    size_t bytes = mbrtowc(&character, text, left, &state);
    if (bytes == 0 || bytes > left) /* also (size_t)-1 and -2 */
        return 0;
    return iswprint((wint_t)character) && !reorders(character) ? bytes : 0;
}

void text_clean(const char *text, char *to, size_t room)
{
    size_t left = strlen(text);
    while (left > 0) {
        size_t bytes = printable(text, left);
        size_t taken = bytes == 0 ? 1 : bytes;
        if (taken >= room)
            break;
        if (bytes == 0)
            *to = '?';
        else
            memcpy(to, text, bytes);
        to += taken;
        room -= taken;
        text += taken;
        left -= taken;
    }
    *to = '\0';
}

int text_width(const char *text)
{
    mbstate_t state = {0};
    int width = 0;
    size_t left = strlen(text);
    while (left > 0) {
        wchar_t character;
        size_t bytes = mbrtowc(&character, text, left, &state);
        if (bytes == 0 || bytes > left)
            return width + (int)left;
        int columns = wcwidth(character);
        width += columns < 0 ? 1 : columns;
        text += bytes;
        left -= bytes;
    }
    return width;
}

void text_bytes(uint64_t bytes, char to[TEXT_NUMBER])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;
    double value = (double)bytes;
    while (value >= 1024 && unit < 6) {
        value /= 1024;
        unit++;
    }
    /* A whole number of the unit without decimals; else three digits. */
    bool whole = bytes % ((uint64_t)1 << (10 * unit)) == 0;
    int decimals = whole || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    snprintf(to, TEXT_NUMBER, "%.*f %s", decimals, value, units[unit]);
}

void text_pages(uint64_t pages, char to[TEXT_NUMBER])
{
    text_bytes(pages > UINT64_MAX >> HF_PAGE_SHIFT ? UINT64_MAX : pages << HF_PAGE_SHIFT, to);
}

void text_duration(uint64_t milliseconds, char to[TEXT_NUMBER])
{
    uint64_t seconds = milliseconds / 1000;
    uint64_t minutes = seconds / 60;
    uint64_t hours = minutes / 60;
    if (minutes == 0)
        snprintf(to, TEXT_NUMBER, "%" PRIu64 " s", seconds);
    else if (hours == 0)
        snprintf(to, TEXT_NUMBER, "%" PRIu64 " m %02" PRIu64 " s", minutes, seconds % 60);
    else if (hours < 24)
        snprintf(to, TEXT_NUMBER, "%" PRIu64 " h %02" PRIu64 " m", hours, minutes % 60);
    else
        snprintf(to, TEXT_NUMBER, "%" PRIu64 " d %02" PRIu64 " h", hours / 24, hours % 24);
}

void text_address(uint64_t address, char to[TEXT_NUMBER])
{
    snprintf(to, TEXT_NUMBER, "0x%" PRIx64, address);
}

void text_rate(double rate, char to[TEXT_NUMBER])
{
    if (rate <= 0)
        snprintf(to, TEXT_NUMBER, "0");
    else if (rate < 10)
        snprintf(to, TEXT_NUMBER, "%.1f", rate);
    else if (rate < 10000)
        snprintf(to, TEXT_NUMBER, "%.0f", rate);
    else if (rate < 1e6)
        snprintf(to, TEXT_NUMBER, "%.1fk", rate / 1e3);
    else
        snprintf(to, TEXT_NUMBER, "%.1fM", rate / 1e6);
}

void text_tag(uint32_t tag, char to[TEXT_NUMBER])
{
    bool prints = true;
    for (unsigned i = 0; i < 4; i++) {
        unsigned char byte = (unsigned char)(tag >> (8 * i));
        prints = prints && byte >= 0x20 && byte < 0x7f;
        to[i] = (char)byte;
    }
    to[4] = '\0';
    if (!prints)
        snprintf(to, TEXT_NUMBER, "0x%" PRIx32, tag);
}
