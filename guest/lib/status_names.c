/* SPDX-License-Identifier: MIT
 * Statuses in words, for messages. Needs nothing else of the library. */
#include "holdfast/guest.h"

#define NAME(status)                                                                               \
    case HF_##status:                                                                              \
        return #status

static const char *name_of_abi(enum hf_status status)
{
    switch (status) {
        NAME(OK);
        NAME(RESERVE_NOTHING);
        NAME(RELEASE_WRONG_TAG);
        NAME(RELEASE_NO_WINDOW);
        NAME(RELEASE_MAPPED);
        NAME(MAP_WRONG_TAG);
        NAME(MAP_NO_WINDOW);
        NAME(MAP_OVERLAP);
        NAME(UNMAP_WRONG_TAG);
        NAME(UNMAP_NO_WINDOW);
        NAME(UNMAP_BEYOND);
        NAME(UNMAP_NOT_MAPPED);
        NAME(UNMAP_NOT_ONE_MAP);
        NAME(BAD_TAG);
        NAME(BAD_FLAGS);
        NAME(TOO_LARGE);
        NAME(NO_RESOURCES);
        NAME(WINDOW_TOO_SMALL);
        NAME(TOO_MANY_EXTENTS);
        NAME(EMPTY_LIST);
        NAME(BAD_PAGE);
        NAME(READ_ONLY);
        NAME(BAD_CACHE);
        NAME(BAD_ADDRESS);
        NAME(PRIVILEGE);
        NAME(UNKNOWN_CALL);
        NAME(NO_OBJECT);
        NAME(STAT_NO_WINDOW);
        NAME(HOST_FAILURE);
        NAME(IO_ERROR);
        NAME(NOT_SUPPORTED);
    }
    return NULL;
}

static const char *name_of_guest(enum hf_guest_status status)
{
    switch (status) {
        NAME(GUEST_NOT_READY);
        NAME(GUEST_NO_HOLDFAST);
        NAME(GUEST_BAD_VERSION);
        NAME(GUEST_NO_TRANSPORT);
        NAME(GUEST_NO_MEMORY);
        NAME(GUEST_NO_ADDRESS);
        NAME(GUEST_LIST_APART);
        NAME(GUEST_REFUSED);
    }
    return "?";
}

const char *hf_status_name(int status)
{
    const char *name = name_of_abi((enum hf_status)status);

    return name != NULL ? name : name_of_guest((enum hf_guest_status)status);
}
