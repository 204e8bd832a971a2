/* SPDX-License-Identifier: MIT
 * Second-level tables and entries made ahead. A leaf table covers 2 MiB, so one present page in
 * each 2 MiB of a window makes KVM build the whole path; taking the page away again leaves the
 * tables. */
#include "layout.h"
#include "vmm/memory/rescue.h"

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

/* One call, which may do a part; then the range is what is left. */
static int prefault_once(struct memory *memory, struct kvm_pre_fault_memory *range,
                         struct map_call *call)
{
    if (should_fail(memory, PRIMITIVE_PREFAULT, call))
        return -1;
    return ioctl(call->vcpu_fd, KVM_PRE_FAULT_MEMORY, range);
}

int memory_prefault_page(struct memory *memory, uint64_t gpa, struct map_call *call)
{
    struct kvm_pre_fault_memory range = {.gpa = gpa, .size = HF_PAGE_SIZE};

    while (range.size > 0)
        if (prefault_once(memory, &range, call) < 0 && errno != EINTR && errno != EAGAIN &&
            !call->by_drill)
            return -1;
    return 0;
}

static bool show_scratch(struct memory *memory, uint8_t *hva)
{
    if (injection_should_fail(&memory->injection, PRIMITIVE_SCRATCH))
        return false;
    return mmap(hva, HF_PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
                memory->scratch_fd, 0) != MAP_FAILED;
}

int memory_prefault(struct memory *memory, uint64_t arena_page, uint64_t pages,
                    struct map_call *call)
{
    const uint64_t end = arena_page + pages;
    uint64_t page = arena_page;
    int result = 0;

    while (page < end && result == 0) {
        result = show_scratch(memory, arena_hva(memory, page))
                     ? memory_prefault_page(memory, page * HF_PAGE_SIZE, call)
                     : -1;
        const int cause = errno;
        if (!memory_guard(memory, page, 1, call))
            result = -1;
        errno = cause;
        page += PIECE_PAGES - page % PIECE_PAGES;
    }
    return result;
}

void memory_prefault_present(struct memory *memory, uint64_t arena_page, uint64_t pages,
                             enum patience patience, struct map_call *call)
{
    struct kvm_pre_fault_memory range = {.gpa = arena_page * HF_PAGE_SIZE,
                                         .size = pages * HF_PAGE_SIZE};
    uint32_t attempt = 0;

    while (range.size > 0) {
        if (prefault_once(memory, &range, call) == 0 || errno == EINTR || errno == EAGAIN)
            continue;
        /* KVM reports a page that could not be had for want of memory as a bad address, too. What
         * is not made here, the first touch makes. */
        if ((errno != ENOMEM && errno != EFAULT) || attempt == PREFAULT_TRIES)
            return;
        if (patience == ONCE && !call->by_drill)
            return;
        rescue_note(call, "KVM_PRE_FAULT_MEMORY", errno, attempt);
        if (patience == UNTIL_DONE &&
            !rescue_step(call, ballast_for(memory, call->by_drill), attempt++))
            return;
    }
}
