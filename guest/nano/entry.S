/* SPDX-License-Identifier: MIT
 * Where the VMM enters a nano guest: 64-bit mode, RSI = struct boot_params of Linux' boot
 * protocol, RAM mapped at its own addresses. */
    .code64
    .section .text.entry, "ax"
    .globl nano_entry
nano_entry:
    cli
    cld
    lea nano_boot_stack_top(%rip), %rsp
    xor %ebp, %ebp
    mov %rsi, %rdi
    call nano_start
0:  hlt
    jmp 0b

/* Where the other CPUs wake up: real mode, at the start of a page below 1 MiB to which
 * nano_start copies what lies between nano_ap_begin and nano_ap_end. Its last words are filled
 * in there. One step from real mode to 64-bit mode. */
    .section .rodata
    .balign 16
    .globl nano_ap_begin, nano_ap_end
    .code16
nano_ap_begin:
    cli
    cld
    mov %cs, %ax
    mov %ax, %ds
    lgdtl (ap_gdt_register - nano_ap_begin)
    mov $0x20, %eax                 /* PAE */
    mov %eax, %cr4
    movl (ap_cr3 - nano_ap_begin), %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx           /* EFER */
    rdmsr
    or $0x100, %eax                 /* long mode */
    wrmsr
    mov $0x80000011, %eax           /* paging, extension type, protection */
    mov %eax, %cr0
    ljmpl *(ap_target - nano_ap_begin)

    .balign 8
ap_gdt:
    .quad 0
    .quad 0x00af9b000000ffff        /* 64-bit code */
    .quad 0x00cf93000000ffff        /* data */
ap_gdt_register:
    .word 23
    .long 0                         /* address of ap_gdt, filled in */
    .balign 4
ap_target:
    .long nano_ap_entry
    .word 8
    .balign 4
ap_cr3:
    .long 0                         /* filled in */
nano_ap_end:

    .globl nano_ap_gdt_address, nano_ap_cr3, nano_ap_gdt_offset
    .set nano_ap_gdt_address, ap_gdt_register + 2 - nano_ap_begin
    .set nano_ap_gdt_offset, ap_gdt - nano_ap_begin
    .set nano_ap_cr3, ap_cr3 - nano_ap_begin

    .code64
    .text
nano_ap_entry:
    mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov nano_ap_stack(%rip), %rsp
    xor %ebp, %ebp
    call nano_ap_start
0:  hlt
    jmp 0b

    .bss
    .balign 16
    .skip 16384
nano_boot_stack_top:

    .section .note.GNU-stack, "", @progbits
