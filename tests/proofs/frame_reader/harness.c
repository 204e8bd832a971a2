/* SPDX-License-Identifier: MIT */
/* holds: every content of a buffer of 4 to 12 bytes, filled to any length */
/* options: --unsigned-overflow-check --unwind 14 */
#include "tests/proofs/proof.h"
#include "vmm/wire/frame.c"

#define ROOM 12u

/* A message that is told lies in what has come; a buffer is full only of a frame that is complete
 * or too large; to drop a frame moves what is behind it, and nothing else. */
void harness(void)
{
    uint8_t buffer[ROOM], before[ROOM];
    const size_t room = nondet_size(), have = nondet_size(), at = nondet_size();
    struct frame_reader reader;
    const uint8_t *message = NULL;
    uint32_t length = nondet_u32();
    size_t space;

    ASSUME(room >= FRAME_HEADER && room <= ROOM && have <= room && at < ROOM);
    for (size_t i = 0; i < ROOM; i++)
        before[i] = buffer[i] = nondet_u8();
    frame_reader_init(&reader, buffer, room);
    frame_reader_add(&reader, have);
    uint8_t *next = frame_reader_space(&reader, &space);
    CLAIM(next == buffer + have && space == room - have);

    const uint32_t told = frame_get_length(buffer);
    const enum frame_state state = frame_reader_look(&reader, &message, &length);
    const bool is_too_large = have >= FRAME_HEADER && told > room - FRAME_HEADER;
    const bool is_complete = have >= FRAME_HEADER && !is_too_large && told <= have - FRAME_HEADER;
    CLAIM((state == FRAME_NOTHING) == (have == 0));
    CLAIM((state == FRAME_TOO_LARGE) == is_too_large);
    CLAIM((state == FRAME_COMPLETE) == is_complete);
    CLAIM(space > 0 || is_complete || is_too_large);
    if (!is_complete)
        return;
    CLAIM(length == told && message == buffer + FRAME_HEADER);
    frame_reader_drop(&reader);
    CLAIM(reader.have == have - FRAME_HEADER - length);
    CLAIM(at >= reader.have || buffer[at] == before[at + FRAME_HEADER + length]);
    REACHED();
}
