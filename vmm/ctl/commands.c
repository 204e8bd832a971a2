/* SPDX-License-Identifier: MIT
 * The table of subcommands, in the order in which --help shows them. */
#include "vmm/ctl/command.h"

#include <string.h>

const struct command commands[] = {
    {"list", "", "show the running VMs",
     "Shows the VMs that listen in the runtime directory, and removes the sockets of those that\n"
     "have died.\n",
     "list", 0, 0, 0, run_list},
    {"info", "VM", "show what a VM is",
     "Shows a VM's state, size, kernel, arena and the VMM's version.\n", "info web", 1, 0, 0,
     run_info},
    {"windows", "VM", "show the windows that the guest has reserved",
     "Shows the reserved windows in order of address. MAPPED and EXTENTS are what is mapped now\n"
     "and the most that can be; MAPS, UNMAPS and FAULTS count since the window was reserved.\n",
     "--json windows web", 1, 0, 0, run_windows},
    {"objects", "VM", "show the objects that the guest may open",
     "Shows the attached objects and how many extents of each are mapped.\n", "objects web", 1, 0,
     0, run_objects},
    {"attach", "VM OBJECT", "give the guest an object",
     "Attaches host memory that the guest may open by its name. OBJECT is written\n"
     "  name=N[,path=P][,size=S][,access=ro|rw][,create]\n"
     "path: a file or a block device; without it the object is a memfd of the given size.\n"
     "size: in bytes, or with K, M, G or T; without it as large as the file is.\n"
     "create: make the file if it is not there. A comma in a path is written twice.\n"
     "The path is opened here, with your rights; the VMM gets the open file.\n",
     "attach web name=disk,path=/srv/web.img", 2, 0, 0, run_attach},
    {"detach", "VM NAME", "take an object away",
     "Detaches an object. One that is mapped is refused; with --force it is first taken out of\n"
     "every window: where it was mapped, accesses of the guest fault.\n",
     "detach web disk --force", 2, OPTION_FORCE, 0, run_detach},
    {"stats", "VM", "show counters", "Shows what is in use and what has happened.\n", "stats web",
     1, 0, 0, run_stats},
    {"watch", "VM", "show windows and rates, live",
     "Shows the windows and how often they are mapped, again and again until the VM ends.\n"
     "On a terminal: arrow keys, Page Up and Page Down scroll, q quits. Elsewhere it prints one\n"
     "block after another, with --json one JSON object on a line for each.\n",
     "watch web --interval 0.5", 1, OPTION_INTERVAL | OPTION_COUNT, 0, run_watch},
    {"top", "", "show all VMs and their rates, live",
     "Shows the VMs that you may control, a line each, again and again. On a terminal: arrow "
     "keys,\n"
     "Page Up and Page Down scroll, < and > choose the column to sort by, q quits. Elsewhere\n"
     "it prints one block after another, with --json one JSON object on a line for each.\n",
     "top --sort maps", 0, OPTION_INTERVAL | OPTION_COUNT | OPTION_SORT, 0, run_top},
    {"events", "VM", "show what happens to a VM, live",
     "Shows pauses, resets, faults of the guest, calls that wait for the host's memory, objects\n"
     "that come and go, and the end: first those that are kept, then what happens, until the VM\n"
     "ends. With --json one JSON object on a line for each.\n",
     "events web --new", 1, OPTION_COUNT | OPTION_NEW | OPTION_EVENTS, 0, run_events},
    {"map", "VM", "show a picture of the arena",
     "Paints the arena: what is free, reserved and mapped.\n", "map web --rows 8", 1, OPTION_ROWS,
     0, run_map},
    {"guarantee", "VM", "show what was set aside for the windows",
     "Shows what the guarantee rests on and what of it is missing, with what to do about that;\n"
     "the budgets of RESERVE: what the windows hold, what they use of it, and the limit; and for\n"
     "each tag what its windows hold of which quota, the most that they held, how many RESERVEs\n"
     "were refused, and how many calls went through only for what was set aside.\n",
     "guarantee web", 1, 0, 0, run_guarantee},
    {"quota", "VM TAG [LIMIT ...]", "limit what the windows of a tag may hold",
     "Sets the quota of a tag: 1 to 4 characters or a number after 0x. Each LIMIT is one of\n"
     "  windows=N  pages=N  extents=N\n"
     "and what is not named has no limit; no LIMIT at all takes the quota away. What is held\n"
     "already stays, even if it is more; RESERVE is refused until it is less.\n",
     "quota web Disk windows=16 pages=65536", 2, 0, 3, run_quota},
    {"drill", "VM", "let system calls fail and see that the guest does not notice",
     "Makes system calls that map windows fail in a running VM, as if the host had no memory, and\n"
     "reports whether the guest's calls went through, and what delay that meant. Run it while the\n"
     "guest maps. The VM is not harmed: what fails is tried again, at most 100 calls of each kind\n"
     "fail, and with the end of this command none does any more.\n"
     "The exit status is 0 only if the guest made calls and all of them went through.\n",
     "drill web --primitive map --count 20", 1, OPTION_PRIMITIVE | OPTION_COUNT | OPTION_WAIT, 0,
     run_drill},
    {"metrics", "[VM]", "print metrics for Prometheus",
     "Prints OpenMetrics text of all running VMs, or of one: every counter and account, by tag,\n"
     "and how long MAP, UNMAP and REMAP take. The names are in holdfast-metrics(7). All VMs are\n"
     "asked at once; one that does not answer has holdfast_up 0.\n",
     "metrics", 0, 0, 1, run_metrics},
    {"pause", "VM", "stop the vCPUs", "Returns when no vCPU runs any more.\n", "pause web", 1, 0, 0,
     run_pause},
    {"resume", "VM", "let the vCPUs run on", "Lets a paused VM run on.\n", "resume web", 1, 0, 0,
     run_resume},
    {"reset", "VM", "boot the guest anew",
     "Releases every window and boots the kernel anew. A paused VM stays paused.\n", "reset web", 1,
     0, 0, run_reset},
    {"stop", "VM", "end a VM", "Ends the VM and waits until its VMM has gone.\n", "stop web", 1, 0,
     0, run_stop},
    {"ping", "VM", "check that a VM's VMM answers", "Shows how long an answer takes.\n", "ping web",
     1, 0, 0, run_ping},
};

const size_t commands_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
