/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=ram_place: one whose RAM lies where the kernel puts it,
 * which is where it may have large entries if it may lie in huge pages. */
#include "vmm/memory/layout.h"

#include <sys/mman.h>

uint8_t *__wrap_ram_place(int fd, uint64_t bytes); /* NOLINT */

uint8_t *__wrap_ram_place(int fd, uint64_t bytes)
{
    void *ram = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

    return ram != MAP_FAILED ? ram : NULL;
}
