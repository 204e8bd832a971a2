// SPDX-License-Identifier: MIT
// What ACPI tells the guest in AML: how the machine is turned off, and where a panic is reported.
// The clock is where a PC has it, but some guests use it only if they are told. The serial port and
// the other interrupts of the ISA bus are where a PC has them, so that no guest needs to be told.
DefinitionBlock ("", "DSDT", 2, "HFAST ", "HOLDFAST", 1)
{
    // The sleep type that vmm/devices/power.h names POWER_OFF.
    Name (_S5, Package () { 5, 5, 0, 0 })

    Scope (_SB)
    {
        Device (RTC)
        {
            Name (_HID, EisaId ("PNP0B00")) // vmm/devices/cmos.h
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x0070, 0x0070, 1, 2)
                IRQNoFlags () { 8 }
            })
        }

        Device (PVPN)
        {
            Name (_HID, "QEMU0001") // pvpanic; vmm/devices/panic.h
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0505, 0x0505, 1, 1) })
        }
    }
}
