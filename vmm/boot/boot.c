/* SPDX-License-Identifier: MIT
 * From --kernel, --initrd and --append to a kernel in RAM: which way in, and what goes where. */
#include "image.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <string.h>

#define INITRD_BELOW 0x80000000ull /* every kernel takes it there */
#define ENTRY_64     0x200u        /* behind the start of a bzImage's protected-mode kernel */

#define LINUX_APPEND_MOST 2047u /* COMMAND_LINE_SIZE of x86, with a zero at its end */

/* Linux has both entries, and the 64-bit one is faster; the PVH entry of anything else says that
 * it does not know Linux' boot protocol. */
static int choose_elf_entry(struct boot_image *image, const struct memory *memory,
                            const struct elf_facts *facts, struct error *error)
{
    if (image->way == BOOT_AUTO)
        image->way = facts->pvh_entry != 0 && (facts->entry == 0 || !facts->linux_notes)
                         ? BOOT_PVH
                         : BOOT_DIRECT;
    image->entry = image->way == BOOT_PVH ? facts->pvh_entry : facts->entry;
    if (image->way == BOOT_DECOMPRESSOR)
        return error_set(error, "--kernel %s: --boot decompressor is for a bzImage, this is ELF",
                         image->kernel.path);
    if (image->entry == 0 && (image->way == BOOT_PVH || !facts->is_wide))
        return error_set(error, "--kernel %s: has no %s", image->kernel.path,
                         image->way == BOOT_PVH ? "PVH entry" : "64-bit entry, and no PVH entry");
    return elf_check_entry(&image->kernel, memory, image->entry, error);
}

/* Takes the kernel out of a bzImage where that is possible and wanted. */
static int open_bzimage(struct boot_image *image, struct error *error)
{
    const uint8_t *payload;
    size_t size;

    if (bzimage_check(&image->kernel, &image->header, error) < 0)
        return -1;
    if (image->way == BOOT_DECOMPRESSOR)
        return 0;
    if (bzimage_payload(&image->kernel, &image->header, &payload, &size) &&
        unpack_knows(payload, size))
        return unpack(&image->kernel, payload, size, error);
    if (image->way != BOOT_AUTO)
        return error_set(error,
                         "--kernel %s: --boot %s needs the kernel inside, which is packed neither "
                         "with zstd nor with xz; --boot decompressor boots it",
                         image->kernel.path, boot_way_name(image->way));
    image->way = BOOT_DECOMPRESSOR;
    return 0;
}

/* How long a command line may be: Linux stops without a word where one is longer. */
static uint32_t append_most(const struct boot_image *image, bool is_linux)
{
    if (image->header.cmdline_size > 0)
        return image->header.cmdline_size;
    return is_linux ? LINUX_APPEND_MOST : APPEND_MAX - 1;
}

static int check_append(const struct boot_image *image, bool is_linux, struct error *error)
{
    const size_t length = strlen(image->append);
    const uint32_t most = append_most(image, is_linux);

    if (length > most)
        return error_set(error, "--append: %zu bytes are too many for this kernel, at most %u",
                         length, most);
    return 0;
}

/* Decides how the kernel is entered. */
static int prepare_kernel(struct boot_image *image, const struct memory *memory,
                          struct error *error)
{
    struct elf_facts facts;

    if (bzimage_is(&image->kernel)) {
        if (open_bzimage(image, error) < 0)
            return -1;
        if (image->way == BOOT_DECOMPRESSOR) {
            image->entry = image->header.pref_address + ENTRY_64;
            if (bzimage_place(&image->kernel, &image->header, memory, error) < 0)
                return -1;
            return check_append(image, true, error);
        }
    }
    if (!elf_is(&image->kernel))
        return error_set(error, "--kernel %s: neither an ELF image nor a Linux bzImage",
                         image->kernel.path);
    if (elf_check(&image->kernel, memory, &facts, error) < 0)
        return -1;
    if (choose_elf_entry(image, memory, &facts, error) < 0)
        return -1;
    return check_append(image, facts.linux_notes || image->header.header != 0, error);
}

static uint64_t initrd_address_below(const struct boot_image *image, uint64_t below)
{
    const uint64_t bytes = image->initrd.size;
    uint64_t at = below < bytes ? 0 : (below - bytes) & ~(HF_PAGE_SIZE - 1);

    if (image->way != BOOT_DECOMPRESSOR)
        return elf_place_below(&image->kernel, at, bytes);
    map_move_below(image->header.pref_address, image->header.init_size, bytes, &at);
    return at;
}

/* At the end of the RAM that every kernel reaches, clear of the kernel. */
static int place_initrd(struct boot_image *image, const struct memory *memory, struct error *error)
{
    const uint64_t low = map_low_end(memory);
    const uint64_t below = low < INITRD_BELOW ? low : INITRD_BELOW;

    image->initrd_gpa = initrd_address_below(image, below);
    if (image->initrd_gpa >= BOOT_LOW_END)
        return 0;
    return error_set(error,
                     "--initrd %s: its %zu bytes do not fit into RAM below 0x%llx%s beside the "
                     "kernel%s",
                     image->initrd.path, image->initrd.size, ULL(below),
                     below < INITRD_BELOW ? "" : ", which is as far as every kernel reaches,",
                     below < INITRD_BELOW ? "; raise --memory" : "; make it smaller");
}

static int read_images(struct boot_image *image, const struct memory *memory, struct error *error)
{
    if (file_read(&image->kernel, KERNEL_MAX, error) < 0 ||
        prepare_kernel(image, memory, error) < 0)
        return -1;
    if (image->initrd.path == NULL)
        return 0;
    if (file_read(&image->initrd, INITRD_MAX, error) < 0)
        return -1;
    return place_initrd(image, memory, error);
}

int boot_read(struct boot_image *image, const struct boot_config *config,
              const struct memory *memory, struct error *error)
{
    *image = (struct boot_image){
        .kernel = {.option = "--kernel", .path = config->kernel},
        .initrd = {.option = "--initrd", .path = config->initrd},
        .append = config->append,
        .vcpus = config->vcpus,
        .way = config->way,
    };
    if (strlen(config->append) >= APPEND_MAX)
        return error_set(error, "--append: %zu bytes are too many, at most %u fit",
                         strlen(config->append), APPEND_MAX - 1);
    if (!acpi_fits(config->vcpus))
        return error_set(error, "--vcpus %u: the ACPI tables have no room for so many",
                         config->vcpus);
    if (read_images(image, memory, error) == 0)
        return 0;
    boot_forget(image);
    return -1;
}

void boot_forget(struct boot_image *image)
{
    file_forget(&image->kernel);
    file_forget(&image->initrd);
}

void boot_load(const struct boot_image *image, const struct memory *memory)
{
    if (image->way == BOOT_DECOMPRESSOR)
        bzimage_load(&image->kernel, &image->header, memory);
    else
        elf_load(&image->kernel, memory);
    if (image->initrd.bytes != NULL)
        memcpy(memory_ram_at(memory, image->initrd_gpa, image->initrd.size), image->initrd.bytes,
               image->initrd.size);
    memcpy(memory_ram_at(memory, APPEND_GPA, APPEND_MAX), image->append, strlen(image->append) + 1);
    entry_write_tables(memory);
    zero_page_write(image, memory);
    start_info_write(image, memory);
    acpi_write(memory, image->vcpus);
}
