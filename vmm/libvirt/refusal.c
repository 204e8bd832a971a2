/* SPDX-License-Identifier: MIT
 * The end of an emulator that does not run the machine. libvirt joins the monitor that it has
 * handed down before it looks at what the emulator has said. One that is gone by then is told as a
 * socket where nobody listens, and a connection that ends while the emulator is not quite gone as
 * just that, and not with its line. So its connection outlives the emulator. */
#include "vmm/libvirt/libvirt.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

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

/* The client's descriptor, or -1. Signals come in between: a shell's children, an operator. */
static int take_client(int listener)
{
    const int64_t end = now_ms() + PATIENCE_MS;
    struct pollfd client = {.fd = listener, .events = POLLIN};

    for (int64_t left = PATIENCE_MS; left > 0; left = end - now_ms())
        if (poll(&client, 1, (int)left) >= 0 || errno != EINTR)
            break;
    return (client.revents & POLLIN) != 0 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
}

/* Keeps nothing else open, above all no lock. Other threads may be there: only system calls. */
static void hold_in_a_child(int client)
{
    const struct timespec until_it_is_gone = {.tv_nsec = 300000000};

    if (client < 0 || fork() != 0)
        return;
    if (client > 0)
        close_range(0, (unsigned)client - 1, 0);
    close_range((unsigned)client + 1, UINT_MAX, 0);
    nanosleep(&until_it_is_gone, NULL);
    _exit(0);
}

void libvirt_runs(struct libvirt *libvirt)
{
    if (libvirt != NULL)
        libvirt->runs = true;
}

void libvirt_refused(const struct libvirt *libvirt, int argc, char **argv)
{
    if (libvirt != NULL && (libvirt->joined || libvirt->runs))
        return;
    for (int i = 1; i + 1 < argc; i++) {
        const int listener = strcmp(argv[i], "-chardev") == 0 ? handed_down(argv[i + 1]) : -1;
        if (listener >= 0)
            hold_in_a_child(take_client(listener));
    }
}
