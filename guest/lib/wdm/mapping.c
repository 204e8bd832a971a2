/* SPDX-License-Identifier: MIT
 * MDLs are mapped in reservations. Nothing here allocates or blocks. */
#include "guest/lib/page_state.h"
#include "guest/lib/platform.h"
#include "guest/lib/submit.h"
#include "guest/lib/wdm/mdl_pages.h"
#include "guest/lib/wdm/page_list.h"
#include "guest/lib/wdm/page_type.h"
#include "guest/lib/wdm/reservation.h"
#include "holdfast/wdm.h"

static int unmap_part(const struct hf_reservation *reservation, ULONG tag, uint64_t offset,
                      uint64_t pages)
{
    struct hf_unmap call = {
        .window = reservation->window.handle, .page_offset = offset, .pages = pages, .tag = tag};

    return hf_submit(HF_CALL_UNMAP, &call, sizeof call);
}

/* Undoes parts of a mapping; cannot fail, since they are mapped. */
static void unmap_parts(const struct hf_reservation *reservation, const struct hf_part *part,
                        uint64_t parts)
{
    for (uint64_t i = 0; i < parts; i++)
        unmap_part(reservation, reservation->window.tag, part[i].offset, part[i].pages);
}

/* Stands for any status that is just NULL to the driver. */
#define NO_MAPPING HF_WINDOW_TOO_SMALL

/* The one of two types that does less behind a driver's back, as the VMM chooses for pages that
 * differ. */
static enum hf_cache stricter(enum hf_cache one, enum hf_cache other)
{
    if (one == HF_CACHE_NONCACHED || other == HF_CACHE_NONCACHED)
        return HF_CACHE_NONCACHED;
    return one == HF_CACHE_CACHED ? other : one;
}

/* Maps the pages in as few parts as there can be. A page that the VMM refuses undoes them all. */
static int map_parts(struct hf_reservation *reservation, ULONG tag, uint64_t offset,
                     const PFN_NUMBER *page, SIZE_T pages, enum hf_cache asked,
                     enum hf_cache *in_force)
{
    struct hf_part *part = &reservation->part[reservation->parts];
    uint64_t parts = 0;
    SIZE_T used;

    *in_force = HF_CACHE_CACHED;
    for (SIZE_T done = 0; done < pages; done += used) {
        struct hf_map call = {.window = reservation->window.handle,
                              .page_offset = offset + done,
                              .list = reservation->list_gpa,
                              .tag = tag,
                              .cache = (uint32_t)asked};

        call.extents = hf_page_list_fill(page + done, pages - done, reservation->list,
                                         reservation->list_room, &used);
        const int status = hf_submit(HF_CALL_MAP, &call, sizeof call);
        if (status != HF_OK) {
            unmap_parts(reservation, part, parts);
            return status;
        }
        if (used < pages) /* of one that is whole the VMM knows everything */
            part[parts++] = (struct hf_part){offset + done, used, done == 0 ? pages : 0};
        *in_force = stricter(*in_force, (enum hf_cache)call.cache);
    }
    reservation->parts += parts;
    return HF_OK;
}

static int map_locked(struct hf_reservation *reservation, ULONG tag, uint64_t offset, PMDL mdl,
                      MEMORY_CACHING_TYPE type, enum hf_cache *in_force)
{
    SIZE_T pages = hf_mdl_pages(mdl);
    enum hf_cache asked;

    if (!hf_mdl_is_locked(mdl) || pages == 0 || pages > reservation->window.pages - offset ||
        !hf_page_type_wanted(mdl, type, &asked)) {
        /* The VMM is not asked, so it cannot find the wrong tag, which Windows looks at first. */
        return tag == reservation->window.tag ? NO_MAPPING : HF_MAP_WRONG_TAG;
    }
    return map_parts(reservation, tag, offset, MmGetMdlPfnArray(mdl), pages, asked, in_force);
}

/* With Windows' parameters. Statuses that are not Windows' codes are just NULL to the driver. */
static void refuse_map(int status, const struct hf_window *window, ULONG_PTR address, ULONG tag,
                       SIZE_T pages)
{
    if (status == HF_MAP_WRONG_TAG)
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_MAP_WRONG_TAG, address, tag, window->tag);
    if (status == HF_MAP_OVERLAP)
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_MAP_OVERLAP, address, address,
                     address + (pages - 1) * PAGE_SIZE);
}

PVOID MmMapLockedPagesWithReservedMapping(PVOID MappingAddress, ULONG PoolTag,
                                          PMDL MemoryDescriptorList, MEMORY_CACHING_TYPE CacheType)
{
    PMDL mdl = MemoryDescriptorList;
    SIZE_T pages = hf_mdl_pages(mdl);
    uint64_t pin;
    struct hf_reservation *reservation = hf_registry_enter(MappingAddress, &pin);
    enum hf_cache in_force;

    if (reservation == NULL) {
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_MAP_NO_WINDOW, (ULONG_PTR)MappingAddress, PoolTag, 0);
        return NULL;
    }
    const uint64_t offset = hf_reservation_page(reservation, MappingAddress);
    const int status = map_locked(reservation, hf_reservation_tag(reservation, PoolTag), offset,
                                  mdl, CacheType, &in_force);
    hf_registry_leave(reservation, pin);
    /* Unpinned, because other CPUs may have to drop what they know of the page tables. */
    if (status == HF_OK)
        hf_page_state_set(&reservation->window, offset, pages, in_force, true);
    struct hf_window window = reservation->window;
    hf_registry_put(reservation); /* first, because KeBugCheckEx() may not return */
    char *first = (char *)window.address + offset * PAGE_SIZE;
    if (status != HF_OK) {
        refuse_map(status, &window, (ULONG_PTR)first, PoolTag, pages);
        return NULL;
    }
    mdl->MappedSystemVa = first;
    hf_mdl_set(mdl, MDL_MAPPED_TO_SYSTEM_VA |
                        (mdl->MdlFlags & MDL_PARTIAL ? MDL_PARTIAL_HAS_BEEN_MAPPED : 0));
    return first + mdl->ByteOffset;
}

/* The part that begins there, of a mapping that took several; NULL if none does. */
static struct hf_part *part_at(const struct hf_reservation *reservation, uint64_t offset)
{
    for (uint64_t i = 0; i < reservation->parts; i++) {
        if (reservation->part[i].offset == offset)
            return &reservation->part[i];
    }
    return NULL;
}

/* Undoes the mapping that begins with this part. */
static void unmap_mapping(struct hf_reservation *reservation, struct hf_part *first)
{
    struct hf_part *end = &reservation->part[reservation->parts];
    struct hf_part *next = first + 1;

    while (next < end && next->mapping_pages == 0)
        next++;
    unmap_parts(reservation, first, (uint64_t)(next - first));
    while (next < end)
        *first++ = *next++;
    reservation->parts = (uint64_t)(first - reservation->part);
}

static int unmap_locked(struct hf_reservation *reservation, ULONG tag, uint64_t offset,
                        SIZE_T pages)
{
    struct hf_part *part = tag == reservation->window.tag ? part_at(reservation, offset) : NULL;

    if (part != NULL && part->mapping_pages == pages && pages > 0) {
        unmap_mapping(reservation, part);
        return HF_OK;
    }
    /* The VMM, which knows of parts only, would unmap it. */
    if (part != NULL && part->pages == pages)
        return HF_UNMAP_NOT_ONE_MAP;
    return unmap_part(reservation, tag, offset, pages);
}

static void refuse_unmap(int status, const struct hf_window *window, uint64_t offset, ULONG tag,
                         SIZE_T pages)
{
    ULONG_PTR address = (ULONG_PTR)window->address + offset * PAGE_SIZE;

    if (status == HF_UNMAP_WRONG_TAG)
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_UNMAP_WRONG_TAG, address, tag, window->tag);
    else if (status == HF_UNMAP_BEYOND)
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_UNMAP_BEYOND, address, window->pages - offset, pages);
    else
        KeBugCheckEx(SYSTEM_PTE_MISUSE, (ULONG_PTR)status, address, tag, pages);
}

/* What the flags were before the map, but that a partial MDL does not share its source's mapping
 * again: that may have gone meanwhile. */
static void forget_mapping(PMDL mdl, const void *address)
{
    if (!(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) || mdl->MappedSystemVa != address)
        return; /* another MDL of this length was mapped, or this one elsewhere, too */
    hf_mdl_clear(mdl, MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
    mdl->MappedSystemVa =
        mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL ? MmGetMdlVirtualAddress(mdl) : NULL;
}

VOID MmUnmapReservedMapping(PVOID BaseAddress, ULONG PoolTag, PMDL MemoryDescriptorList)
{
    SIZE_T pages = hf_mdl_pages(MemoryDescriptorList);
    uint64_t pin;
    struct hf_reservation *reservation = hf_registry_enter(BaseAddress, &pin);

    if (reservation == NULL) {
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_UNMAP_NO_WINDOW, (ULONG_PTR)BaseAddress, PoolTag, 0);
        return;
    }
    const uint64_t offset = hf_reservation_page(reservation, BaseAddress);
    const int status =
        unmap_locked(reservation, hf_reservation_tag(reservation, PoolTag), offset, pages);
    hf_registry_leave(reservation, pin);
    struct hf_window window = reservation->window;
    hf_registry_put(reservation);
    if (status == HF_OK)
        forget_mapping(MemoryDescriptorList, (char *)window.address + offset * PAGE_SIZE);
    else
        refuse_unmap(status, &window, offset, PoolTag, pages);
}
