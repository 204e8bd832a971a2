/* SPDX-License-Identifier: MIT
 * The VMM's command line.
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_OPTIONS_OPTIONS_H
#define HOLDFAST_OPTIONS_OPTIONS_H

#include "vmm/boot/boot.h"
#include "vmm/error.h"
#include "vmm/machine/machine.h"
#include "vmm/memory/guarantee.h"
#include "vmm/memory/object.h"
#include "vmm/options/budget.h"
#include "vmm/options/config.h"
#include "vmm/options/quota.h"
#include "vmm/sandbox/sandbox.h"
#include "vmm/windows/windows.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *name;
    const char *kernel;
    const char *initrd; /* NULL: none */
    enum boot_way boot;
    enum machine_action on_poweroff, on_reboot, on_panic;
    const char *append;
    const char *console;
    const char *console_log; /* NULL: none */
    const char *control;     /* NULL: named after the VM, in the runtime directory */
    uint64_t memory;         /* bytes, whole pages */
    uint64_t arena;          /* bytes, whole pages */
    uint32_t vcpus;
    enum guarantee guarantee;
    struct object_spec *objects;
    uint32_t object_count;
    bool calibrate;
    struct budget budget;
    struct tag_quota *quotas;
    uint32_t quota_count;
    bool paused;        /* the guest waits for an operator's resume */
    bool share_control; /* with the group of the control socket's directory */
    const char *user;   /* NULL: see vmm/process/user.h */
    enum sandbox_mode sandbox;
    bool help;
    bool version;
    bool sandbox_list;
    bool check;           /* tell of mistakes, and start nothing */
    struct config config; /* what holds the words of a file */
    char default_name[32];
};

/* Reads and checks the command line, and before it the file that --config names: what both say, the
 * command line decides; its objects and quotas are added. 0, or -1 with the error set. Either way
 * options_free(). */
int options_parse(struct options *options, int argc, char **argv, struct error *error);

/* Whoever is to be told of more than one mistake. */
struct options_listener {
    void (*tell)(void *who, const char *text);
    void *who;
};

/* The same; each line of the file that is wrong is told, and the rest is read all the same. The
 * error may then be empty. */
int options_parse_all(struct options *options, int argc, char **argv,
                      const struct options_listener *tell, struct error *error);

/* Looks ahead at what the options name on this host: opens no device, makes nothing. Tells of each
 * that would keep the VM from starting. Whether none would. */
bool options_look_ahead(const struct options *options, const struct options_listener *tell);

/* The words that a file may hold, by their numbers from 0 on; NULL: there are no more. */
const char *options_word(unsigned index);
void options_free(struct options *options);

/* What a word is: "--paused" and "--name=x" are whole, "--name" has its value in the next word. */
enum option_word { OPTION_UNKNOWN, OPTION_WHOLE, OPTION_BEFORE_VALUE };
enum option_word options_look_up(const char *word);

extern const char options_help[];

#endif
