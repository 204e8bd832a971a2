/* SPDX-License-Identifier: MIT
 * One personality, from its command line to its end: what the files of this room share.
 *
 * Each of these calls only what stands below it:
 *   libvirt.c, asked.c    the beginning and the end
 *   monitor.c             serves the clients
 *   qmp.c                 answers one request
 *   answers_*.c           the commands, and refused_commands.c: why others are refused
 *   dump.c                a core file
 *   events.c              tells the clients what has happened
 *   qmp_client.c          reads from one client and writes to it */
#ifndef HOLDFAST_LIBVIRT_ROOM_H
#define HOLDFAST_LIBVIRT_ROOM_H

#include "vmm/libvirt/actions.h"
#include "vmm/libvirt/command_line.h"
#include "vmm/libvirt/libvirt.h"
#include "vmm/libvirt/qmp_client.h"
#include "vmm/machine/core_file.h"
#include "vmm/process/made_file.h"

#include <jansson.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#define MONITOR_CLIENTS 8u

/* One core file at a time. What is said of the thread's work is the monitor thread's where none is
 * under way. */
struct dump {
    char name[64]; /* of fd, by which clients speak of it */
    int fd;        /* -1: none was handed over */
    bool runs;     /* the thread is at work */
    bool resumes;  /* the machine goes on afterwards */
    enum { DUMP_NONE, DUMP_ACTIVE, DUMP_COMPLETED, DUMP_FAILED } status;
    int stop;
    int finished; /* an eventfd: the thread has done its work */
    sem_t work;
    _Atomic bool ends; /* the thread, at its next work */
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
    const char *made_path; /* of the listener, if it was made here */
    struct made_file made_socket;
    struct made_file made_pidfile;
    int stop;                        /* an eventfd: the thread is to end */
    int events[2];                   /* a pipe of struct event_record */
    _Atomic unsigned resets_waiting; /* of the records in it */
    int handed_over; /* a descriptor that came with what a client has sent last, or -1 */
    struct dump dump;
    bool quit; /* a client wants the process to end */
    bool begun;
    bool joined; /* somebody has been there */
    bool runs;   /* or did: whatever it ends with, it was not refused */
    pthread_t thread;
    struct qmp_client clients[MONITOR_CLIENTS];
};

#endif
