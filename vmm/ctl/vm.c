/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/vm.h"

#include "vmm/ctl/report.h"

enum exit_code vm_exit(enum holdfast_status status)
{
    switch (status) {
    case HOLDFAST_OK:
        return EXIT_OK;
    case HOLDFAST_BAD_ARGUMENT:
        return EXIT_USAGE;
    case HOLDFAST_NO_VM:
        return EXIT_NO_VM;
    case HOLDFAST_REFUSED:
    case HOLDFAST_NOT_PERMITTED:
        return EXIT_PERMISSION;
    case HOLDFAST_UNREACHABLE:
    case HOLDFAST_TURNED_AWAY:
    case HOLDFAST_TIMED_OUT:
    case HOLDFAST_DISCONNECTED:
    case HOLDFAST_NONSENSE:
        return EXIT_CONTACT;
    default:
        return EXIT_FAILED;
    }
}

enum exit_code vm_judge(const struct options *options, const struct holdfast_reply *reply)
{
    struct error error;
    if (reply->status == HOLDFAST_OK)
        return EXIT_OK;
    error_set(&error, "%s", reply->text);
    return report_failure(options, vm_exit(reply->status), &error);
}

enum exit_code vm_ask(const struct options *options, const char *vm,
                      const struct holdfast_reply *(*call)(struct holdfast *connection),
                      const struct holdfast_reply **reply)
{
    struct holdfast *connection = holdfast_connect(vm);
    *reply = call(connection);
    holdfast_close(connection);
    return vm_judge(options, *reply);
}
