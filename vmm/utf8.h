/* SPDX-License-Identifier: MIT
 * Paths and command lines of this host may hold any bytes. Protobuf strings and JSON must be UTF-8,
 * and what a person reads must not forge a line or drive a terminal. */
#ifndef HOLDFAST_UTF8_H
#define HOLDFAST_UTF8_H

/* Replaces each byte that is not part of well-formed UTF-8 by '?'. Cannot fail. */
void utf8_repair(char *text);

/* Besides, replaces by '?' each character that does something to a line or a terminal instead of
 * standing in it: controls, ends of lines and paragraphs, marks that change the order of text. The
 * text may become shorter. Cannot fail, and does not depend on the locale. */
void utf8_make_plain(char *text);

#endif
