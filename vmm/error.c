/* SPDX-License-Identifier: MIT */
#include "vmm/error.h"
#include "vmm/utf8.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    utf8_make_plain(error->text); /* names that it quotes may hold anything */
    return -1;
}
