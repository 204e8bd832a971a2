/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/qmp_frame.h"

/* No UTF-8 has it: a client sends it to break off what it has begun. */
#define BREAK_OFF '\xff'

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool opens(char byte)
{
    return byte == '{' || byte == '[';
}

static bool closes(char byte)
{
    return byte == '}' || byte == ']';
}

/* What follows a mistake is dropped up to the end of the line, or to the next object. */
static enum qmp_frame_result mistake(struct qmp_frame *frame, enum qmp_frame_result result)
{
    *frame = (struct qmp_frame){.state = FRAME_STRAY};
    return result;
}

static enum qmp_frame_result in_string(struct qmp_frame *frame, char byte)
{
    if (byte == '\n') {
        *frame = (struct qmp_frame){0};
        return QMP_FRAME_BROKEN_OFF;
    }
    if (frame->escaped)
        frame->escaped = false;
    else if (byte == '\\')
        frame->escaped = true;
    else if (byte == '"')
        frame->quoted = false;
    if (frame->quoted || frame->depth > 0)
        return QMP_FRAME_MORE;
    *frame = (struct qmp_frame){0};
    return QMP_FRAME_WHOLE;
}

static enum qmp_frame_result in_value(struct qmp_frame *frame, char byte)
{
    if (byte == BREAK_OFF)
        return mistake(frame, QMP_FRAME_BROKEN_OFF);
    if (frame->quoted)
        return in_string(frame, byte);
    if (byte == '"') {
        frame->quoted = true;
    } else if (opens(byte)) {
        if (++frame->depth > QMP_NESTING_MOST) {
            frame->state = FRAME_TOO_DEEP;
            return QMP_FRAME_DEEP;
        }
    } else if (closes(byte) && --frame->depth == 0) {
        *frame = (struct qmp_frame){0};
        return QMP_FRAME_WHOLE;
    }
    return QMP_FRAME_MORE;
}

static enum qmp_frame_result between(struct qmp_frame *frame, char byte)
{
    if (is_blank(byte))
        return QMP_FRAME_NOTHING;
    if (!opens(byte) && byte != '"')
        return mistake(frame, QMP_FRAME_NOT_OBJECT);
    frame->state = FRAME_VALUE;
    return in_value(frame, byte);
}

static enum qmp_frame_result stray(struct qmp_frame *frame, char byte)
{
    if (byte == '{') {
        *frame = (struct qmp_frame){0};
        return between(frame, byte);
    }
    if (byte == '\n')
        *frame = (struct qmp_frame){0};
    return QMP_FRAME_NOTHING;
}

/* Its brackets are only counted: the objects inside are no requests. */
static enum qmp_frame_result too_deep(struct qmp_frame *frame, char byte)
{
    frame->depth += opens(byte);
    frame->depth -= closes(byte);
    if (frame->depth == 0 || byte == '\n' || byte == BREAK_OFF)
        *frame = (struct qmp_frame){0};
    return QMP_FRAME_NOTHING;
}

static enum qmp_frame_result step(struct qmp_frame *frame, char byte)
{
    switch (frame->state) {
    case FRAME_VALUE:
        return in_value(frame, byte);
    case FRAME_STRAY:
        return stray(frame, byte);
    case FRAME_TOO_DEEP:
        return too_deep(frame, byte);
    default:
        return between(frame, byte);
    }
}

enum qmp_frame_result qmp_frame_next(struct qmp_frame *frame, const char *text, size_t length,
                                     size_t *end)
{
    const size_t begun = *end;

    for (size_t i = begun; i < length; i++) {
        const bool was_nothing = frame->state != FRAME_VALUE;
        const enum qmp_frame_result result = step(frame, text[i]);
        if (was_nothing && frame->state == FRAME_VALUE && i > 0) {
            *frame = (struct qmp_frame){0}; /* it begins here: what was before it goes first */
            *end = i;
            return QMP_FRAME_NOTHING;
        }
        *end = i + 1;
        if (result != QMP_FRAME_MORE && result != QMP_FRAME_NOTHING)
            return result;
    }
    *end = length;
    return frame->state == FRAME_VALUE ? QMP_FRAME_MORE : QMP_FRAME_NOTHING;
}
