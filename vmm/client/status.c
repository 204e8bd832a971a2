/* SPDX-License-Identifier: MIT
 * Names of statuses. */
#include "holdfast/client.h"

static const struct {
    enum holdfast_status status;
    const char *name;
} names[] = {
    {HOLDFAST_OK, "OK"},
    {HOLDFAST_BAD_REQUEST, "BAD_REQUEST"},
    {HOLDFAST_UNKNOWN_CALL, "UNKNOWN_CALL"},
    {HOLDFAST_NOT_FOUND, "NOT_FOUND"},
    {HOLDFAST_IN_USE, "IN_USE"},
    {HOLDFAST_REFUSED, "REFUSED"},
    {HOLDFAST_ENDED, "ENDED"},
    {HOLDFAST_BUSY, "BUSY"},
    {HOLDFAST_TOO_LARGE, "TOO_LARGE"},
    {HOLDFAST_FAILED, "FAILED"},
    {HOLDFAST_NO_VM, "NO_VM"},
    {HOLDFAST_NOT_PERMITTED, "NOT_PERMITTED"},
    {HOLDFAST_UNREACHABLE, "UNREACHABLE"},
    {HOLDFAST_TURNED_AWAY, "TURNED_AWAY"},
    {HOLDFAST_TIMED_OUT, "TIMED_OUT"},
    {HOLDFAST_DISCONNECTED, "DISCONNECTED"},
    {HOLDFAST_NONSENSE, "NONSENSE"},
    {HOLDFAST_INTERRUPTED, "INTERRUPTED"},
    {HOLDFAST_NO_MEMORY, "NO_MEMORY"},
    {HOLDFAST_BAD_ARGUMENT, "BAD_ARGUMENT"},
    {HOLDFAST_NO_FILE, "NO_FILE"},
    {HOLDFAST_TOO_MANY, "TOO_MANY"},
};

const char *holdfast_status_name(enum holdfast_status status)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "UNKNOWN";
}

/* Where the VM is busy, it may go on after its answer. */
bool holdfast_is_refusal(enum holdfast_status status)
{
    return status == HOLDFAST_TURNED_AWAY ||
           (status > HOLDFAST_OK && status <= HOLDFAST_FAILED && status != HOLDFAST_BUSY);
}
