/* SPDX-License-Identifier: MIT
 * Nano: the smallest kernel that makes one C file a bootable guest. The file defines guest_main(),
 * whose result becomes the exit status of the VM; everything runs in ring 0, on a stack of 16 KiB a
 * CPU, with all of RAM mapped at its guest-physical addresses. */
#ifndef HOLDFAST_NANO_H
#define HOLDFAST_NANO_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The guest's own program: 0 is success. A status that does not fit 8 bits counts as 255. */
int guest_main(void);

/* ---- console ---- */

/* Knows %d %i %u %x %X %c %s %p %%, the lengths l, ll and z, width, 0 and -. Safe on every CPU;
 * up to 256 bytes come out in one piece. */
int hf_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int hf_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* A byte from the console, or -1 when none has come. */
int nano_getchar(void);

/* Sleeps until a byte comes from the console, and returns it; on CPU 0 only. Opens line 4, the
 * console's. */
uint8_t nano_wait_for_byte(void);

/* The command line, --append of the VMM. */
const char *nano_command_line(void);

/* ---- tests ---- */

/* Ends guest_main() with 1 where the condition does not hold. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            hf_printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition);                       \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

/* The same for two numbers, which are printed. */
#define CHECK_EQUAL(got, wanted)                                                                   \
    do {                                                                                           \
        const uint64_t got_ = (uint64_t)(got);                                                     \
        const uint64_t wanted_ = (uint64_t)(wanted);                                               \
        if (got_ != wanted_) {                                                                     \
            hf_printf("FAILED %s:%d: %s is 0x%llx, wanted 0x%llx\n", __FILE__, __LINE__, #got,     \
                      (unsigned long long)got_, (unsigned long long)wanted_);                      \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

/* ---- exceptions ---- */

struct nano_exception {
    uint64_t vector;
    uint64_t error_code;
    uint64_t rip;
    uint64_t rsp;
    uint64_t rflags;
    uint64_t cs;
    uint64_t cr2;
};

/* Calls function(argument). true if it returned; false if it ended with an exception, which is
 * reported in *exception (may be NULL). May nest. Outside of it an exception ends the VM with
 * NANO_EXIT_EXCEPTION and a report on the console. */
bool nano_try(void (*function)(void *), void *argument, struct nano_exception *exception);

/* The same in ring 3. */
bool nano_try_user(void (*function)(void *), void *argument, struct nano_exception *exception);

/* Opens all ports below NANO_USER_PORTS to ring 3 on this CPU, or closes them again. */
#define NANO_USER_PORTS 0x5000u
void nano_user_ports(bool open);

#define NANO_EXIT_EXCEPTION 113

/* ---- interrupt lines ---- */

/* Opens one of the ISA lines 0 to 7, but not 2; CPU 0 takes its interrupts, each an edge. */
#define NANO_LINES 8u
void nano_line_open(uint32_t line);

/* How many there were since. nano_line_wait() sleeps until it is another number than seen; on CPU
 * 0 only. */
uint32_t nano_line_count(uint32_t line);
uint32_t nano_line_wait(uint32_t line, uint32_t seen);

/* ---- CPUs ---- */

#define NANO_CPUS 64u

/* How many CPUs run, and the caller's number; 0 is the one that runs guest_main(). */
uint32_t nano_cpus(void);
uint32_t nano_cpu(void);

/* Has another CPU call function(argument). It must be idle. */
void nano_run_on(uint32_t cpu, void (*function)(void *), void *argument);

/* Waits until that CPU is idle again. */
void nano_wait_for(uint32_t cpu);

/* ---- machine ---- */

__attribute__((noreturn)) void nano_exit(uint8_t status);

/* Resets the VM through port 0xcf9. */
__attribute__((noreturn)) void nano_reset(void);

static inline void nano_out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint64_t nano_tsc(void)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* ---- memory ---- */

/* Zeroed pages, one after another; NULL when there are none. The address is guest-physical. */
void *nano_pages(size_t count);
void nano_free_pages(void *pages, size_t count);
size_t nano_pages_free(void);

/* The page-table entry that maps an address, NULL if there is none. */
uint64_t *nano_pte(const void *address);

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);

#ifdef __cplusplus
}
#endif

#endif
