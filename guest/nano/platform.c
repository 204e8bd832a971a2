/* SPDX-License-Identifier: MIT
 * What the guest library asks of its kernel (guest/lib/platform.h), as far as pages.c and
 * paging.c have not answered it. */
#include "guest/lib/platform.h"

#include "cpu.h"
#include "lock.h"

#define SMALLEST 32u
#define CLASSES  7u /* 32 to 2048 bytes; anything larger is whole pages */

struct piece {
    struct piece *next;
};

static struct nano_lock lock;
static struct piece *pieces[CLASSES];

uint64_t hf_platform_pin(void)
{
    return interrupts_off();
}

void hf_platform_unpin(uint64_t state)
{
    interrupts_restore(state);
}

uint32_t hf_platform_cpus(void)
{
    return nano_cpus(); /* all have been started */
}

uint32_t hf_platform_cpu(void)
{
    return nano_cpu();
}

static unsigned class_of(size_t bytes)
{
    unsigned size_class = 0;

    while (size_class < CLASSES && bytes > (size_t)SMALLEST << size_class)
        size_class++;
    return size_class;
}

static size_t pages_of(size_t bytes)
{
    return (bytes + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE;
}

/* Cuts a page into pieces of a class. */
static void refill(unsigned size_class)
{
    char *page = nano_pages(1);
    const size_t size = (size_t)SMALLEST << size_class;

    for (size_t at = 0; page != NULL && at < HF_PAGE_SIZE; at += size) {
        struct piece *piece = (struct piece *)(void *)(page + at);
        piece->next = pieces[size_class];
        pieces[size_class] = piece;
    }
}

void *hf_platform_alloc(size_t bytes, size_t align)
{
    const unsigned size_class = class_of(bytes);

    if (align > HF_PAGE_SIZE || bytes > SIZE_MAX - HF_PAGE_SIZE)
        return NULL;
    if (size_class == CLASSES)
        return nano_pages(pages_of(bytes));
    if (align > (size_t)SMALLEST << size_class)
        return NULL;
    const uint64_t state = nano_lock_take(&lock);
    if (pieces[size_class] == NULL)
        refill(size_class);
    struct piece *piece = pieces[size_class];
    if (piece != NULL)
        pieces[size_class] = piece->next;
    nano_lock_give(&lock, state);
    if (piece != NULL)
        memset(piece, 0, bytes);
    return piece;
}

void hf_platform_free(void *memory, size_t bytes)
{
    const unsigned size_class = class_of(bytes);

    if (size_class == CLASSES) {
        nano_free_pages(memory, pages_of(bytes));
        return;
    }
    const uint64_t state = nano_lock_take(&lock);
    struct piece *piece = memory;
    piece->next = pieces[size_class];
    pieces[size_class] = piece;
    nano_lock_give(&lock, state);
}

bool hf_platform_gpa(const void *address, hf_gpa *gpa)
{
    if (nano_pte(address) == NULL)
        return false;
    gpa->value = (uintptr_t)address;
    return true;
}

_Noreturn void hf_platform_die(uint8_t status, const char *reason)
{
    hf_printf("%s\n", reason);
    nano_exit(status);
}
