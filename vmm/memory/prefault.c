/* SPDX-License-Identifier: MIT
 * Second-level tables made ahead. A leaf table covers 2 MiB, so one present page in each 2 MiB of
 * the range makes KVM build the whole path; taking the page away again leaves the tables. */
#include "layout.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#ifndef KVM_PRE_FAULT_MEMORY /* Linux 6.11; the headers of Debian 12 are older */
struct kvm_pre_fault_memory {
    __u64 gpa;
    __u64 size;
    __u64 flags;
    __u64 padding[5];
};
#define KVM_PRE_FAULT_MEMORY _IOWR(KVMIO, 0xd5, struct kvm_pre_fault_memory)
#endif

#define TABLE_PAGES 512u

static int prefault_page(int vcpu_fd, uint64_t gpa)
{
    struct kvm_pre_fault_memory range = {.gpa = gpa, .size = HF_PAGE_SIZE};

    while (range.size > 0) {
        if (ioctl(vcpu_fd, KVM_PRE_FAULT_MEMORY, &range) < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
    }
    return 0;
}

int memory_prefault(struct memory *memory, int vcpu_fd, uint64_t arena_page, uint64_t pages)
{
    const uint64_t end = arena_page + pages;
    uint64_t page = arena_page;
    int result = 0;

    while (page < end && result == 0) {
        uint8_t *hva = arena_hva(memory, page);
        if (mmap(hva, HF_PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
                 memory->scratch_fd, 0) == MAP_FAILED)
            result = -1;
        else
            result = prefault_page(vcpu_fd, page * HF_PAGE_SIZE);
        int cause = errno;
        memory_guard(memory, page, 1);
        errno = cause;
        page += TABLE_PAGES - page % TABLE_PAGES;
    }
    return result;
}
