/* SPDX-License-Identifier: MIT
 * The terminal that the VMM was started on, while the guest has it: each key goes to the guest, and
 * the guest alone echoes it. */
#ifndef HOLDFAST_DEVICES_TERMINAL_H
#define HOLDFAST_DEVICES_TERMINAL_H

#include <stdbool.h>

/* The key that ends the VM: ^], as virsh and telnet have it. */
#define TERMINAL_ESCAPE 0x1d

/* Whether reading would have to wait for another process to give the terminal back: a read from the
 * background would stop the process. Of a terminal that is not the controlling one, nothing is
 * known. */
bool terminal_in_background(int fd);

/* Turns the terminal raw, if it is one and is not so already. Its state comes back with
 * terminal_restore(), and where a signal ends or stops the process; after SIGKILL nobody can. true
 * if this was the first time. */
bool terminal_take(int fd);

/* The terminal has gone to another process, which has its own state for it: terminal_take() will
 * turn it raw again. */
void terminal_lose(void);

/* As it was found. Nothing where it was not taken, or is another's now. */
void terminal_restore(void);

#endif
