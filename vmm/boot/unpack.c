/* SPDX-License-Identifier: MIT
 * The kernel inside a bzImage, unpacked on the host: much faster than the kernel's own
 * decompressor where the guest runs slowly, and never slower. */
#include "image.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define XZ_MEMORY_MOST (256ull << 20) /* Linux packs with a dictionary of up to 128 MiB */

enum packing { PACKED_OTHERWISE, PACKED_ZSTD, PACKED_XZ };

static enum packing packing_of(const uint8_t *payload, size_t size)
{
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t xz[] = {0xfd, '7', 'z', 'X', 'Z', 0};

    if (size > sizeof zstd && memcmp(payload, zstd, sizeof zstd) == 0)
        return PACKED_ZSTD;
    if (size > sizeof xz && memcmp(payload, xz, sizeof xz) == 0)
        return PACKED_XZ;
    return PACKED_OTHERWISE;
}

bool unpack_knows(const uint8_t *payload, size_t size)
{
    return packing_of(payload, size) != PACKED_OTHERWISE;
}

/* Whether all of in became exactly out_size bytes. */
static bool unpack_zstd(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    return ZSTD_decompress(out, out_size, in, in_size) == out_size;
}

static bool unpack_xz(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    uint64_t memory = XZ_MEMORY_MOST;
    size_t in_at = 0, out_at = 0;

    return lzma_stream_buffer_decode(&memory, 0, NULL, in, &in_at, in_size, out, &out_at,
                                     out_size) == LZMA_OK &&
           in_at == in_size && out_at == out_size;
}

int unpack(struct boot_file *kernel, const uint8_t *payload, size_t size, struct error *error)
{
    uint32_t unpacked;

    /* Linux' build puts the length behind the packed bytes. */
    if (size <= sizeof unpacked)
        return error_set(error, "--kernel %s: damaged: the packed kernel inside has %zu bytes",
                         kernel->path, size);
    memcpy(&unpacked, payload + size - sizeof unpacked, sizeof unpacked);
    size -= sizeof unpacked;
    if (unpacked == 0 || unpacked > KERNEL_MAX)
        return error_set(error,
                         "--kernel %s: damaged: the kernel inside is to have %u bytes unpacked, at "
                         "most %llu are allowed",
                         kernel->path, unpacked, ULL(KERNEL_MAX));
    uint8_t *bytes = malloc(unpacked);
    if (bytes == NULL)
        return error_set(error, "--kernel %s: no memory for the %u bytes of the kernel inside",
                         kernel->path, unpacked);
    const bool whole = packing_of(payload, size) == PACKED_ZSTD
                           ? unpack_zstd(payload, size, bytes, unpacked)
                           : unpack_xz(payload, size, bytes, unpacked);
    if (!whole) {
        free(bytes);
        return error_set(error, "--kernel %s: damaged: the kernel inside cannot be unpacked",
                         kernel->path);
    }
    free(kernel->bytes);
    kernel->bytes = bytes;
    kernel->size = unpacked;
    return 0;
}
