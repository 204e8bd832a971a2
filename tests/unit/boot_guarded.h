/* SPDX-License-Identifier: MIT
 * What holds of every image, however damaged: it is refused with a line, or loaded into RAM and
 * nowhere else, and then nothing lies over the initrd. */
#ifndef HOLDFAST_TEST_BOOT_GUARDED_H
#define HOLDFAST_TEST_BOOT_GUARDED_H

#include "boot_images.h"

#define GUARD_BYTES MIB

/* The memory around RAM belongs to nobody: the sanitizer does not know, the guard does. */
static inline struct memory *guarded_ram(void)
{
    static struct memory memory;
    uint8_t *around = mmap(NULL, RAM_BYTES + 2 * GUARD_BYTES, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_true(around != MAP_FAILED);
    memory = (struct memory){.ram_bytes = RAM_BYTES, .ram = around + GUARD_BYTES};
    assert_int_equal(mprotect(memory.ram, RAM_BYTES, PROT_READ | PROT_WRITE), 0);
    return &memory;
}

static inline void guarded_ram_forget(struct memory *memory)
{
    munmap(memory->ram - GUARD_BYTES, RAM_BYTES + 2 * GUARD_BYTES);
}

static inline void check_loaded(const struct boot_image *image, const struct memory *ram)
{
    struct kvm_regs regs = {0};
    struct kvm_sregs sregs = {0};
    const struct boot_file *initrd = &image->initrd;

    boot_registers(image, &regs, &sregs);
    assert_true(regs.rip >= BOOT_LOW_END && regs.rip < RAM_BYTES);
    if (initrd->bytes == NULL)
        return;
    assert_true(image->initrd_gpa >= BOOT_LOW_END && image->initrd_gpa % 4096 == 0);
    assert_true(initrd->size <= RAM_BYTES && image->initrd_gpa <= RAM_BYTES - initrd->size);
    assert_memory_equal(ram->ram + image->initrd_gpa, initrd->bytes, initrd->size);
}

/* Whether the image was taken. */
static inline bool try_image(const struct boot_config *config, const struct memory *ram)
{
    struct boot_image image;
    struct error error = {.text = ""};

    if (boot_read(&image, config, ram, &error) < 0) {
        assert_true(strncmp(error.text, "--", 2) == 0);
        assert_null(strchr(error.text, '\n'));
        return false;
    }
    boot_load(&image, ram);
    check_loaded(&image, ram);
    boot_forget(&image);
    return true;
}

#endif
