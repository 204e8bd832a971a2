/* SPDX-License-Identifier: MIT
 * The console: a serial port, and printf. */
#include "cpu.h"
#include "lock.h"

#define SERIAL       0x3f8u
#define CONSOLE_LINE 4u /* the interrupt line of such a port on a PC */
#define LINE         256u

static struct nano_lock lock;

struct output {
    char text[LINE];
    size_t length;
    int total;
};

/* One instruction for the whole line: the VMM gets it in one exit. The lock is held only here:
 * formatting may end with an exception, whose report needs the console, too. */
static void send(struct output *out)
{
    const char *text = out->text;
    size_t length = out->length;
    const uint64_t state = nano_lock_take(&lock);

    __asm__ volatile("rep outsb" : "+S"(text), "+c"(length) : "d"((uint16_t)SERIAL) : "memory");
    nano_lock_give(&lock, state);
    out->length = 0;
}

static void put(struct output *out, char c)
{
    if (out->length == LINE)
        send(out);
    out->text[out->length++] = c;
    out->total++;
}

struct format {
    bool left;
    bool zeros;
    bool is_long;
    int width;
};

static void put_padded(struct output *out, const struct format *format, const char *text,
                       int length)
{
    int padding = format->width - length;

    if (!format->left) {
        /* A sign comes before the zeros. */
        if (format->zeros && length > 0 && *text == '-') {
            put(out, *text++);
            length--;
        }
        for (; padding > 0; padding--)
            put(out, format->zeros ? '0' : ' ');
    }
    for (int i = 0; i < length; i++)
        put(out, text[i]);
    for (; padding > 0; padding--)
        put(out, ' ');
}

static void put_number(struct output *out, const struct format *format, uint64_t value,
                       unsigned base, bool negative, bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24];
    int at = sizeof text;

    do {
        text[--at] = digits[value % base];
        value /= base;
    } while (value != 0);
    if (negative)
        text[--at] = '-';
    put_padded(out, format, text + at, (int)sizeof text - at);
}

static const char *read_format(const char *at, struct format *format)
{
    *format = (struct format){0};
    for (; *at == '-' || *at == '0'; at++) {
        format->left |= *at == '-';
        format->zeros |= *at == '0';
    }
    for (; *at >= '0' && *at <= '9'; at++)
        format->width = format->width * 10 + (*at - '0');
    for (; *at == 'l' || *at == 'z'; at++)
        format->is_long = true;
    return at;
}

static void put_argument(struct output *out, struct format *format, char kind, va_list *args)
{
    switch (kind) {
    case 'd':
    case 'i': {
        const int64_t value = format->is_long ? va_arg(*args, long) : va_arg(*args, int);
        put_number(out, format, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0,
                   false);
        break;
    }
    case 'u':
    case 'x':
    case 'X': {
        const uint64_t value =
            format->is_long ? va_arg(*args, unsigned long) : va_arg(*args, unsigned);
        put_number(out, format, value, kind == 'u' ? 10 : 16, false, kind == 'X');
        break;
    }
    case 'p':
        put(out, '0');
        put(out, 'x');
        put_number(out, format, (uintptr_t)va_arg(*args, void *), 16, false, false);
        break;
    case 's': {
        const char *text = va_arg(*args, const char *);
        if (text == NULL)
            text = "(null)";
        put_padded(out, format, text, (int)strlen(text));
        break;
    }
    case 'c': {
        const char c = (char)va_arg(*args, int);
        put_padded(out, format, &c, 1);
        break;
    }
    default:
        put(out, kind);
        break;
    }
}

int hf_vprintf(const char *format, va_list args)
{
    struct output out = {.length = 0, .total = 0};
    struct format one;
    va_list rest;

    va_copy(rest, args);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            put(&out, *at);
            continue;
        }
        at = read_format(at + 1, &one);
        if (*at == '\0')
            break;
        put_argument(&out, &one, *at, &rest);
    }
    send(&out);
    va_end(rest);
    return out.total;
}

int hf_printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int total = hf_vprintf(format, args);
    va_end(args);
    return total;
}

/* The WDK's name for it (holdfast/wdm.h). */
uint32_t DbgPrint(const char *format, ...);

uint32_t DbgPrint(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hf_vprintf(format, args);
    va_end(args);
    return 0; /* STATUS_SUCCESS */
}

int nano_getchar(void)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((uint16_t)(SERIAL + 5)));
    if ((value & 1) == 0)
        return -1;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((uint16_t)SERIAL));
    return value;
}

uint8_t nano_wait_for_byte(void)
{
    int byte = nano_getchar();

    if (byte < 0) {
        nano_line_open(CONSOLE_LINE);
        uint32_t seen = nano_line_count(CONSOLE_LINE);
        write_port(SERIAL + 4, 0x08); /* on a PC it opens the way to the line */
        write_port(SERIAL + 1, 0x01); /* raise it when there is a byte */
        while ((byte = nano_getchar()) < 0)
            seen = nano_line_wait(CONSOLE_LINE, seen);
        write_port(SERIAL + 1, 0);
    }
    return (uint8_t)byte;
}
