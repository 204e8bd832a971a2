/* SPDX-License-Identifier: MIT
 * Protobuf strings and JSON must be UTF-8; paths and command lines of this host need not be. */
#ifndef HOLDFAST_WIRE_UTF8_H
#define HOLDFAST_WIRE_UTF8_H

/* Replaces each byte that is not part of well-formed UTF-8 by '?'. Cannot fail. */
void utf8_repair(char *text);

#endif
