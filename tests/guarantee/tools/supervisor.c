/* SPDX-License-Identifier: MIT
 * supervisor PATH: what listens where NOTIFY_SOCKET leads. Says "listens", and then what it is
 * told, a line for each datagram, with | between the lines of one. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char text[4096];

    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[1]);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) < 0) {
        perror("supervisor");
        return 1;
    }
    printf("listens\n");
    for (;;) {
        fflush(stdout);
        const ssize_t length = recv(listener, text, sizeof text - 1, 0);
        if (length < 0) {
            perror("supervisor");
            return 1;
        }
        text[length] = '\0';
        for (char *end = strchr(text, '\n'); end != NULL; end = strchr(end, '\n'))
            *end = '|';
        printf("%s\n", text);
    }
}
