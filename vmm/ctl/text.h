/* SPDX-License-Identifier: MIT
 * Text for terminals: what others say is made harmless, and numbers are made readable. */
#ifndef HOLDFAST_CTL_TEXT_H
#define HOLDFAST_CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the locale can show characters beyond ASCII. */
bool text_unicode(void);

/* Copies text, cut to the room, with everything that does not print (control characters, bytes
 * that are none in this locale, characters that reorder others) replaced by '?'. */
void text_clean(const char *text, char *to, size_t room);

/* Columns that clean text takes on a terminal. */
int text_width(const char *text);

#define TEXT_NUMBER 32 /* room for each of the following */

/* "512 B", "4 KiB", "1.5 GiB" */
void text_bytes(uint64_t bytes, char to[TEXT_NUMBER]);
void text_pages(uint64_t pages, char to[TEXT_NUMBER]);

/* "12 s", "4 m 10 s", "2 h 05 m", "3 d 04 h" */
void text_duration(uint64_t milliseconds, char to[TEXT_NUMBER]);

/* "0x100000000" */
void text_address(uint64_t address, char to[TEXT_NUMBER]);

/* Events a second: "0", "0.5", "12", "3456", "12.3k", "4.5M" */
void text_rate(double rate, char to[TEXT_NUMBER]);

/* The four characters of a tag in the order of its bytes in memory, or its number where they do
 * not print. */
void text_tag(uint32_t tag, char to[TEXT_NUMBER]);

#endif
