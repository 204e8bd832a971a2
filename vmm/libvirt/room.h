/* SPDX-License-Identifier: MIT
 * What the files of this room share: one personality, from its command line to its end. */
#ifndef HOLDFAST_LIBVIRT_ROOM_H
#define HOLDFAST_LIBVIRT_ROOM_H

#include "vmm/libvirt/actions.h"
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/libvirt.h"
#include "vmm/libvirt/qmp_client.h"
#include "vmm/machine/core_file.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define MONITOR_CLIENTS 8u

/* One core file at a time. All but the thread's own is the monitor thread's. */
struct dump {
    char name[64]; /* of fd, by which clients speak of it */
    int fd;        /* -1: none was handed over */
    bool runs;     /* the thread is to be joined */
    bool resumes;  /* the machine goes on afterwards */
    enum { DUMP_NONE, DUMP_ACTIVE, DUMP_COMPLETED, DUMP_FAILED } status;
    int stop;
    int finished; /* an eventfd: the thread has ended */
    pthread_t thread;
    struct core_file core;
    int result;
    struct error error;
};

struct libvirt {
    struct command_line line;
    char **own; /* Holdfast's words, owned; ends with NULL */
    int own_count;

    struct libvirt_vm vm; /* all zero while it is only asked */
    struct actions actions;
    bool launched; /* the guest has run */

    int listener;
    const char *made_path;           /* of the listener, if it was made here */
    int stop;                        /* an eventfd: the thread is to end */
    int events[2];                   /* a pipe of struct event_record */
    _Atomic unsigned resets_waiting; /* of the records in it */
    int handed_over; /* a descriptor that came with what a client has sent last, or -1 */
    struct dump dump;
    bool quit; /* a client wants the process to end */
    bool begun;
    bool joined; /* somebody has been there */
    pthread_t thread;
    struct qmp_client clients[MONITOR_CLIENTS];
};

/* ---- own_words.c ---- */

/* Makes libvirt->own of libvirt->line. 0, or -1 with the error set. */
int own_words_make(struct libvirt *libvirt, struct error *error);

/* ---- monitor.c ---- */

/* Makes libvirt->listener: the chardev's descriptor or path, or -qmp's path. 0, or -1 with the
 * error set. */
int monitor_listen(struct libvirt *libvirt, struct error *error);

/* Serves clients until stop is readable or, if signals is not -1, that; or until a client says
 * quit, or nobody has been connected for idle_ms (-1: does not matter). */
void monitor_run(struct libvirt *libvirt, int signals, int idle_ms);

/* Frees clients, descriptors and, if it was made here, the socket. */
void monitor_end(struct libvirt *libvirt);

/* Sends a message to each client that has negotiated; takes the reference. expendable: a client
 * that has not taken much of what was sent before may do without. */
void monitor_send_all(struct libvirt *libvirt, json_t *message, bool expendable);

/* ---- qmp.c ---- */

/* Answers one value, or mistake, of a client. */
void qmp_answer(struct libvirt *libvirt, struct qmp_client *client, enum qmp_frame_result found,
                const char *text, size_t length);

/* What each client hears first, and the version in it. NULL: out of memory. */
json_t *qmp_greeting(void);
json_t *qmp_version(void);

/* ---- answers_*.c ---- */

/* Returns what stands behind "return", or NULL with the error set. */
typedef json_t *qmp_command(struct libvirt *libvirt, const json_t *arguments, struct error *error);

struct qmp_entry {
    const char *name;
    qmp_command *answer;
};
extern const struct qmp_entry qmp_emulator_commands[]; /* end with a NULL name */
extern const struct qmp_entry qmp_machine_commands[];

/* Why Holdfast cannot do what a command of QEMU's asks; NULL: it is not known. */
const char *qmp_refusal(const char *command);

/* ---- dump.c ---- */

qmp_command dump_getfd, dump_closefd, dump_capability, dump_query, dump_guest_memory;

/* Waits for the thread and tells that the core file is done, if there is one. */
void dump_end(struct libvirt *libvirt);
void dump_free(struct libvirt *libvirt);

/* ---- events.c ---- */

/* Makes the pipe. 0, or -1 with the error set. */
int events_open(struct libvirt *libvirt, struct error *error);

/* Hears the machine; then tells what has happened since the last time. */
void events_listen(struct libvirt *libvirt);
void events_tell(struct libvirt *libvirt);

/* Sends one event now; takes the reference to data, which may be NULL. */
void events_send(struct libvirt *libvirt, const char *name, json_t *data);

/* The machine's policy for these actions. */
void events_set_policy(struct libvirt *libvirt);

#endif
