/* SPDX-License-Identifier: MIT
 * Files that are written while others rotate them. */
#ifndef HOLDFAST_ROTATED_H
#define HOLDFAST_ROTATED_H

/* Where a regular file has been cut short since it was last written, as `: >file` does, goes on at
 * its new end; else there would be a hole in it. Not by O_APPEND: others may have the descriptor,
 * too, and write behind what this process has written. Cannot fail. */
void rotated_follow(int fd);

#endif
