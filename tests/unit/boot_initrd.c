/* SPDX-License-Identifier: MIT
 * The initial RAM disk is put whole beside the kernel, and what the kernel is told agrees with what
 * is in RAM. */
#include "boot_images.h"

#include <stdlib.h>

static struct made elf;

static int read_with(struct boot_image *image, const struct memory *memory, size_t bytes,
                     enum boot_way way, struct error *error)
{
    char kernel[64], initrd[64];
    uint8_t *content = malloc(bytes);
    const struct boot_config config = {
        .kernel = kernel, .initrd = initrd, .append = "root=/dev/x", .way = way, .vcpus = 1};

    memset(content, 0x77, bytes);
    const int kernel_fd = made_file(elf.bytes, elf.size, kernel);
    const int initrd_fd = made_file(content, bytes, initrd);
    const int result = boot_read(image, &config, memory, error);
    close(kernel_fd);
    close(initrd_fd);
    free(content);
    return result;
}

static void it_fits_to_the_last_page(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, 0);
    assert_int_equal(read_with(&image, ram, RAM_BYTES - KERNEL_END, BOOT_AUTO, &error), 0);
    assert_int_equal(image.initrd_gpa, KERNEL_END);
    boot_load(&image, ram);
    assert_memory_equal(ram->ram + KERNEL_GPA, ELF_CODE, sizeof ELF_CODE);
    assert_int_equal(ram->ram[KERNEL_END - 1], 0);
    assert_int_equal(ram->ram[KERNEL_END], 0x77);
    assert_int_equal(ram->ram[RAM_BYTES - 1], 0x77);
    boot_forget(&image);

    assert_int_equal(read_with(&image, ram, RAM_BYTES - KERNEL_END + 1, BOOT_AUTO, &error), -1);
    assert_non_null(strstr(error.text, "raise --memory"));
    assert_null(image.initrd.bytes);
    assert_null(image.kernel.bytes);

    /* One byte past whole pages, and the page that it would need is the kernel's. */
    ELF_SEGMENT(&elf, 0)->p_memsz++;
    assert_int_equal(read_with(&image, ram, RAM_BYTES - KERNEL_END - 1, BOOT_AUTO, &error), -1);
    assert_non_null(strstr(error.text, "raise --memory"));
    boot_ram_forget(ram);
}

/* The kernel takes the end of RAM. */
static void put_at_the_end(void)
{
    ELF_SEGMENT(&elf, 0)->p_paddr = RAM_BYTES - (KERNEL_END - KERNEL_GPA);
    ((Elf64_Ehdr *)(void *)elf.bytes)->e_entry = ELF_SEGMENT(&elf, 0)->p_paddr;
}

/* Below 1 MiB is what the loader puts there, whatever the kernel takes. */
static void it_is_never_below_1_mib(void **state)
{
    const size_t room = RAM_BYTES - (KERNEL_END - KERNEL_GPA) - 0x100000;
    struct memory *ram = boot_ram(RAM_BYTES);
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, 0);
    put_at_the_end();
    assert_int_equal(read_with(&image, ram, room, BOOT_AUTO, &error), 0);
    assert_int_equal(image.initrd_gpa, 0x100000);
    boot_forget(&image);
    assert_int_equal(read_with(&image, ram, room + 1, BOOT_AUTO, &error), -1);
    boot_ram_forget(ram);
}

static void the_decompressor_has_its_room(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    struct boot_image image;
    struct error error;
    const size_t room = RAM_BYTES - 0x100000 - INIT_SIZE;

    (void)state;
    make_bzimage_of_elf(&elf, PACK_ZSTD, 0);
    assert_int_equal(read_with(&image, ram, room, BOOT_DECOMPRESSOR, &error), 0);
    assert_int_equal(image.initrd_gpa, 0x100000 + INIT_SIZE);
    boot_forget(&image);
    assert_int_equal(read_with(&image, ram, room + 1, BOOT_DECOMPRESSOR, &error), -1);
    boot_ram_forget(ram);
}

static void much_ram_does_not_put_it_out_of_reach(void **state)
{
    struct memory *ram = boot_ram(6ull << 30);
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, 0);
    assert_int_equal(read_with(&image, ram, 5000, BOOT_AUTO, &error), 0);
    assert_int_equal(image.initrd_gpa, (2ull << 30) - 8192);
    boot_load(&image, ram);

    const struct boot_params *params = (const void *)(ram->ram + ZERO_PAGE_GPA);
    assert_int_equal(params->hdr.ramdisk_image, (2ull << 30) - 8192);
    assert_int_equal(params->hdr.ramdisk_size, 5000);
    assert_string_equal((const char *)ram->ram + params->hdr.cmd_line_ptr, "root=/dev/x");
    assert_int_equal(params->acpi_rsdp_addr, ACPI_GPA);

    /* All of RAM but for what is kept, once, in order; the PCI hole and what is above are in none.
     */
    uint64_t total = 0, end = 0;
    for (unsigned i = 0; i < params->e820_entries; i++) {
        const struct boot_e820_entry *entry = &params->e820_table[i];
        assert_true(entry->addr >= end);
        end = entry->addr + entry->size;
        assert_true(end <= MEMORY_HOLE || entry->addr == MEMORY_ABOVE);
        if (entry->type == MAP_RAM)
            total += entry->size;
    }
    assert_int_equal(end, MEMORY_ABOVE + (3ull << 30));
    assert_int_equal(total, (6ull << 30) - (BOOT_LOW_END - LOW_RAM_END));
    boot_forget(&image);
    boot_ram_forget(ram);
}

/* A kernel at the end of RAM leaves the room below it; one above 4 GiB leaves all of it. */
static void it_goes_where_the_kernel_leaves_room(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, 0);
    put_at_the_end();
    assert_int_equal(read_with(&image, ram, 5000, BOOT_AUTO, &error), 0);
    assert_int_equal(image.initrd_gpa, RAM_BYTES - (KERNEL_END - KERNEL_GPA) - 8192);
    boot_forget(&image);
    assert_int_equal(read_with(&image, ram, RAM_BYTES - MIB, BOOT_AUTO, &error), -1);
    assert_non_null(strstr(error.text, "beside the kernel; raise --memory"));
    boot_ram_forget(ram);

    ram = boot_ram(6ull << 30);
    make_elf(&elf, NOTES_PVH);
    *ELF_SEGMENT(&elf, 1) = *ELF_SEGMENT(&elf, 0);
    ELF_SEGMENT(&elf, 1)->p_paddr = 4ull << 30;
    assert_int_equal(read_with(&image, ram, 5000, BOOT_AUTO, &error), 0);
    assert_int_equal(image.initrd_gpa, (2ull << 30) - 8192);
    boot_forget(&image);
    /* More memory would not help. */
    ELF_SEGMENT(&elf, 1)->p_paddr = KERNEL_END;
    ELF_SEGMENT(&elf, 1)->p_memsz = (2ull << 30) - KERNEL_END - 4096;
    assert_int_equal(read_with(&image, ram, 2 * MIB, BOOT_AUTO, &error), -1);
    assert_non_null(strstr(error.text, "below 0x80000000, which is as far as every kernel"));
    assert_null(strstr(error.text, "raise --memory"));
    boot_ram_forget(ram);
}

static void a_pvh_kernel_is_told_the_same(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    struct boot_image image;
    struct error error;
    uint32_t word[4];
    uint64_t list[6], disk[4];

    (void)state;
    make_elf(&elf, NOTES_PVH);
    assert_int_equal(read_with(&image, ram, 5000, BOOT_AUTO, &error), 0);
    assert_int_equal(image.way, BOOT_PVH);
    boot_load(&image, ram);
    memcpy(word, ram->ram + START_INFO_GPA, sizeof word);
    memcpy(list, ram->ram + START_INFO_GPA + 16, sizeof list);
    assert_int_equal(word[0], 0x336ec578);
    assert_int_equal(word[1], 1);
    assert_int_equal(word[3], 1);
    memcpy(disk, ram->ram + list[0], sizeof disk);
    assert_int_equal(disk[0], image.initrd_gpa);
    assert_int_equal(disk[1], 5000);
    assert_string_equal((const char *)ram->ram + list[1], "root=/dev/x");
    assert_int_equal(list[2], ACPI_GPA);
    assert_int_equal((uint32_t)list[4], 3); /* parts of the memory map */

    struct kvm_regs regs;
    struct kvm_sregs sregs = {0};
    boot_registers(&image, &regs, &sregs);
    assert_int_equal(regs.rip, PVH_GPA);
    assert_int_equal(regs.rbx, START_INFO_GPA);
    assert_int_equal(sregs.cr0 & 0x80000001, 1);
    assert_int_equal(sregs.efer, 0);
    assert_int_equal(sregs.cs.db, 1);
    assert_int_equal(sregs.cs.l, 0);
    boot_forget(&image);
    boot_ram_forget(ram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fits_to_the_last_page),
        cmocka_unit_test(it_is_never_below_1_mib),
        cmocka_unit_test(the_decompressor_has_its_room),
        cmocka_unit_test(much_ram_does_not_put_it_out_of_reach),
        cmocka_unit_test(it_goes_where_the_kernel_leaves_room),
        cmocka_unit_test(a_pvh_kernel_is_told_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
