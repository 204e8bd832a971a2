/* SPDX-License-Identifier: MIT
 * What libvirt's command line says, option by option, in whatever order they come. */
#ifndef HOLDFAST_LIBVIRT_COMMAND_LINE_H
#define HOLDFAST_LIBVIRT_COMMAND_LINE_H

#include "vmm/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DESCRIPTOR_SETS 16u
#define CHARDEVS        8u

/* A descriptor that was handed down, to be named as /dev/fdset/SET. */
struct descriptor_set {
    uint32_t set;
    int fd;
};

/* All strings belong to the command line, or to json_t objects in owned. */
struct command_line {
    json_t *owned;
    const char *name;
    const char *kernel;
    const char *initrd;
    const char *append;
    const char *pidfile;
    const char *memory_backend; /* the one that -machine names */
    json_t *memory_backends;    /* id to size */
    uint64_t memory;            /* bytes */
    uint32_t vcpus;
    bool asks; /* -machine none: only what the emulator can do is wanted */
    bool paused;
    bool daemonize;
    bool no_reboot;
    bool no_shutdown;
    const char *panic; /* actions; NULL: not said */
    const char *reboot;
    const char *shutdown;
    struct descriptor_set sets[DESCRIPTOR_SETS];
    uint32_t set_count;
    json_t *chardevs[CHARDEVS]; /* in owned */
    uint32_t chardev_count;
    const char *monitor;  /* a chardev's id */
    const char *qmp_path; /* -qmp unix:PATH */
    const char *serial;   /* a chardev's id */
    char **own;           /* Holdfast's own words, those with two dashes */
    uint32_t own_count;
};

/* Reads all options. 0, or -1 with the error set; either way command_line_free(). */
int command_line_read(struct command_line *line, int argc, char **argv, struct error *error);
void command_line_free(struct command_line *line);

/* Each takes an option's value, NULL for one without: 0, or -1 with the error set. */
typedef int option_taker(struct command_line *line, const char *value, struct error *error);

/* ---- machine_words.c ---- */
option_taker take_machine, take_accel, take_cpu, take_memory, take_smp, take_object,
    take_overcommit;

/* ---- device_words.c ---- */
option_taker take_chardev, take_monitor, take_qmp, take_add_fd, take_device;

/* ---- kept_words.c ---- */

/* Parses the words of an option and keeps them. NULL with the error set. */
json_t *command_line_words(struct command_line *line, const char *option, const char *text,
                           const char *implied, struct error *error);

/* The chardev of an id, or NULL. */
const json_t *command_line_chardev(const struct command_line *line, const char *id);

#endif
