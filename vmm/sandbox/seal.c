/* SPDX-License-Identifier: MIT */
#include "seal.h"

#include "holdfast/abi.h"

#include <link.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

int seal_range(uint64_t begin, uint64_t end)
{
    return begin < end ? (int)syscall(SYS_mseal, begin, end - begin, 0) : 0;
}

/* The kernel's own pages, vDSO, have no name and are not of a file. */
static int seal_program(struct dl_phdr_info *info, size_t size, void *unused)
{
    const uint64_t page = HF_PAGE_SIZE - 1;

    (void)size;
    (void)unused;
    for (ElfW(Half) i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uint64_t begin = info->dlpi_addr + part->p_vaddr;
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0)
            continue;
        if (seal_range(begin & ~page, (begin + part->p_memsz + page) & ~page) < 0)
            return -1;
    }
    return 0;
}

int seal_programs(void)
{
    return dl_iterate_phdr(seal_program, NULL);
}
