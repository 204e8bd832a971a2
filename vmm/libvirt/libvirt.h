/* SPDX-License-Identifier: MIT
 * The personality that libvirt manages: reads the command line that libvirt writes for an emulator
 * of its QEMU driver, and answers on the monitor that libvirt asks. No other room knows of it.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_LIBVIRT_LIBVIRT_H
#define HOLDFAST_LIBVIRT_LIBVIRT_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct libvirt;

/* Whether these are libvirt's words: options with one dash, -machine among them. */
bool libvirt_wrote(int argc, char **argv);

/* Reads them. NULL with the error set: something in them is not possible with Holdfast. */
struct libvirt *libvirt_read(int argc, char **argv, struct error *error);

/* Holdfast's own words for the same machine; they stay until libvirt_free(). */
char **libvirt_own_words(const struct libvirt *libvirt, int *argc);

/* Whether libvirt only asks what this emulator can do, and answering that until it has heard
 * enough. Returns an exit status. */
bool libvirt_only_asks(const struct libvirt *libvirt);
int libvirt_answer(struct libvirt *libvirt, struct error *error);

struct libvirt_vm {
    struct machine *machine;
    const char *console; /* where it leads */
    uint32_t vcpus;
    uint64_t memory; /* bytes */
};

/* Before machine_start(): listens on the monitor, in a thread of its own. 0, or -1 with the error
 * set. */
int libvirt_begin(struct libvirt *libvirt, const struct libvirt_vm *vm, struct error *error);

/* The directory of the socket that it has made, which libvirt_end() removes there: a descriptor.
 * -1: it has made none. NULL is allowed. */
int libvirt_directory(const struct libvirt *libvirt);

/* Before machine_destroy(): says good-bye to the clients, ends the thread. NULL, or one that has
 * not begun, is allowed. */
void libvirt_end(struct libvirt *libvirt);

/* The machine runs. From now on no end of it is a refusal, and the main thread's filter would
 * forbid what libvirt_refused() does. NULL is allowed. */
void libvirt_runs(struct libvirt *libvirt);

/* For an end without a machine that has run, after the line that says why and before
 * libvirt_free(): waits, some seconds at most, until libvirt has joined the monitor, for else it
 * does not tell the line; a child keeps the connection for a moment longer than this process lives.
 * libvirt is NULL if libvirt_read() failed. */
void libvirt_refused(const struct libvirt *libvirt, int argc, char **argv);

void libvirt_free(struct libvirt *libvirt);

#endif
