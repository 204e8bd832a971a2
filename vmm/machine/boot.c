/* SPDX-License-Identifier: MIT
 * The state in which a kernel starts: Linux' 64-bit boot protocol
 * (Documentation/arch/x86/boot.rst of the kernel). */
#include "boot.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the loader puts things, all below BOOT_LOW_END and above the real-mode vectors. */
#define GDT_GPA       0x0500u
#define ZERO_PAGE_GPA 0x7000u
#define PML4_GPA      0x9000u
#define PDPT_GPA      0xa000u
#define PD_GPA        0xb000u /* four of them: 4 GiB in pages of 2 MiB */
#define APPEND_GPA    0x20000u
#define APPEND_MAX    0x10000u
#define LOW_RAM_END   0x9fc00u

#define IMAGE_MAX (1ull << 30)

#define PTE_PRESENT 0x001u
#define PTE_WRITE   0x002u
#define PTE_LARGE   0x080u

/* Selectors that Linux' 64-bit entry expects. */
#define SELECTOR_CODE 0x10u
#define SELECTOR_DATA 0x18u

static int read_file(struct boot_image *image, int fd, struct error *error)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return error_set(error, "--kernel %s: %s", image->path, strerror(errno));
    if (!S_ISREG(info.st_mode) || info.st_size <= 0 || (uint64_t)info.st_size > IMAGE_MAX)
        return error_set(error, "--kernel %s: not a regular file of 1 byte to 1 GiB", image->path);
    image->size = (size_t)info.st_size;
    image->bytes = malloc(image->size);
    if (image->bytes == NULL)
        return error_set(error, "--kernel %s: no memory for its %zu bytes", image->path,
                         image->size);
    for (size_t done = 0; done < image->size;) {
        const ssize_t got = read(fd, image->bytes + done, image->size - done);
        if (got <= 0)
            return error_set(error, "--kernel %s: reading stopped at byte %zu: %s", image->path,
                             done, got < 0 ? strerror(errno) : "end of file");
        done += (size_t)got;
    }
    return 0;
}

int boot_read(struct boot_image *image, const char *path, const char *append,
              const struct memory *memory, struct error *error)
{
    *image = (struct boot_image){.path = path, .append = append};
    if (strlen(append) >= APPEND_MAX)
        return error_set(error, "--append: %zu bytes are too many, at most %u fit", strlen(append),
                         APPEND_MAX - 1);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set(error, "--kernel %s: %s", path, strerror(errno));
    int result = read_file(image, fd, error);
    close(fd);
    if (result == 0)
        result = elf_check(image, memory, &image->entry, error);
    if (result < 0)
        boot_forget(image);
    return result;
}

void boot_forget(struct boot_image *image)
{
    free(image->bytes);
    image->bytes = NULL;
}

static void add_ram(struct boot_params *params, uint64_t gpa, uint64_t bytes)
{
    params->e820_table[params->e820_entries++] =
        (struct boot_e820_entry){.addr = gpa, .size = bytes, .type = 1};
}

static void write_zero_page(const struct boot_image *image, const struct memory *memory)
{
    const uint64_t ram = memory_ram_bytes(memory);
    const uint64_t low = ram < MEMORY_HOLE ? ram : MEMORY_HOLE;
    struct boot_params *params = memory_ram_at(memory, ZERO_PAGE_GPA, sizeof *params);

    memset(params, 0, sizeof *params);
    params->hdr.boot_flag = 0xaa55;
    params->hdr.header = 0x53726448; /* "HdrS" */
    params->hdr.version = 0x020f;
    params->hdr.type_of_loader = 0xff;
    params->hdr.loadflags = 1;
    params->hdr.cmd_line_ptr = APPEND_GPA;
    params->hdr.cmdline_size = (uint32_t)strlen(image->append);
    add_ram(params, 0, LOW_RAM_END);
    add_ram(params, BOOT_LOW_END, low - BOOT_LOW_END);
    if (ram > low)
        add_ram(params, MEMORY_ABOVE, ram - low);
    memcpy(memory_ram_at(memory, APPEND_GPA, APPEND_MAX), image->append, strlen(image->append) + 1);
}

static void write_page_tables(const struct memory *memory)
{
    uint64_t *pml4 = memory_ram_at(memory, PML4_GPA, HF_PAGE_SIZE);
    uint64_t *pdpt = memory_ram_at(memory, PDPT_GPA, HF_PAGE_SIZE);
    uint64_t *pd = memory_ram_at(memory, PD_GPA, 4 * HF_PAGE_SIZE);

    memset(pml4, 0, HF_PAGE_SIZE);
    memset(pdpt, 0, HF_PAGE_SIZE);
    pml4[0] = PDPT_GPA | PTE_PRESENT | PTE_WRITE;
    for (uint64_t i = 0; i < 4; i++)
        pdpt[i] = (PD_GPA + i * HF_PAGE_SIZE) | PTE_PRESENT | PTE_WRITE;
    for (uint64_t i = 0; i < 4 * 512; i++)
        pd[i] = i << 21 | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
}

static void write_gdt(const struct memory *memory)
{
    static const uint64_t gdt[] = {0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff};

    memcpy(memory_ram_at(memory, GDT_GPA, sizeof gdt), gdt, sizeof gdt);
}

void boot_load(const struct boot_image *image, const struct memory *memory)
{
    elf_load(image, memory);
    write_gdt(memory);
    write_page_tables(memory);
    write_zero_page(image, memory);
}

void boot_registers(const struct boot_image *image, struct kvm_regs *regs, struct kvm_sregs *sregs)
{
    const struct kvm_segment code = {
        .limit = 0xffffffff,
        .selector = SELECTOR_CODE,
        .type = 11,
        .present = 1,
        .s = 1,
        .l = 1,
        .g = 1,
    };
    struct kvm_segment data = code;

    data.selector = SELECTOR_DATA;
    data.type = 3;
    data.l = 0;
    data.db = 1;
    sregs->cs = code;
    sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
    sregs->gdt.base = GDT_GPA;
    sregs->gdt.limit = 4 * 8 - 1;
    sregs->cr0 = 0x80000011; /* paging, extension type, protection */
    sregs->cr3 = PML4_GPA;
    sregs->cr4 = 0x20;   /* PAE */
    sregs->efer = 0x500; /* long mode, enabled and active */
    *regs = (struct kvm_regs){.rip = image->entry, .rsi = ZERO_PAGE_GPA, .rflags = 2};
}
