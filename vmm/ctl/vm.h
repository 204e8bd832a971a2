/* SPDX-License-Identifier: MIT
 * What the library's replies mean for a command. */
#ifndef HOLDFAST_CTL_VM_H
#define HOLDFAST_CTL_VM_H

#include "holdfast/client.h"
#include "vmm/ctl/command.h"

/* The exit code of a status. */
enum exit_code vm_exit(enum holdfast_status status);

/* EXIT_OK, or the code of a reply that failed, which was reported. */
enum exit_code vm_judge(const struct options *options, const struct holdfast_reply *reply);

/* Asks the VM one question and disconnects. As vm_judge(); *reply is to be freed in any case. */
enum exit_code vm_ask(const struct options *options, const char *vm,
                      const struct holdfast_reply *(*call)(struct holdfast *connection),
                      const struct holdfast_reply **reply);

#endif
