/* SPDX-License-Identifier: MIT
 * replay CORPUS...: runs a target without libFuzzer, on all inputs of these folders, and then for a
 * while on inputs that are made of them by chance. HOLDFAST_SEED repeats a run, HOLDFAST_SECONDS
 * (default: 2) says for how long.
 *
 * An input that fails is written to a file, whose name is printed: `PROGRAM FILE` tries it again.
 */
#include "tests/fuzz/target.h"
#include "tests/unit/chance.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define INPUTS_MOST     4096u
#define INPUT_MOST      ((size_t)1 << 16)
#define SECONDS         2
#define PROCESSOR_LIMIT 20 /* seconds of processor time that one input may take */

#pragma weak LLVMFuzzerInitialize
#pragma weak fuzz_reached
void __sanitizer_set_death_callback(void (*callback)(void));

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input corpus[INPUTS_MOST];
static size_t corpus_count;
static struct input now; /* is being tried */
static char failed_path[256];

/* ---- what fails ---- */

static void keep_input(void)
{
    const int fd = open(failed_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, now.bytes, now.size) != (ssize_t)now.size)
        return;
    close(fd);
    dprintf(STDERR_FILENO, "the input that failed, %zu bytes, is in %s\n", now.size, failed_path);
}

static void on_signal(int number)
{
    static const char slow[] = "the input took too much processor time\n";

    if (number == SIGPROF && write(STDERR_FILENO, slow, sizeof slow - 1) < 0)
        _exit(1);
    keep_input();
    _exit(1);
}

static void try_input(struct input input)
{
    const struct itimerval limit = {.it_value.tv_sec = PROCESSOR_LIMIT};
    uint8_t *exact = malloc(input.size); /* the sanitizer sees a step beyond */

    if (exact == NULL)
        abort();
    now = input;
    if (input.size > 0)
        memcpy(exact, input.bytes, input.size);
    setitimer(ITIMER_PROF, &limit, NULL);
    LLVMFuzzerTestOneInput(exact, input.size);
    setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL);
    free(exact);
}

/* ---- the corpus ---- */

static void read_input(const char *path)
{
    FILE *file = fopen(path, "re");
    uint8_t *bytes = malloc(INPUT_MOST);

    if (file == NULL || bytes == NULL || corpus_count == INPUTS_MOST) {
        fprintf(stderr, "%s: cannot be read, or is one too many\n", path);
        exit(1);
    }
    corpus[corpus_count++] = (struct input){bytes, fread(bytes, 1, INPUT_MOST, file)};
    fclose(file);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_folder(const char *path)
{
    struct dirent **entries;
    const int count = scandir(path, &entries, is_visible, alphasort);

    for (int i = 0; i < count; i++) {
        char file[512];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        read_input(file);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void read_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        fprintf(stderr, "%s: no such file or folder\n", path);
        exit(1);
    }
    if (S_ISDIR(info.st_mode))
        read_folder(path);
    else
        read_input(path);
}

/* ---- chance ---- */

/* Flips, overwrites, inserts, deletes, repeats, or takes the rest of another. */
static void damage(struct input *input)
{
    const size_t at = below(input->size + 1);
    const size_t rest = input->size - at;
    const size_t count = 1 + below(one_in(4) ? 64 : 8);
    const struct input *other = &corpus[below(corpus_count)];

    switch (below(6)) {
    case 0:
        if (rest > 0)
            input->bytes[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        for (size_t i = 0; i < count && i < rest; i++)
            input->bytes[at + i] = (uint8_t)random_64();
        break;
    case 2:
        if (count <= INPUT_MOST - input->size) {
            memmove(input->bytes + at + count, input->bytes + at, rest);
            memset(input->bytes + at, (int)below(256), count);
            input->size += count;
        }
        break;
    case 3:
        if (count <= rest) {
            memmove(input->bytes + at, input->bytes + at + count, rest - count);
            input->size -= count;
        }
        break;
    case 4:
        if (rest <= INPUT_MOST - input->size) {
            memmove(input->bytes + input->size, input->bytes + at, rest);
            input->size += rest;
        }
        break;
    default:
        if (at < other->size) {
            memcpy(input->bytes + at, other->bytes + at, other->size - at);
            input->size = other->size;
        }
        break;
    }
}

static void make_input(struct input *input)
{
    input->size = 0;
    if (corpus_count == 0 || one_in(16)) {
        for (input->size = below(1024); input->size > 0 && one_in(2); input->size /= 2)
            ;
        for (size_t i = 0; i < input->size; i++)
            input->bytes[i] = (uint8_t)random_64();
    }
    if (corpus_count == 0)
        return;
    if (input->size == 0) {
        const struct input *from = &corpus[below(corpus_count)];
        memcpy(input->bytes, from->bytes, from->size);
        input->size = from->size;
    }
    for (uint64_t times = 1 + below(5); times > 0; times--)
        damage(input);
}

static time_t now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* The number of inputs that were made. */
static uint64_t try_made_inputs(uint64_t seed, int seconds)
{
    static uint8_t room[INPUT_MOST];
    struct input input = {room, 0};
    uint64_t count = 0;

    chance_take_seed(seed);
    for (const time_t end = now_s() + seconds; now_s() < end; count++) {
        make_input(&input);
        try_input(input);
    }
    return count;
}

int main(int count, char **arguments)
{
    const char *wanted = getenv("HOLDFAST_SEED");
    const char *seconds = getenv("HOLDFAST_SECONDS");
    const uint64_t seed = wanted != NULL ? strtoull(wanted, NULL, 0) : 0x2545f4914f6cdd1du;
    struct sigaction action = {.sa_handler = on_signal};

    setenv("CMOCKA_TEST_ABORT", "1", 1); /* an assertion ends the process */
    snprintf(failed_path, sizeof failed_path, "%s-failed", arguments[0]);
    sigaction(SIGABRT, &action, NULL);
    sigaction(SIGPROF, &action, NULL);
    __sanitizer_set_death_callback(keep_input);
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&count, &arguments);
    for (int i = 1; i < count; i++)
        read_path(arguments[i]);
    for (size_t i = 0; i < corpus_count; i++)
        try_input(corpus[i]);
    printf("%zu inputs replayed\n", corpus_count);
    const uint64_t made = try_made_inputs(seed, seconds != NULL ? atoi(seconds) : SECONDS);
    printf("HOLDFAST_SEED=0x%" PRIx64 ": %" PRIu64 " inputs made\n", seed, made);
    if (fuzz_reached != NULL && corpus_count > 1) /* not where one input is tried again */
        fuzz_reached();
    for (size_t i = 0; i < corpus_count; i++)
        free(corpus[i].bytes);
    return 0;
}
