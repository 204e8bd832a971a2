/* SPDX-License-Identifier: MIT
 * The end of an emulator that does not run the machine. libvirt joins the monitor that it has
 * handed down before it looks at what the emulator has said; one that is gone by then is told as a
 * socket where nobody listens, and not with its line. */
#include "vmm/libvirt/libvirt.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 3000

/* The descriptor of a socket on which the emulator is to listen; -1: the option names none. */
static int handed_down(const char *chardev)
{
    struct error error;
    uint64_t fd = UINT64_MAX;
    json_t *words = words_parse("-chardev", chardev, "backend", &error);

    if (words == NULL)
        return -1;
    const char *text = words_get(words, "fd");
    const char *server = words_get(words, "server");
    const bool listens = server != NULL && strcmp(server, "on") == 0;
    const bool is = text != NULL && listens && words_number(text, 1, &fd) && fd <= INT32_MAX;
    json_decref(words);
    return is ? (int)fd : -1;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Signals come in between: a shell's children, an operator. */
static void wait_for_client(int listener)
{
    const int64_t end = now_ms() + PATIENCE_MS;
    struct pollfd client = {.fd = listener, .events = POLLIN};

    for (int64_t left = PATIENCE_MS; left > 0; left = end - now_ms())
        if (poll(&client, 1, (int)left) >= 0 || errno != EINTR)
            return;
}

void libvirt_refused(const struct libvirt *libvirt, int argc, char **argv)
{
    if (libvirt != NULL && libvirt->joined)
        return;
    for (int i = 1; i + 1 < argc; i++) {
        const int listener = strcmp(argv[i], "-chardev") == 0 ? handed_down(argv[i + 1]) : -1;
        if (listener >= 0)
            wait_for_client(listener);
    }
}
