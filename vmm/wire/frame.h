/* SPDX-License-Identifier: MIT
 * Frames on a byte stream: 4 bytes of length, most significant first, then the message. */
#ifndef HOLDFAST_WIRE_FRAME_H
#define HOLDFAST_WIRE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEADER 4u

void frame_put_length(uint8_t header[FRAME_HEADER], uint32_t length);
uint32_t frame_get_length(const uint8_t header[FRAME_HEADER]);

/* Collects bytes until a frame is complete. Reads never go beyond the end of the buffer; several
 * frames may lie in it. */
struct frame_reader {
    uint8_t *buffer;
    size_t room; /* FRAME_HEADER + the longest message */
    size_t have;
};

enum frame_state {
    FRAME_NOTHING,   /* not a byte of a frame yet */
    FRAME_PARTIAL,   /* a frame has begun */
    FRAME_COMPLETE,  /* message and length are set */
    FRAME_TOO_LARGE, /* length is set; the stream is lost */
};

void frame_reader_init(struct frame_reader *reader, uint8_t *buffer, size_t room);

/* Where the next bytes from the stream go; *room is 0 only if a frame is complete or too large. */
uint8_t *frame_reader_space(const struct frame_reader *reader, size_t *room);

/* Says that bytes were put there. */
void frame_reader_add(struct frame_reader *reader, size_t bytes);

/* Looks at the first frame. The message stays valid until frame_reader_drop(). */
enum frame_state frame_reader_look(const struct frame_reader *reader, const uint8_t **message,
                                   uint32_t *length);

/* Takes the first frame, which is complete, out of the buffer. */
void frame_reader_drop(struct frame_reader *reader);

#endif
