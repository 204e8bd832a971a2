/* SPDX-License-Identifier: MIT
 * Making all pages of a range at once. */
#ifndef HOLDFAST_MEMORY_POPULATE_H
#define HOLDFAST_MEMORY_POPULATE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes every page of a writable mapping, by a few threads, since most of it is clearing pages.
 * false if the host has not so many, or cannot do it (Linux before 5.14), or if a signal that ends
 * the VM came meanwhile: batch by batch, for each may take its time. */
bool populate_write(void *memory, size_t bytes);

/* The same for a memory object of so many bytes. Takes longer, but works everywhere. */
bool populate_object(int fd, size_t bytes);

#endif
