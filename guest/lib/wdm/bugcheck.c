/* SPDX-License-Identifier: MIT
 * How a driver's mistake ends the machine, unless the guest defines these itself. */
#include "guest/lib/platform.h"
#include "holdfast/guest.h"
#include "holdfast/wdm.h"

/* Room for the longest line: five numbers of 18 characters and a name. */
struct line {
    char text[192];
    size_t used;
};

static void add_text(struct line *line, const char *text)
{
    while (*text != '\0' && line->used < sizeof line->text - 1)
        line->text[line->used++] = *text++;
    line->text[line->used] = '\0';
}

static void add_number(struct line *line, uint64_t number, unsigned digits)
{
    char text[19] = "0x";

    for (unsigned i = 0; i < digits; i++)
        text[2 + i] = "0123456789ABCDEF"[number >> 4 * (digits - 1 - i) & 0xf];
    text[2 + digits] = '\0';
    add_text(line, text);
}

__attribute__((weak)) VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                                        ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
                                        ULONG_PTR BugCheckParameter4)
{
    const ULONG_PTR parameters[] = {BugCheckParameter1, BugCheckParameter2, BugCheckParameter3,
                                    BugCheckParameter4};
    uint8_t status = (uint8_t)BugCheckCode;
    struct line line = {.used = 0};

    add_text(&line, "*** STOP: ");
    add_number(&line, BugCheckCode, 8);
    for (unsigned i = 0; i < RTL_NUMBER_OF(parameters); i++) {
        add_text(&line, i == 0 ? " (" : ", ");
        add_number(&line, parameters[i], 16);
    }
    add_text(&line, ")");
    if (BugCheckCode == SYSTEM_PTE_MISUSE && BugCheckParameter1 <= UINT16_MAX) {
        add_text(&line, " ");
        add_text(&line, hf_status_name((int)BugCheckParameter1));
    }
    hf_platform_die(status ? status : UINT8_MAX, line.text);
}

__attribute__((weak)) VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber,
                                     PSTR Message)
{
    struct line line = {.used = 0};

    add_text(&line, "Assertion failed: ");
    add_text(&line, Message != NULL ? Message : (const char *)FailedAssertion);
    add_text(&line, ", ");
    add_text(&line, (const char *)FileName);
    add_text(&line, " line ");
    add_number(&line, LineNumber, 4);
    hf_platform_die(UINT8_MAX, line.text);
}
