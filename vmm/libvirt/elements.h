/* SPDX-License-Identifier: MIT
 * What to change in the domain, for each thing that libvirt has made of it and Holdfast has not:
 * all a person knows is the domain. */
#ifndef HOLDFAST_LIBVIRT_ELEMENTS_H
#define HOLDFAST_LIBVIRT_ELEMENTS_H

#include <stddef.h>

/* Each is a text such as "take <rng> out of the domain"; none is NULL. */
const char *elements_of_device(const char *driver);
const char *elements_of_object(const char *type);
const char *elements_of_global(const char *property);

/* A property of -cpu, written into text. */
void elements_of_cpu(const char *property, char *text, size_t size);

#endif
