/* SPDX-License-Identifier: MIT
 * hf_printf() formats as printf() does, as far as it goes. */
/* console: ^-5 7 4294967295 ff FF 18446744073709551615 -9223372036854775808 abc!% 0x1000$ */
/* console: ^\[   42\]\[42   \]\[00042\]\[-0042\]\[  abc\]\[abc  \]\[0000beef\]\[\(null\)\]$ */
/* console: ^x{300}$ */
#include "nano.h"

int guest_main(void)
{
    const char *volatile nothing = NULL; /* or the compiler objects */
    char long_line[301];
    const int length = hf_printf("%d %i %u %x %X %lu %ld %s%c%% %p\n", -5, 7, UINT32_MAX, 255u,
                                 255u, UINT64_MAX, INT64_MIN, "abc", '!', (void *)0x1000);

    CHECK_EQUAL(length, 77);
    hf_printf("[%5d][%-5d][%05d][%05d][%5s][%-5s][%08x][%s]\n", 42, 42, 42, -42, "abc", "abc",
              0xbeefu, nothing);
    memset(long_line, 'x', 300);
    long_line[300] = '\0';
    hf_printf("%s\n", long_line);
    return 0;
}
