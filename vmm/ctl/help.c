/* SPDX-License-Identifier: MIT
 * What --help and `holdfastctl help` print. */
#include "vmm/ctl/command.h"

#include <stdio.h>

static const char general_options[] =
    "  -j, --json      print JSON for programs; failures as JSON on standard error\n"
    "  -h, --help      print this help\n"
    "  -V, --version   print the version\n";

static const char directories[] =
    "VM is the name of a running VM or, if it contains a slash, the path of its control socket.\n"
    "VMs are looked for in $HOLDFAST_RUNTIME_DIR if that is set, else in /run/holdfast (root) or\n"
    "$XDG_RUNTIME_DIR/holdfast (other users).\n";

static const char exit_codes[] = "Exit status:\n"
                                 "  0  done\n"
                                 "  1  the VM refused it, or it failed\n"
                                 "  2  the command line is wrong\n"
                                 "  3  there is no such VM\n"
                                 "  4  the VM cannot be reached, or its answer makes no sense\n"
                                 "  5  this user may not\n";

void help_general(void)
{
    printf("Usage: holdfastctl [OPTIONS] COMMAND [ARGUMENTS]\n"
           "Controls VMs run by holdfast-vmm.\n\n"
           "Commands:\n");
    for (size_t i = 0; i < commands_count; i++) {
        char synopsis[64];
        snprintf(synopsis, sizeof synopsis, "%s %s", commands[i].name, commands[i].arguments);
        printf("  %-24s %s\n", synopsis, commands[i].summary);
    }
    printf("  %-24s %s\n\n", "help [COMMAND]", "explain a command");
    printf("Options:\n%s\n%s\n%s", general_options, directories, exit_codes);
}

void help_command(const struct command *command)
{
    printf("Usage: holdfastctl %s%s%s [OPTIONS]\n\n%s\nExample:\n  holdfastctl %s\n\nOptions:\n",
           command->name, command->arguments[0] == '\0' ? "" : " ", command->arguments,
           command->help, command->example);
    if ((command->options & OPTION_FORCE) != 0)
        printf("  -f, --force     even if the guest has it mapped\n");
    if ((command->options & OPTION_INTERVAL) != 0)
        printf("  -i, --interval SECONDS\n"
               "                  from one picture to the next, 0.1 to 3600 (1)\n");
    if ((command->options & OPTION_INTERVAL) != 0)
        printf("  -n, --count N   end after N pictures\n");
    if ((command->options & OPTION_EVENTS) != 0)
        printf("  -n, --count N   end after N events\n"
               "  -N, --new       only what happens from now on\n");
    if ((command->options & OPTION_SORT) != 0)
        printf("  -s, --sort COLUMN\n"
               "                  name, state, windows, mapped, calls, maps, faults or refused "
               "(calls)\n");
    if ((command->options & OPTION_ROWS) != 0)
        printf("  -r, --rows N    rows of the picture, 1 to 64 (16)\n");
    if ((command->options & OPTION_PRIMITIVE) != 0)
        printf("  -p, --primitive KIND\n"
               "                  map, guard, prefault, run or all (all): the mmap that maps, the "
               "mmap\n"
               "                  that unmaps, KVM_PRE_FAULT_MEMORY, KVM_RUN\n"
               "  -n, --count N   how many of each fail, 1 to 100 (10)\n"
               "  -w, --wait SECONDS\n"
               "                  for the guest to make so many calls, 0.1 to 30 (10)\n");
    printf("%s", general_options);
}
