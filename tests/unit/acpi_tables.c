/* SPDX-License-Identifier: MIT
 * A reader that knows only the RSDP finds every table whole, with a processor for each vCPU,
 * however many there are. */
#include "boot_images.h"

static struct memory *ram;

static uint64_t field(uint64_t table, unsigned offset, unsigned bytes)
{
    uint64_t value = 0;

    assert_true(table >= ACPI_GPA && table + offset + bytes <= BOOT_LOW_END);
    memcpy(&value, ram->ram + table + offset, bytes);
    return value;
}

static void whole(uint64_t table, unsigned bytes)
{
    uint8_t sum = 0;

    for (unsigned i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + field(table, i, 1));
    assert_int_equal(sum, 0);
}

static uint64_t table_at(uint64_t gpa, const char *signature)
{
    assert_memory_equal(ram->ram + gpa, signature, 4);
    whole(gpa, (unsigned)field(gpa, 4, 4));
    return gpa;
}

/* The processors that the MADT has under the ids 0, 1, 2 ... */
static uint32_t processors(uint64_t madt)
{
    const unsigned length = (unsigned)field(madt, 4, 4);
    uint32_t count = 0;
    unsigned at = 44;

    for (; at < length; at += (unsigned)field(madt, at + 1, 1)) {
        const uint64_t type = field(madt, at, 1);
        assert_true(field(madt, at + 1, 1) > 0);
        if (type == 0) {
            assert_int_equal(field(madt, at + 3, 1), count);
            assert_int_equal(field(madt, at + 4, 4), 1);
            count++;
        } else if (type == 9) {
            assert_int_equal(field(madt, at + 4, 4), count);
            assert_int_equal(field(madt, at + 8, 4), 1);
            count++;
        }
    }
    assert_int_equal(at, length);
    return count;
}

static void every_table_is_whole(void **state)
{
    const uint32_t vcpus[] = {1, 2, 64, 254, 255, 256, 1024};

    (void)state;
    for (size_t i = 0; i < sizeof vcpus / sizeof vcpus[0]; i++) {
        ram = boot_ram(RAM_BYTES);
        memset(ram->ram, 0xa5, BOOT_LOW_END + 1);
        assert_true(acpi_fits(vcpus[i]));
        acpi_write(ram, vcpus[i]);
        assert_memory_equal(ram->ram + ACPI_GPA, "RSD PTR ", 8);
        whole(ACPI_GPA, 20);
        whole(ACPI_GPA, 36);
        const uint64_t xsdt = table_at(field(ACPI_GPA, 24, 8), "XSDT");
        const uint64_t fadt = table_at(field(xsdt, 36, 8), "FACP");
        table_at(field(fadt, 140, 8), "DSDT");
        assert_int_equal(field(fadt, 40, 4), field(fadt, 140, 8));
        assert_memory_equal(ram->ram + field(fadt, 36, 4), "FACS", 4);
        assert_int_equal(processors(table_at(field(xsdt, 44, 8), "APIC")), vcpus[i]);
        assert_int_equal(ram->ram[ACPI_GPA - 1], 0xa5);
        assert_int_equal(ram->ram[BOOT_LOW_END], 0xa5);
        boot_ram_forget(ram);
    }
}

static void too_many_do_not_fit(void **state)
{
    (void)state;
    assert_true(acpi_fits(4096));
    assert_false(acpi_fits(ACPI_BYTES / 16 + 200));
    assert_false(acpi_fits(UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_whole),
        cmocka_unit_test(too_many_do_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
