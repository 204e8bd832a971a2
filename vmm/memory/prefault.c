/* SPDX-License-Identifier: MIT
 * Second-level tables and entries made ahead. A leaf table covers 2 MiB, so one present page in
 * each 2 MiB of a window makes KVM build the whole path; taking the page away again leaves the
 * tables. */
#include "layout.h"
#include "vmm/memory/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef KVM_CAP_PRE_FAULT_MEMORY /* Linux 6.11 */
#define KVM_CAP_PRE_FAULT_MEMORY 236
#endif
#ifndef KVM_PRE_FAULT_MEMORY /* Linux 6.11; the headers of Debian 12 are older */
struct kvm_pre_fault_memory {
    __u64 gpa;
    __u64 size;
    __u64 flags;
    __u64 padding[5];
};
#define KVM_PRE_FAULT_MEMORY _IOWR(KVMIO, 0xd5, struct kvm_pre_fault_memory)
#endif

/* KVM's older code for nested paging keeps no table for sure: Linux up to 6.12 takes them back when
 * the host is short of memory. Where the parameter cannot be read it is as Linux has it, on. */
static bool has_lasting_tables(void)
{
    const int fd = open("/sys/module/kvm/parameters/tdp_mmu", O_RDONLY | O_CLOEXEC);
    char value = 'Y';

    if (fd >= 0 && read(fd, &value, 1) < 0)
        value = 'Y';
    if (fd >= 0)
        close(fd);
    return value != 'N';
}

bool prefault_is_possible(int vm_fd)
{
    return ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_PRE_FAULT_MEMORY) > 0 && has_lasting_tables();
}

/* How often in a row KVM may do nothing but say that a signal came. Once it has dropped all tables
 * of the VM, Linux 6.12 does nothing else until the vCPU has run again: see TABLES.md. */
#define INTERRUPTIONS_MOST 3u

/* One call, which may do a part; then the range is what is left. */
static int prefault_once(struct memory *memory, struct kvm_pre_fault_memory *range,
                         struct map_call *call)
{
    if (should_fail(memory, PRIMITIVE_PREFAULT, call))
        return -1;
    return ioctl(call->vcpu_fd, KVM_PRE_FAULT_MEMORY, range);
}

static bool is_interruption(int error)
{
    return error == EINTR || error == EAGAIN;
}

int memory_prefault_page(struct memory *memory, uint64_t gpa, struct map_call *call)
{
    struct kvm_pre_fault_memory range = {.gpa = gpa, .size = HF_PAGE_SIZE};
    uint32_t interruptions = 0;

    while (range.size > 0)
        if (prefault_once(memory, &range, call) < 0 && !call->by_drill &&
            (!is_interruption(errno) || ++interruptions == INTERRUPTIONS_MOST))
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

/* Has KVM make the tables for one page that is under the guard, and leaves it there. */
static int make_tables(struct memory *memory, uint64_t page, struct map_call *call)
{
    int result = show_scratch(memory, arena_hva(memory, page))
                     ? memory_prefault_page(memory, page * HF_PAGE_SIZE, call)
                     : -1;
    const int cause = errno;

    if (!memory_guard(memory, page, 1, call))
        result = -1;
    errno = cause;
    return result;
}

int memory_prefault(struct memory *memory, uint64_t arena_page, uint64_t pages,
                    struct map_call *call)
{
    const uint64_t end = arena_page + pages;
    uint64_t page = arena_page;
    int result = 0;

    while (page < end && result == 0) {
        result = make_tables(memory, page, call);
        page += PIECE_PAGES - page % PIECE_PAGES;
    }
    /* KVM keeps pages ready for each vCPU, of which the tables were made. Where few are left, it
     * takes more at the vCPU's next fault: here, and not when there may be no memory. */
    return result == 0 ? make_tables(memory, arena_page, call) : result;
}

void memory_prefault_present(struct memory *memory, uint64_t arena_page, uint64_t pages,
                             enum patience patience, struct map_call *call)
{
    struct kvm_pre_fault_memory range = {.gpa = arena_page * HF_PAGE_SIZE,
                                         .size = pages * HF_PAGE_SIZE};
    uint32_t attempt = 0;

    while (range.size > 0) {
        if (prefault_once(memory, &range, call) == 0)
            continue;
        /* KVM reports a page that could not be had for want of memory as a bad address, too. What
         * is not made here, the first touch makes: also after a signal, before which nothing was
         * done. */
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
