/* SPDX-License-Identifier: MIT
 * The ACPI tables (ACPI specification 6): processors and interrupt controllers, how to turn the
 * machine off and how to reset it. The DSDT is compiled from dsdt.asl. */
#include "image.h"

#include "vmm/devices/cmos.h"
#include "vmm/devices/power.h"
#include "vmm/memory/memory.h"

#include <assert.h>
#include <string.h>

#include "dsdt.hex"

#define LOCAL_APIC         0xfee00000u
#define IO_APIC            0xfec00000u
#define APIC_IDS_OF_8_BITS 255u

#define SCI               POWER_IRQ
#define LEVEL_ACTIVE_HIGH 0x0du

#define packed       __attribute__((packed))
/* Characters that fill their array: no 0 comes after them. */
#define unterminated __attribute__((nonstring))

struct packed header {
    unterminated char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    unterminated char oem[6];
    unterminated char oem_table[8];
    uint32_t oem_revision;
    unterminated char compiler[4];
    uint32_t compiler_revision;
};
_Static_assert(sizeof(struct header) == 36, "ACPI 5.2.6");

struct packed address { /* generic address structure */
    uint8_t space, bits, offset, access;
    uint64_t at;
};

#define IO_PORT(port, width)                                                                       \
    {                                                                                              \
        1, width, 0, (width) / 8, port                                                             \
    }

struct packed rsdp {
    unterminated char signature[8];
    uint8_t checksum;
    unterminated char oem[6];
    uint8_t revision;
    uint32_t rsdt, length;
    uint64_t xsdt;
    uint8_t checksum_of_all, reserved[3];
};

struct packed xsdt {
    struct header header;
    uint64_t table[2];
};

struct packed facs {
    unterminated char signature[4];
    uint32_t length, hardware, vector32, lock, flags;
    uint64_t vector64;
    uint8_t version, reserved[31];
};
_Static_assert(sizeof(struct facs) == 64, "ACPI 5.2.10");

struct packed fadt {
    struct header header;
    uint32_t facs, dsdt;
    uint8_t reserved, profile;
    uint16_t sci;
    uint32_t smi_port;
    uint8_t smi_values[4];
    uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0, gpe1;
    uint8_t pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
    uint8_t gpe0_length, gpe1_length, gpe1_base, cst;
    uint16_t c2_latency, c3_latency, flush_size, flush_stride;
    uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
    uint16_t boot_flags;
    uint8_t reserved2;
    uint32_t flags;
    struct address reset;
    uint8_t reset_value;
    uint16_t arm_flags;
    uint8_t minor;
    uint64_t x_facs, x_dsdt;
    struct address x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control;
    struct address x_pm_timer, x_gpe0, x_gpe1, sleep_control, sleep_status;
    uint64_t hypervisor;
};
_Static_assert(sizeof(struct fadt) == 276, "ACPI 5.2.9, version 6");

#define FADT_WBINVD   (1u << 0)
#define FADT_NO_SLEEP (1u << 5) /* no button for it; that for power is in PM1 */
#define FADT_RESET    (1u << 10)
#define BOOT_NO_VGA   (1u << 2)
#define LATENCY_NO_C2 101u
#define LATENCY_NO_C3 1001u

struct packed madt {
    struct header header;
    uint32_t local_apic, flags;
};
#define MADT_HAS_PIC 1u

struct packed madt_local_apic {
    uint8_t type, length, processor, id;
    uint32_t flags;
};

struct packed madt_x2apic {
    uint8_t type, length;
    uint16_t reserved;
    uint32_t id, flags, processor;
};

struct packed madt_io_apic {
    uint8_t type, length, id, reserved;
    uint32_t address, first_gsi;
};

struct packed madt_override {
    uint8_t type, length, bus, source;
    uint32_t gsi;
    uint16_t flags;
};

struct packed madt_nmi {
    uint8_t type, length, processor;
    uint16_t flags;
    uint8_t line;
};

/* The tables of fixed length, one after the other; the MADT is the last. */
struct layout {
    struct rsdp rsdp;
    _Alignas(16) struct xsdt xsdt;
    _Alignas(64) struct facs facs;
    _Alignas(16) struct fadt fadt;
    _Alignas(16) uint8_t dsdt[sizeof dsdt_aml_code];
    _Alignas(16) uint8_t madt[];
};

#define GPA_OF(table) (ACPI_GPA + offsetof(struct layout, table))

static size_t madt_bytes(uint32_t vcpus)
{
    const size_t narrow = vcpus < APIC_IDS_OF_8_BITS ? vcpus : APIC_IDS_OF_8_BITS;

    return sizeof(struct madt) + narrow * sizeof(struct madt_local_apic) +
           (vcpus - narrow) * sizeof(struct madt_x2apic) + sizeof(struct madt_io_apic) +
           sizeof(struct madt_override) + sizeof(struct madt_nmi);
}

bool acpi_fits(uint32_t vcpus)
{
    return vcpus <= ACPI_BYTES && madt_bytes(vcpus) <= ACPI_BYTES - sizeof(struct layout);
}

static uint8_t checksum(const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    uint8_t sum = 0;

    while (count-- > 0)
        sum = (uint8_t)(sum + *at++);
    return (uint8_t)-sum;
}

static struct header header(const char *signature, size_t length, uint8_t revision)
{
    struct header header = {
        .length = (uint32_t)length,
        .revision = revision,
        .oem = "HFAST ",
        .oem_table = "HOLDFAST",
        .oem_revision = 1,
        .compiler = "HFST",
        .compiler_revision = 1,
    };

    memcpy(header.signature, signature, sizeof header.signature);
    return header;
}

static void *add(uint8_t **at, const void *entry, size_t bytes)
{
    void *where = memcpy(*at, entry, bytes);

    *at += bytes;
    return where;
}

static void write_madt(uint8_t *table, uint32_t vcpus)
{
    const struct madt madt = {header("APIC", madt_bytes(vcpus), 5), LOCAL_APIC, MADT_HAS_PIC};
    const struct madt_io_apic io_apic = {1, sizeof io_apic, 0, 0, IO_APIC, 0};
    /* The other interrupts of the ISA bus arrive at the pins of their numbers, as edges. */
    const struct madt_override sci = {2, sizeof sci, 0, SCI, SCI, LEVEL_ACTIVE_HIGH};
    const struct madt_nmi nmi = {4, sizeof nmi, 0xff, 0, 1};
    uint8_t *at = table;

    add(&at, &madt, sizeof madt);
    for (uint32_t i = 0; i < vcpus; i++) {
        const struct madt_local_apic narrow = {0, sizeof narrow, (uint8_t)i, (uint8_t)i, 1};
        const struct madt_x2apic wide = {9, sizeof wide, 0, i, 1, i};
        if (i < APIC_IDS_OF_8_BITS)
            add(&at, &narrow, sizeof narrow);
        else
            add(&at, &wide, sizeof wide);
    }
    add(&at, &io_apic, sizeof io_apic);
    add(&at, &sci, sizeof sci);
    add(&at, &nmi, sizeof nmi);
    ((struct header *)(void *)table)->checksum = checksum(table, madt_bytes(vcpus));
}

static struct fadt make_fadt(void)
{
    struct fadt fadt = {
        .header = header("FACP", sizeof fadt, 6),
        .facs = GPA_OF(facs),
        .dsdt = GPA_OF(dsdt),
        .sci = SCI,
        .pm1a_event = POWER_EVENT_PORT,
        .pm1a_control = POWER_CONTROL_PORT,
        .pm1_event_length = 4,
        .pm1_control_length = 2,
        .c2_latency = LATENCY_NO_C2,
        .c3_latency = LATENCY_NO_C3,
        .century = CMOS_CENTURY,
        .boot_flags = BOOT_NO_VGA,
        .flags = FADT_WBINVD | FADT_NO_SLEEP | FADT_RESET,
        .reset = IO_PORT(RESET_PORT, 8),
        .reset_value = RESET_VALUE,
        .x_dsdt = GPA_OF(dsdt),
        .x_pm1a_event = IO_PORT(POWER_EVENT_PORT, 32),
        .x_pm1a_control = IO_PORT(POWER_CONTROL_PORT, 16),
    };

    fadt.header.checksum = checksum(&fadt, sizeof fadt);
    return fadt;
}

static struct xsdt make_xsdt(void)
{
    struct xsdt xsdt = {header("XSDT", sizeof xsdt, 1), {GPA_OF(fadt), GPA_OF(madt)}};

    xsdt.header.checksum = checksum(&xsdt, sizeof xsdt);
    return xsdt;
}

static struct rsdp make_rsdp(void)
{
    struct rsdp rsdp = {
        .signature = "RSD PTR ",
        .oem = "HFAST ",
        .revision = 2,
        .length = sizeof rsdp,
        .xsdt = GPA_OF(xsdt),
    };

    rsdp.checksum = checksum(&rsdp, offsetof(struct rsdp, length));
    rsdp.checksum_of_all = checksum(&rsdp, sizeof rsdp);
    return rsdp;
}

void acpi_write(const struct memory *memory, uint32_t vcpus)
{
    struct layout *tables = memory_ram_at(memory, ACPI_GPA, ACPI_BYTES);

    memset(tables, 0, ACPI_BYTES);
    tables->rsdp = make_rsdp();
    tables->xsdt = make_xsdt();
    tables->facs = (struct facs){.signature = "FACS", .length = sizeof tables->facs, .version = 2};
    tables->fadt = make_fadt();
    memcpy(tables->dsdt, dsdt_aml_code, sizeof dsdt_aml_code);
    write_madt(tables->madt, vcpus);
}
