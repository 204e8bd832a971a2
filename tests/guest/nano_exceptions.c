/* SPDX-License-Identifier: MIT
 * An exception is reported with its vector, error code, address and instruction, from ring 0 and
 * from ring 3; what was done before it stands, and the guest goes on. */
#include "nano.h"

#define BEYOND 0x123456789000ull /* nothing is mapped there */

enum { DE = 0, BP = 3, UD = 6, GP = 13, PF = 14 };
enum { PF_WRITE = 2, PF_USER = 4 };

extern const char at_ud[], at_de[], at_gp[], at_read[], at_write[], at_cli[];
static volatile unsigned before;

static void undefined(void *argument)
{
    (void)argument;
    before++;
    __asm__ volatile("at_ud: ud2");
    before += 100;
}

static void divide(void *argument)
{
    uint32_t low = 1;
    uint32_t high = 0;

    (void)argument;
    before++;
    __asm__ volatile("at_de: divl %2" : "+a"(low), "+d"(high) : "r"(0) : "cc");
    before += 100;
}

static void not_canonical(void *argument)
{
    uint64_t value;

    (void)argument;
    before++;
    __asm__ volatile("at_gp: movq (%1), %0" : "=r"(value) : "r"(1ull << 63));
    before += 100;
}

static void read(void *argument)
{
    uint64_t value;

    before++;
    __asm__ volatile("at_read: movq (%1), %0" : "=r"(value) : "r"(argument));
    before += 100;
}

static void write(void *argument)
{
    before++;
    __asm__ volatile("at_write: movq %0, (%1)" : : "r"(5ull), "r"(argument) : "memory");
    before += 100;
}

static void interrupts_off(void *argument)
{
    (void)argument;
    before++;
    __asm__ volatile("at_cli: cli");
    before += 100;
}

static const struct {
    void (*function)(void *);
    const char *rip;
    uint64_t vector;
    uint64_t error_code; /* in ring 0 */
    uint64_t argument;
    bool only_user;
} cases[] = {
    {undefined, at_ud, UD, 0, 0, false},
    {divide, at_de, DE, 0, 0, false},
    {not_canonical, at_gp, GP, 0, 0, false},
    {read, at_read, PF, 0, BEYOND + 8, false},
    {write, at_write, PF, PF_WRITE, BEYOND + 0xff8, false},
    {interrupts_off, at_cli, GP, 0, 0, true},
};

static int check(unsigned i, bool user)
{
    struct nano_exception exception;
    void *const argument = (void *)cases[i].argument;

    memset(&exception, 0xff, sizeof exception);
    before = 0;
    CHECK(!(user ? nano_try_user(cases[i].function, argument, &exception)
                 : nano_try(cases[i].function, argument, &exception)));
    CHECK_EQUAL(before, 1);
    CHECK_EQUAL(exception.vector, cases[i].vector);
    CHECK_EQUAL(exception.rip, (uintptr_t)cases[i].rip);
    CHECK_EQUAL(exception.cs & 3, user ? 3 : 0);
    const uint64_t user_bit = user && cases[i].vector == PF ? PF_USER : 0;
    CHECK_EQUAL(exception.error_code, cases[i].error_code | user_bit);
    if (cases[i].vector == PF)
        CHECK_EQUAL(exception.cr2, cases[i].argument);
    return 0;
}

int guest_main(void)
{
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            for (unsigned user = cases[i].only_user; user < 2; user++) {
                if (check(i, user != 0) != 0) {
                    hf_printf("case %u, user %u\n", i, user);
                    return 1;
                }
            }
        }
    }
    return 0;
}
