// SPDX-License-Identifier: MIT
// What ACPI tells the guest in AML: how the machine is turned off, and where a panic is reported.
// The serial port, the clock and the other interrupts of the ISA bus are where a PC has them, so
// that no guest needs to be told.
DefinitionBlock ("", "DSDT", 2, "HFAST ", "HOLDFAST", 1)
{
    // The sleep type that vmm/devices/power.h names POWER_OFF.
    Name (_S5, Package () { 5, 5, 0, 0 })

    Scope (_SB)
    {
        Device (PVPN)
        {
            Name (_HID, "QEMU0001") // pvpanic; vmm/devices/panic.h
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0505, 0x0505, 1, 1) })
        }
    }
}
