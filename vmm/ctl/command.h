/* SPDX-License-Identifier: MIT
 * What a subcommand of holdfastctl is.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_CTL_COMMAND_H
#define HOLDFAST_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Part of the interface: documented by --help and holdfastctl(1). */
enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,     /* the VM refused it, or it failed */
    EXIT_USAGE = 2,      /* the command line makes no sense */
    EXIT_NO_VM = 3,      /* no such VM */
    EXIT_CONTACT = 4,    /* the VM cannot be reached, or what it says makes no sense */
    EXIT_PERMISSION = 5, /* this user may not */
};

struct options {
    bool json;
    bool force;
    double interval; /* seconds */
    uint64_t count;  /* 0: for ever */
    uint32_t rows;   /* 0: as the command likes */
    const char *primitive;
    double wait; /* seconds */
    bool only_new;
    const char *sort;
};

/* Options that only some commands take. */
#define OPTION_FORCE     (1u << 0)
#define OPTION_INTERVAL  (1u << 1)
#define OPTION_COUNT     (1u << 2)
#define OPTION_ROWS      (1u << 3)
#define OPTION_PRIMITIVE (1u << 4)
#define OPTION_WAIT      (1u << 5)
#define OPTION_NEW       (1u << 6)
#define OPTION_SORT      (1u << 7)
#define OPTION_EVENTS    (1u << 8) /* --count counts events */

struct command {
    const char *name;
    const char *arguments; /* as in the usage line */
    const char *summary;
    const char *help;
    const char *example;
    int argument_count;
    unsigned options;   /* OPTION_... */
    int more_arguments; /* that may follow */
    /* arguments[argument_count], then those that follow, then NULL. Prints its result or reports a
     * failure. */
    enum exit_code (*run)(const struct options *options, char **arguments);
};

extern const struct command commands[];
extern const size_t commands_count;

enum exit_code run_list(const struct options *options, char **arguments);
enum exit_code run_info(const struct options *options, char **arguments);
enum exit_code run_windows(const struct options *options, char **arguments);
enum exit_code run_objects(const struct options *options, char **arguments);
enum exit_code run_attach(const struct options *options, char **arguments);
enum exit_code run_detach(const struct options *options, char **arguments);
enum exit_code run_stats(const struct options *options, char **arguments);
enum exit_code run_watch(const struct options *options, char **arguments);
enum exit_code run_map(const struct options *options, char **arguments);
enum exit_code run_pause(const struct options *options, char **arguments);
enum exit_code run_resume(const struct options *options, char **arguments);
enum exit_code run_reset(const struct options *options, char **arguments);
enum exit_code run_stop(const struct options *options, char **arguments);
enum exit_code run_metrics(const struct options *options, char **arguments);
enum exit_code run_guarantee(const struct options *options, char **arguments);
enum exit_code run_quota(const struct options *options, char **arguments);
enum exit_code run_drill(const struct options *options, char **arguments);
enum exit_code run_events(const struct options *options, char **arguments);
enum exit_code run_top(const struct options *options, char **arguments);
enum exit_code run_ping(const struct options *options, char **arguments);

/* NULL if there is no such command. */
const struct command *command_find(const char *name);

void help_general(void);
void help_command(const struct command *command);

#endif
