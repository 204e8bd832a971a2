/* SPDX-License-Identifier: MIT
 * Frames on a byte stream. */
#include "vmm/wire/frame.h"

#include <string.h>

void frame_put_length(uint8_t header[FRAME_HEADER], uint32_t length)
{
    header[0] = (uint8_t)(length >> 24);
    header[1] = (uint8_t)(length >> 16);
    header[2] = (uint8_t)(length >> 8);
    header[3] = (uint8_t)length;
}

uint32_t frame_get_length(const uint8_t header[FRAME_HEADER])
{
    return (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 |
           (uint32_t)header[3];
}

void frame_reader_init(struct frame_reader *reader, uint8_t *buffer, size_t room)
{
    *reader = (struct frame_reader){.buffer = buffer, .room = room};
}

uint8_t *frame_reader_space(const struct frame_reader *reader, size_t *room)
{
    *room = reader->room - reader->have;
    return reader->buffer + reader->have;
}

void frame_reader_add(struct frame_reader *reader, size_t bytes)
{
    reader->have += bytes;
}

enum frame_state frame_reader_look(const struct frame_reader *reader, const uint8_t **message,
                                   uint32_t *length)
{
    if (reader->have == 0)
        return FRAME_NOTHING;
    if (reader->have < FRAME_HEADER)
        return FRAME_PARTIAL;
    *length = frame_get_length(reader->buffer);
    if (*length > reader->room - FRAME_HEADER)
        return FRAME_TOO_LARGE;
    if (*length > reader->have - FRAME_HEADER)
        return FRAME_PARTIAL;
    *message = reader->buffer + FRAME_HEADER;
    return FRAME_COMPLETE;
}

void frame_reader_drop(struct frame_reader *reader)
{
    size_t frame = FRAME_HEADER + (size_t)frame_get_length(reader->buffer);
    reader->have -= frame;
    memmove(reader->buffer, reader->buffer + frame, reader->have);
}
