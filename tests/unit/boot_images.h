/* SPDX-License-Identifier: MIT
 * Kernel images made by hand, and RAM without KVM to boot them in. */
#ifndef HOLDFAST_TEST_BOOT_IMAGES_H
#define HOLDFAST_TEST_BOOT_IMAGES_H

#include "vmm/boot/image.h"
#include "vmm/memory/layout.h"

#include <elf.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#define MIB        (1ull << 20)
#define RAM_BYTES  (8 * MIB)
#define KERNEL_GPA 0x200000u
#define KERNEL_END 0x280000u /* of what it takes in RAM */
#define PVH_GPA    0x200010u
#define INIT_SIZE  0x180000u /* what a bzImage takes to unpack itself */
#define FILE_MOST  (1u << 16)

/* RAM of 8 MiB, or of more, which is not touched. */
static inline struct memory *boot_ram(uint64_t bytes)
{
    static struct memory memory;

    memory = (struct memory){.ram_bytes = bytes};
    memory.ram = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(memory.ram != MAP_FAILED);
    return &memory;
}

static inline void boot_ram_forget(struct memory *memory)
{
    munmap(memory->ram, memory->ram_bytes);
}

/* A file that grows at its end. */
struct made {
    uint8_t bytes[FILE_MOST];
    size_t size;
};

static inline void *made_add(struct made *made, const void *bytes, size_t count)
{
    assert_true(count <= sizeof made->bytes - made->size);
    void *where = made->bytes + made->size;
    if (bytes != NULL)
        memcpy(where, bytes, count);
    else
        memset(where, 0, count);
    made->size += count;
    return where;
}

static inline void made_note(struct made *made, const char *owner, uint32_t type, const void *value,
                             uint32_t bytes)
{
    const Elf64_Nhdr note = {(uint32_t)strlen(owner) + 1, bytes, type};

    made_add(made, &note, sizeof note);
    made_add(made, owner, note.n_namesz);
    made_add(made, NULL, (4 - note.n_namesz % 4) % 4);
    made_add(made, value, bytes);
    made_add(made, NULL, (4 - bytes % 4) % 4);
}

enum notes { NOTES_PVH = 1, NOTES_LINUX = 2 };

#define ELF_CODE "this is the kernel's code, and it is loaded where its segment says"

/* Where the parts of a made ELF image are. */
#define ELF_SEGMENT(made, number)                                                                  \
    ((Elf64_Phdr *)(void *)((made)->bytes + sizeof(Elf64_Ehdr)) + (number))

/* An ELF64 image of one segment of code and one of notes. */
static inline void make_elf(struct made *made, unsigned notes)
{
    const uint64_t pvh = PVH_GPA;

    memset(made, 0, sizeof *made);
    Elf64_Ehdr *header = made_add(made, NULL, sizeof *header);
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = ELFCLASS64;
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_type = ET_EXEC;
    header->e_machine = EM_X86_64;
    header->e_entry = KERNEL_GPA;
    header->e_phoff = sizeof *header;
    header->e_phentsize = sizeof(Elf64_Phdr);
    header->e_phnum = 2;
    made_add(made, NULL, 2 * sizeof(Elf64_Phdr));
    *ELF_SEGMENT(made, 0) = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_offset = made->size,
        .p_paddr = KERNEL_GPA,
        .p_filesz = sizeof ELF_CODE,
        .p_memsz = KERNEL_END - KERNEL_GPA,
    };
    made_add(made, ELF_CODE, sizeof ELF_CODE);
    made_add(made, NULL, (4 - made->size % 4) % 4);
    const size_t at = made->size;
    if ((notes & NOTES_PVH) != 0)
        made_note(made, "Xen", 18, &pvh, sizeof pvh);
    if ((notes & NOTES_LINUX) != 0)
        made_note(made, "Linux", 256, "salt", 4);
    made_note(made, "GNU", 3, "0123456789abcdef", 16);
    *ELF_SEGMENT(made, 1) =
        (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = at, .p_filesz = made->size - at};
}

enum packing { PACK_ZSTD, PACK_XZ, PACK_LZ4 /* only its magic */ };

/* With a sum over the content, as zstd's own program adds it. */
static inline size_t pack_zstd(const void *from, size_t bytes, uint8_t *to, size_t room)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();

    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    const size_t size = ZSTD_compress2(context, to, room, from, bytes);
    ZSTD_freeCCtx(context);
    assert_false(ZSTD_isError(size));
    return size;
}

static inline size_t pack(enum packing packing, const void *from, size_t bytes, uint8_t *to,
                          size_t room)
{
    size_t size = 0;

    switch (packing) {
    case PACK_ZSTD:
        size = pack_zstd(from, bytes, to, room);
        break;
    case PACK_XZ:
        assert_int_equal(
            lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, from, bytes, to, &size, room),
            LZMA_OK);
        break;
    case PACK_LZ4:
        memcpy(to, "\x02\x21\x4c\x18", 4);
        size = 100;
        break;
    }
    return size;
}

#define SETUP_SECTORS 3u
#define SETUP_BYTES   ((SETUP_SECTORS + 1) * 512)
#define STUB_BYTES    0x300u /* the decompressor, before the payload */

static inline struct setup_header *bzimage_header(struct made *made)
{
    return (struct setup_header *)(void *)(made->bytes + 0x1f1);
}

/* The payload, with the length that is behind it. */
static inline uint8_t *bzimage_inside(struct made *made)
{
    return made->bytes + SETUP_BYTES + STUB_BYTES;
}

/* A bzImage with these bytes inside, packed. */
static inline void make_bzimage(struct made *made, enum packing packing, const void *inside,
                                size_t bytes)
{
    const uint32_t unpacked = (uint32_t)bytes;

    memset(made, 0, sizeof *made);
    made_add(made, NULL, SETUP_BYTES + STUB_BYTES);
    made->size += pack(packing, inside, bytes, made->bytes + made->size,
                       sizeof made->bytes - made->size - sizeof unpacked);
    made_add(made, &unpacked, sizeof unpacked);
    *bzimage_header(made) = (struct setup_header){
        .setup_sects = SETUP_SECTORS,
        .boot_flag = 0xaa55,
        .header = 0x53726448,
        .version = 0x020f,
        .loadflags = 1,
        .xloadflags = 1,
        .cmdline_size = 100,
        .payload_offset = STUB_BYTES,
        .payload_length = (uint32_t)(made->size - SETUP_BYTES - STUB_BYTES),
        .pref_address = 0x100000,
        .init_size = INIT_SIZE,
    };
    made_add(made, "the end of the file", 20);
}

static inline void make_bzimage_of_elf(struct made *made, enum packing packing, unsigned notes)
{
    static struct made elf;

    make_elf(&elf, notes);
    make_bzimage(made, packing, elf.bytes, elf.size);
}

/* A file of these bytes; its path. The descriptor is the caller's. */
static inline int made_file(const void *bytes, size_t size, char path[64])
{
    const int fd = memfd_create("image", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* boot_read() of a made image. */
static inline int read_with_append(struct boot_image *image, const struct made *made,
                                   const char *append, enum boot_way way,
                                   const struct memory *memory, struct error *error)
{
    char path[64];
    const int fd = made_file(made->bytes, made->size, path);
    const struct boot_config config = {.kernel = path, .append = append, .way = way, .vcpus = 2};
    const int result = boot_read(image, &config, memory, error);

    close(fd);
    return result;
}

static inline int read_made(struct boot_image *image, const struct made *made, enum boot_way way,
                            const struct memory *memory, struct error *error)
{
    return read_with_append(image, made, "quiet", way, memory, error);
}

/* Fails the test unless boot_read() refuses the image with an error that has this in it. */
static inline void refuse(const struct made *made, enum boot_way way, const struct memory *memory,
                          const char *why)
{
    struct boot_image image;
    struct error error = {.text = "(accepted)"};

    const int result = read_made(&image, made, way, memory, &error);
    if (result == 0 || strstr(error.text, why) == NULL)
        fail_msg("wanted '%s', got %d: %s", why, result, error.text);
    assert_null(image.kernel.bytes);
}

#endif
