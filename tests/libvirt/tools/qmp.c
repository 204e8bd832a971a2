/* SPDX-License-Identifier: MIT
 * qmp SOCKET COMMAND ...: sends commands without arguments to a monitor and prints what it says, up
 * to the answer to the last. For places without Python. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Prints lines up to an answer. */
static int answered(FILE *stream)
{
    char line[4096];

    while (fgets(line, sizeof line, stream) != NULL) {
        fputs(line, stdout);
        if (strstr(line, "\"error\"") != NULL)
            return -1;
        if (strstr(line, "\"return\"") != NULL)
            return 0;
    }
    return -1;
}

static int ask(FILE *stream, const char *command)
{
    fprintf(stream, "{\"execute\":\"%s\"}\r\n", command);
    fflush(stream);
    return answered(stream);
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc < 3 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[1]);
    FILE *stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
    if (stream == NULL || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        perror(argv[1]);
        return 1;
    }
    int result = ask(stream, "qmp_capabilities");
    for (int i = 2; i < argc && result == 0; i++)
        result = ask(stream, argv[i]);
    return result == 0 ? 0 : 1;
}
