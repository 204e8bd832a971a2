/* SPDX-License-Identifier: MIT
 * A file that this process has made, and removes again where what it was for has failed. By then
 * its path may lead to another's file: somebody who may write to a directory on the way has put a
 * link, or another file, there. So the file is known by its inode, and removed only from the
 * directory in which it was looked at. */
#ifndef HOLDFAST_PROCESS_MADE_FILE_H
#define HOLDFAST_PROCESS_MADE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

/* All zero: none was made. */
struct made_file {
    bool is_made;
    bool is_held; /* its directory is open */
    int directory;
    dev_t device;
    ino_t inode;
};

/* Notes the file that a descriptor has open. Cannot fail: what cannot be looked at is not removed.
 */
void made_file_note(struct made_file *made, int fd);

/* The same of what a path itself names, for a socket. Holds its directory open: at the end the
 * process may not open any. */
void made_file_note_path(struct made_file *made, const char *path);

/* Removes it if the path still leads to it, and forgets it. Cannot fail: else it stays. */
void made_file_remove(struct made_file *made, const char *path);

#endif
