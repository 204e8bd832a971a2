/* SPDX-License-Identifier: MIT
 * A call that has waited for a second is told once in the log, with the condition of the guarantee
 * that is not met: here all mappings that the kernel allows are in use, in truth, and failures that
 * are made up. The call itself writes nothing. */
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/map_count.h"
#include "vmm/arena/room.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

#define TAG         0x54494157u
#define MAPS_SANE   (1u << 20) /* of which the test can use up all */
#define LINES_BYTES 4096u

static struct {
    struct memory *memory;
    struct arena *arena;
    struct hf_reserve window;
    pthread_t caller;
    _Atomic bool is_given_up;
    _Atomic bool is_there; /* the caller's thread has begun */
    _Atomic bool is_held;  /* the caller begins when it no longer is */
    _Atomic int status;
    int log; /* what is written to standard error */
    int stderr_before;
} it;

static _Thread_local bool is_caller;
static _Atomic uint32_t written_by_caller;

/* In place of the C library's. */
ssize_t write(int fd, const void *bytes, size_t count)
{
    if (is_caller)
        atomic_fetch_add(&written_by_caller, 1);
    return syscall(SYS_write, fd, bytes, count);
}

static bool wait_for_test(const struct arena_caller *caller, uint64_t nanoseconds)
{
    const struct timespec pause = {.tv_nsec = (long)nanoseconds};

    (void)caller;
    nanosleep(&pause, NULL);
    return !atomic_load(&it.is_given_up);
}

static const struct arena_caller vcpu = {.vcpu_fd = -1, .wait = wait_for_test};

static void *map_one_page(void *argument)
{
    struct hf_extent *list = (void *)(it.memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);
    struct hf_map map = {.window = it.window.window,
                         .page_offset = 1,
                         .list = {(RAM_PAGES - 1) * HF_PAGE_SIZE},
                         .extents = 1,
                         .tag = TAG,
                         .cache = HF_CACHE_CACHED};

    (void)argument;
    atomic_store(&it.is_there, true);
    while (atomic_load(&it.is_held))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    is_caller = true;
    list[0] = (struct hf_extent){1, 1, HF_RAM};
    atomic_store(&it.status, (int)arena_map(it.arena, &vcpu, &map));
    return NULL;
}

static void pause_ms(long milliseconds)
{
    const struct timespec pause = {.tv_sec = milliseconds / 1000,
                                   .tv_nsec = milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* What the log has, as soon as it has anything; "" after half a minute without. */
static void read_log(char text[LINES_BYTES])
{
    ssize_t got = 0;

    for (int tries = 0; tries < 300 && got <= 0; tries++) {
        pause_ms(100);
        got = pread(it.log, text, LINES_BYTES - 1, 0);
    }
    text[got > 0 ? got : 0] = '\0';
}

static uint32_t lines_of(const char *text)
{
    uint32_t lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void end_call(bool give_up)
{
    atomic_store(&it.is_given_up, give_up);
    pthread_join(it.caller, NULL);
    atomic_store(&it.is_given_up, false);
}

/* Where the guard is refused, too, there may be a hole all the while. */
static void what_is_made_up_is_told_once_and_not_by_the_call(void **state)
{
    char text[LINES_BYTES];

    (void)state;
    injection_set(memory_injection(it.memory), PRIMITIVE_MAP, 1);
    injection_set(memory_injection(it.memory), PRIMITIVE_GUARD, UINT32_MAX);
    assert_int_equal(pthread_create(&it.caller, NULL, map_one_page, NULL), 0);
    read_log(text);
    pause_ms(1500);
    read_log(text);
    injection_set(memory_injection(it.memory), PRIMITIVE_GUARD, 0);
    end_call(false);
    assert_int_equal(atomic_load(&written_by_caller), 0);
    assert_int_equal(atomic_load(&it.status), HF_OK);
    assert_non_null(strstr(text, ": MAP of window 0x"));
    assert_non_null(strstr(text, ", tag 0x54494157, has waited for a second: mmap: "));
    assert_non_null(strstr(text, "; a test makes it fail; it is tried again"));
    assert_int_equal(lines_of(text), 1);
}

/* Sanitizers map memory of their own, and all but the older ones for addresses end where they
 * cannot. */
#if defined __SANITIZE_THREAD__ || (defined __SANITIZE_ADDRESS__ && __GNUC__ > 12)
#define SANITIZER_NEEDS_MAPS true
#else
#define SANITIZER_NEEDS_MAPS false
#endif

/* Each second page of a piece of memory gets other rights, until the kernel allows no more: the
 * process has as many mappings as it may have then. */
static void use_up_maps(uint8_t *piece, uint64_t pages)
{
    for (uint64_t page = 0; page < pages; page += 2)
        if (mprotect(piece + page * HF_PAGE_SIZE, HF_PAGE_SIZE, PROT_READ) < 0)
            return;
}

static void a_map_count_that_is_used_up_is_told(void **state)
{
    char text[LINES_BYTES];
    struct map_count_files files;
    uint64_t most;

    (void)state;
    if (SANITIZER_NEEDS_MAPS)
        skip();
    map_count_open(&files);
    assert_true(map_count_allowed(&files, &most));
    map_count_close(&files);
    if (most > MAPS_SANE)
        skip();
    const size_t bytes = (most + 2) * HF_PAGE_SIZE;
    uint8_t *piece = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(piece != MAP_FAILED);
    assert_int_equal(pthread_create(&it.caller, NULL, map_one_page, NULL), 0);
    pthread_join(it.caller, NULL);
    assert_int_equal(atomic_load(&it.status), HF_OK); /* while there is room */
    const struct hf_unmap unmap = {it.window.window, 1, 1, TAG, 0};
    assert_int_equal(arena_unmap(it.arena, &no_vcpu, &unmap), HF_OK);

    /* Its thread takes mappings, too. */
    atomic_store(&it.is_there, false);
    atomic_store(&it.is_held, true);
    assert_int_equal(pthread_create(&it.caller, NULL, map_one_page, NULL), 0);
    while (!atomic_load(&it.is_there))
        pause_ms(1);
    use_up_maps(piece, most + 2);
    atomic_store(&it.is_held, false);
    read_log(text);
    munmap(piece, bytes);
    end_call(false);
    assert_int_equal(atomic_load(&it.status), HF_OK);
    assert_non_null(strstr(text, " mappings, and vm.max_map_count is "));
}

static void a_lowered_map_count_is_told(void **state)
{
    const struct arena_rescue rescue = {
        .call = "MAP", .system_call = "mmap", .error = ENOMEM, .has_lent = true};
    struct arena_vmas *vmas = &it.arena->vmas;
    char enough[UNMET_TEXT];
    char used_up[UNMET_TEXT];

    (void)state;
    if (SANITIZER_NEEDS_MAPS)
        skip();
    if (vmas->most > MAPS_SANE)
        skip();
    const uint64_t most = vmas->most;
    const size_t bytes = (most + 2) * HF_PAGE_SIZE;
    uint8_t *piece = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(piece != MAP_FAILED);
    vmas->most = most + 1000; /* as if it had been more at the start */
    unmet_text(it.arena, &rescue, enough);
    use_up_maps(piece, most + 2);
    unmet_text(it.arena, &rescue, used_up);
    munmap(piece, bytes);
    assert_null(strstr(enough, "vm.max_map_count"));
    assert_non_null(strstr(used_up, "vm.max_map_count was lowered from "));
}

static void ballast_that_was_lent_before_is_told(void **state)
{
    const struct arena_rescue rescue = {.call = "MAP", .system_call = "madvise", .error = ENOMEM};
    char text[UNMET_TEXT];

    (void)state;
    unmet_text(it.arena, &rescue, text);
    assert_non_null(strstr(text, "; the ballast was lent before, or not to be had"));
}

static int setup(void **state)
{
    const struct arena_config config = {.windows = 8, .vcpus = 2, .keep_files = true};
    struct error error;

    (void)state;
    it.memory = make_memory();
    set_aside(it.memory);
    it.memory->can_prefault = false;
    it.arena = arena_create(it.memory, &config, &error);
    assert_non_null(it.arena);
    it.window = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(it.arena, &no_vcpu, &it.window), HF_OK);
    it.log = memfd_create("log", MFD_CLOEXEC);
    it.stderr_before = dup(STDERR_FILENO);
    assert_true(it.log >= 0 && dup2(it.log, STDERR_FILENO) == STDERR_FILENO);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(it.arena);
    forget(it.memory);
    dup2(it.stderr_before, STDERR_FILENO);
    close(it.stderr_before);
    close(it.log);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_made_up_is_told_once_and_not_by_the_call, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_map_count_that_is_used_up_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lowered_map_count_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(ballast_that_was_lent_before_is_told, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
