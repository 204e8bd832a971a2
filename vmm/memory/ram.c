/* SPDX-License-Identifier: MIT
 * RAM: one memory object behind all of it, made and locked as far as the guarantee asks. */
#include "cgroup.h"
#include "layout.h"
#include "lock.h"
#include "memory_left.h"
#include "populate.h"

#include "vmm/cause.h"
#include "vmm/process/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HOST_RESERVE (32ull << 20) /* left to others when RAM is made at once */

int memory_memfd(const char *name, uint64_t bytes, struct error *error)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return error_set(error, "memfd_create(%s): %s", name, cause_text(errno));
    /* Sealed, so that no access of the VMM to RAM can ever meet a page that is gone. */
    if (ftruncate(fd, (off_t)bytes) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        error_set(error, "cannot set up %s of %llu bytes: %s", name, (unsigned long long)bytes,
                  cause_text(errno));
        close(fd);
        return -1;
    }
    return fd;
}

/* Makes every page of RAM and locks it, as far as that is asked for and possible. */
static int set_ram_aside(struct memory *memory, struct error *error)
{
    const bool strict = memory->guarantee == GUARANTEE_STRICT;
    const uint64_t left = memory_left();

    /* Asked first: the host would rather kill than refuse. */
    memory->ram_made = cgroup_look() != CGROUP_NOTHING_SEEN &&
                       memory->ram_bytes + HOST_RESERVE < left &&
                       (populate_write(memory->ram, memory->ram_bytes) ||
                        populate_object(memory->ram_fd, memory->ram_bytes));
    if (signals_came())
        return error_set(error, "a signal has ended the start");
    if (!memory->ram_made)
        return !strict ? 0
                       : error_set(error,
                                   "--guarantee strict: --memory %llu does not fit, the host or "
                                   "the memory cgroup has %llu bytes left",
                                   (unsigned long long)memory->ram_bytes, (unsigned long long)left);
    memory->ram_locked = lock_in_memory(memory->ram, memory->ram_bytes);
    if (!memory->ram_locked && strict)
        return error_set(error,
                         "--guarantee strict: cannot lock %llu bytes of RAM: %s; give the VMM "
                         "CAP_IPC_LOCK or raise the limit (ulimit -l)",
                         (unsigned long long)memory->ram_bytes, cause_text(errno));
    return 0;
}

/* NULL with errno. */
static uint8_t *map_ram(const struct memory *memory)
{
    if (memory->guarantee != GUARANTEE_OFF)
        return ram_place(memory->ram_fd, memory->ram_bytes);
    /* In huge pages, where the host makes shared memory of them. */
    void *ram = mmap(NULL, memory->ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                     memory->ram_fd, 0);
    return ram != MAP_FAILED ? ram : NULL;
}

int ram_make(struct memory *memory, struct error *error)
{
    memory->ram_fd = memory_memfd("holdfast-ram", memory->ram_bytes, error);
    if (memory->ram_fd < 0)
        return -1;
    uint8_t *ram = map_ram(memory);
    if (ram == NULL)
        return error_set(error, "cannot map %llu bytes of RAM: %s; choose a smaller --memory",
                         (unsigned long long)memory->ram_bytes, cause_text(errno));
    memory->ram = ram;
    madvise(ram, memory->ram_bytes, MADV_DONTDUMP);
    return memory->guarantee != GUARANTEE_OFF ? set_ram_aside(memory, error) : 0;
}

uint64_t memory_ram_bytes(const struct memory *memory)
{
    return memory->ram_bytes;
}

bool memory_ram_is_made(const struct memory *memory)
{
    return memory->ram_made;
}

bool memory_ram_is_locked(const struct memory *memory)
{
    return memory->ram_locked;
}

void *memory_ram_at(const struct memory *memory, uint64_t gpa, uint64_t bytes)
{
    const uint64_t low = ram_below_hole(memory);

    if (gpa < low)
        return bytes <= low - gpa ? memory->ram + gpa : NULL;
    if (gpa < MEMORY_ABOVE)
        return NULL;
    const uint64_t offset = gpa - MEMORY_ABOVE;
    const uint64_t high = memory->ram_bytes - low;
    if (offset >= high || bytes > high - offset)
        return NULL;
    return memory->ram + low + offset;
}

bool memory_ram_copy(const struct memory *memory, uint64_t offset, void *to, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        const ssize_t got =
            pread(memory->ram_fd, (char *)to + done, bytes - done, (off_t)(offset + done));
        if (got == 0)
            errno = EIO;
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}
