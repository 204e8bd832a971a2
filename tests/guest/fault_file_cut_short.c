/* SPDX-License-Identifier: MIT
 * A file is cut short while it is mapped. Every access to a page that it no longer has ends with
 * #GP at its instruction, in either ring, with interrupts on; the page that it has kept is as
 * before. */
/* before: truncate -s 16K "$work/file" */
/* before: cut() { grep -q cut "$work/file" && truncate -s 4K "$work/file"; } */
/* before: (for _ in $(seq 300); do ! cut || break; sleep 0.1; done) >/dev/null 2>&1 & */
/* vm: --object "name=file,path=$work/file" */
/* log: mapped, but .*Bad address: #GP */
#include "access.h"
#include "raw_calls.h"

#define INTERRUPTS_ON 0x200u

typedef void access_form(void *at);
typedef bool try_in_ring(access_form *form, void *at, struct nano_exception *exception);

extern const char reads[], writes[], adds[], copies[], pops[], stores[];

static void read_byte(void *at)
{
    __asm__ volatile("reads: movb (%0), %%al" : : "r"(at) : "rax", "memory");
}

static void write_byte(void *at)
{
    __asm__ volatile("writes: movb $1, (%0)" : : "r"(at) : "memory");
}

static void add_to_word(void *at)
{
    __asm__ volatile("adds: lock addq $1, (%0)" : : "r"(at) : "memory", "cc");
}

static void copy_to_it(void *at)
{
    char from[16];
    const void *source = from;
    uint64_t count = sizeof from;

    memset(from, 'x', sizeof from);
    __asm__ volatile("copies: rep movsb" : "+D"(at), "+S"(source), "+c"(count) : : "memory");
}

static void pop_from_it(void *at)
{
    uint64_t stack;

    __asm__ volatile("mov %%rsp, %0; mov %1, %%rsp; pops: pop %%rax; mov %0, %%rsp"
                     : "=&r"(stack)
                     : "r"(at)
                     : "rax", "memory");
}

/* The mask might leave out all. */
static void store_masked(void *at)
{
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm1, %%xmm1; "
                     "stores: maskmovdqu %%xmm1, %%xmm0"
                     :
                     : "D"(at)
                     : "memory");
}

static void enable_sse(void)
{
    uint64_t cr4;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 3u << 9));
}

static void execute(void *at)
{
    ((void (*)(void))(uintptr_t)at)();
}

static int check(try_in_ring *try, access_form *form, const char *instruction, char *at)
{
    struct nano_exception it = {.vector = 0};

    CHECK(!try(form, at, &it));
    CHECK_EQUAL(it.vector, VECTOR_GP);
    CHECK_EQUAL(it.error_code, 0);
    CHECK_EQUAL(it.rip, (uintptr_t)instruction);
    CHECK((it.rflags & INTERRUPTS_ON) != 0);
    return 0;
}

static int check_forms(try_in_ring *try, char *at)
{
    CHECK_EQUAL(check(try, read_byte, reads, at), 0);
    CHECK_EQUAL(check(try, write_byte, writes, at + 4095), 0);
    CHECK_EQUAL(check(try, add_to_word, adds, at), 0);
    CHECK_EQUAL(check(try, copy_to_it, copies, at), 0);
    CHECK_EQUAL(check(try, execute, at, at), 0);
    return 0;
}

int guest_main(void)
{
    struct hf_window window;
    struct hf_object_open file;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("file", &file), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {0, 4, file.id};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    char *const kept = window.address;
    char *const lost = kept + 3 * 4096;

    CHECK(nano_try_user(write_byte, lost, NULL) && nano_try(read_byte, lost, NULL));
    memcpy(kept, "cut", 3);
    while (nano_try_user(read_byte, lost, NULL))
        ;
    CHECK_EQUAL(check_forms(nano_try_user, lost), 0);
    CHECK_EQUAL(check_forms(nano_try, lost), 0);
    enable_sse();
    CHECK_EQUAL(check(nano_try_user, store_masked, stores, lost), 0);
    /* Not in ring 0, which would take the exception on that stack. */
    CHECK_EQUAL(check(nano_try_user, pop_from_it, pops, lost), 0);
    CHECK_EQUAL(memcmp(kept, "cut", 3), 0);
    CHECK(nano_try_user(write_byte, kept, NULL) && nano_try(write_byte, kept, NULL));
    return 0;
}
