/* SPDX-License-Identifier: MIT
 * Where the guest's serial port leads: standard input and output, a pty, a file, or a descriptor
 * that was handed down.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_DEVICES_CONSOLE_H
#define HOLDFAST_DEVICES_CONSOLE_H

#include "vmm/error.h"
#include "vmm/process/made_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct console;

/* text: "stdio", "pty", "file:PATH" or "fd:N". Whether it is one of them, and a descriptor one that
 * the VMM was started with; -1 with the error set. */
int console_check(const char *text, struct error *error);

/* The same for the log: "file:PATH" or "fd:N". */
int console_check_log(const char *text, struct error *error);

/* Sets new_file if that made one; the content of one that was there stays until
 * console_begin(). */
struct console *console_open(const char *text, struct made_file *new_file, struct error *error);
/* Also gives the terminal back as it was found. */
void console_close(struct console *console);

/* Has all that the guest sends written to a log as well, behind what is in there. Sets new_file
 * if that made one. 0, or -1 with the error set. */
int console_open_log(struct console *console, const char *text, struct made_file *new_file,
                     struct error *error);

/* Empties the file, now that the guest is about to run. Cannot fail. */
void console_begin(const struct console *console);

/* "stdio", "file:PATH", "fd:N" or "pty:/dev/pts/N": where a person finds it. */
const char *console_description(const struct console *console);

/* Sends bytes. What nobody takes within a moment is dropped, so that no reader can hold up the
 * guest. What the host refuses to write leaves a line in the log. */
void console_write(struct console *console, const uint8_t *bytes, size_t count);

/* The descriptor on which bytes come in; -1 when none will. */
int console_input(const struct console *console);

/* Whether reading would have to wait for another process to give the terminal back. */
bool console_in_background(const struct console *console);

/* The guest waits for input: where that comes from a terminal in whose foreground the VMM is, turns
 * it raw, so that every key is the guest's; but for ^], which ends the VM. */
void console_take_terminal(const struct console *console);

/* The terminal was seen to be another process's: it is turned raw again by the next
 * console_take_terminal(). */
void console_lose_terminal(const struct console *console);

/* The next byte that came in; false when there is none. Does not block. */
bool console_read(struct console *console, uint8_t *byte);

#endif
