/* SPDX-License-Identifier: MIT
 * The argument pages. */
#include "guest/lib/arguments.h"

#include "guest/lib/platform.h"

struct argument_page {
    void *page;
    hf_gpa gpa; /* kept, because a call must not depend on a walk of the page tables */
};

static struct argument_page *pages; /* by CPU */

static void free_pages(uint32_t count, uint32_t cpus)
{
    for (uint32_t i = 0; i < count; i++)
        hf_platform_free(pages[i].page, HF_PAGE_SIZE);
    hf_platform_free(pages, cpus * sizeof pages[0]);
}

bool hf_arguments_allocate(void)
{
    uint32_t cpus = hf_platform_cpus();

    pages = hf_platform_alloc(cpus * sizeof pages[0], sizeof pages[0]);
    if (pages == NULL)
        return false;
    for (uint32_t i = 0; i < cpus; i++) {
        void *page = hf_platform_alloc(HF_PAGE_SIZE, HF_PAGE_SIZE);

        if (page != NULL && hf_platform_gpa(page, &pages[i].gpa)) {
            pages[i].page = page;
            continue;
        }
        if (page != NULL)
            hf_platform_free(page, HF_PAGE_SIZE);
        free_pages(i, cpus);
        return false;
    }
    return true;
}

struct hf_arguments hf_arguments_pin(void)
{
    uint64_t pin = hf_platform_pin();
    uint32_t cpu = hf_platform_cpu();

    return (struct hf_arguments){.page = pages[cpu].page, .gpa = pages[cpu].gpa, .pin = pin};
}

void hf_arguments_unpin(const struct hf_arguments *arguments)
{
    hf_platform_unpin(arguments->pin);
}
