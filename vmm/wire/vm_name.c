/* SPDX-License-Identifier: MIT
 * [A-Za-z0-9][A-Za-z0-9_.-]{0,47}: safe as a file name, as a word of a shell and in a log. */
#include "vmm/wire/vm_name.h"

#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool vm_name_valid(const char *name)
{
    size_t length = strspn(name, ALNUM "_.-");
    return length <= VM_NAME_MAX && name[length] == '\0' && strspn(name, ALNUM) > 0;
}

int vm_name_check(const char *name, struct error *error)
{
    if (vm_name_valid(name))
        return 0;
    return error_set(error,
                     "bad VM name '%.64s': 1 to %d characters A-Z a-z 0-9 _ . -, the first of them "
                     "a letter or a digit",
                     name, VM_NAME_MAX);
}

bool vm_name_of_socket(const char *entry, char name[VM_NAME_MAX + 1])
{
    size_t suffix = strlen(VM_SOCKET_SUFFIX);
    size_t length = strlen(entry);
    if (length <= suffix || length - suffix > VM_NAME_MAX)
        return false;
    length -= suffix;
    if (strcmp(entry + length, VM_SOCKET_SUFFIX) != 0)
        return false;
    memcpy(name, entry, length);
    name[length] = '\0';
    return vm_name_valid(name);
}
