/* SPDX-License-Identifier: MIT */
#include "pages.h"

#include "vmm/cause.h"
#include "vmm/utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define FRESH_MS 1000u
#define FORMATS  2u

static struct {
    pthread_mutex_t looking; /* held while the VMs are asked; all but what `lock` keeps */
    pthread_mutex_t lock;    /* the pages and their users */
    struct page *page[FORMATS];
    struct metrics_vms vms; /* as they were at the last look */
    uint32_t timeout_ms;
} pages = {.looking = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void pages_set_timeout(uint32_t milliseconds)
{
    pages.timeout_ms = milliseconds;
}

/* A line for each VM that is otherwise than before. What a VM says is made plain first. */
static void tell_changes(struct metrics_vms *vms)
{
    for (size_t i = 0; i < vms->count; i++) {
        struct metrics_vm *vm = &vms->vm[i];
        if (vm->state == vm->was)
            continue;
        utf8_make_plain(vm->why_not);
        if (vm->state == METRICS_TOLD)
            fprintf(stderr, "holdfast-exporter: %s: answers\n", vm->name);
        else
            fprintf(stderr, "holdfast-exporter: %s: %s\n", vm->name, vm->why_not);
    }
}

static struct page *write_page(enum metrics_format format)
{
    struct page *page = calloc(1, sizeof *page);
    FILE *stream = page != NULL ? open_memstream(&page->text, &page->length) : NULL;

    if (stream != NULL) {
        metrics_write(stream, format, &pages.vms);
        const bool is_whole = ferror(stream) == 0;
        if (fclose(stream) == 0 && is_whole)
            return page;
        free(page->text);
    }
    free(page);
    return NULL;
}

static struct page *make_page(enum metrics_format format, struct error *error)
{
    if (metrics_find(&pages.vms, error) < 0)
        return NULL;
    metrics_ask(&pages.vms, pages.timeout_ms);
    tell_changes(&pages.vms);
    struct page *page = write_page(format);
    metrics_forget(&pages.vms);
    if (page == NULL)
        error_set(error, "%s", cause_text(ENOMEM));
    else
        page->made_ms = now_ms();
    return page;
}

/* The page that there is, if it is still of use; one user more. */
static struct page *fresh_page(enum metrics_format format)
{
    pthread_mutex_lock(&pages.lock);
    struct page *page = pages.page[format];
    if (page != NULL && now_ms() - page->made_ms >= FRESH_MS)
        page = NULL;
    if (page != NULL)
        page->users++;
    pthread_mutex_unlock(&pages.lock);
    return page;
}

static void publish(enum metrics_format format, struct page *page)
{
    page->users = 2;
    pthread_mutex_lock(&pages.lock);
    struct page *old = pages.page[format];
    pages.page[format] = page;
    pthread_mutex_unlock(&pages.lock);
    if (old != NULL)
        pages_put(old);
}

struct page *pages_get(enum metrics_format format, struct error *error)
{
    pthread_mutex_lock(&pages.looking);
    struct page *page = fresh_page(format);
    if (page == NULL) {
        page = make_page(format, error);
        if (page != NULL)
            publish(format, page);
    }
    pthread_mutex_unlock(&pages.looking);
    return page;
}

void pages_put(struct page *page)
{
    pthread_mutex_lock(&pages.lock);
    const bool is_last = --page->users == 0;
    pthread_mutex_unlock(&pages.lock);
    if (!is_last)
        return;
    free(page->text);
    free(page);
}
