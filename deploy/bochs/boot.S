/* SPDX-License-Identifier: MIT
 * The option ROM that boots the Intel test VM. Bochs' BIOS calls it when its own tables are made. It reads
 * from the disk what deploy/bochs/image.py has put there, each part to its place in memory, and enters the
 * kernel at its PVH entry: no loader, no driver, and nothing to be unpacked. When it comes here again,
 * after a reset, it ends Bochs.
 *
 * The disk's first sector: pairs of an address and a number of sectors, up to a pair of no sectors; its
 * last two words are the kernel's entry and the address of its start info. The parts follow it. */
#define ROM_SECTORS 1

#define TABLE  0x7c00
#define ENTRY  (TABLE + 504)
#define INFO   (TABLE + 508)
#define STACK  0x7c00
#define BOOTED 0x7000 /* a word that neither the BIOS nor Linux changes */
#define MARK   0x544f4f42

#define DISK_DATA     0x1f0
#define DISK_COUNT    0x1f2
#define DISK_HEAD     0x1f6
#define DISK_COMMAND  0x1f7
#define DISK_CONTROL  0x3f6
#define READ_SECTORS  0x20
#define BUSY          0x80
#define DATA_REQUEST  0x08
#define NO_INTERRUPTS 0x02
#define LBA           0xe0
#define MOST_SECTORS  256

#define SYSTEM_CONTROL 0x92 /* bit 1: A20, which is off as yet; bit 0 resets */

#define SHUTDOWN 0x8900 /* Bochs ends when this word has been written here */

        .code16
        .globl  _start
_start: .byte   0x55, 0xaa, ROM_SECTORS
        jmp     enter
        .byte   0               /* offset 5: image.py has all bytes of the ROM add up to 0 here */

enter:  cli
        cld
        inb     $SYSTEM_CONTROL, %al
        andb    $0xfe, %al
        orb     $0x02, %al
        outb    %al, $SYSTEM_CONTROL
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   gdt_register - _start
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $protected

        .code32
protected:
        movl    $16, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    %eax, %fs
        movl    %eax, %gs
        movl    $STACK, %esp
        cmpl    $MARK, BOOTED
        je      end
        movl    $MARK, BOOTED
        movw    $DISK_CONTROL, %dx
        movb    $NO_INTERRUPTS, %al
        outb    %al, %dx

        xorl    %ebp, %ebp      /* the next sector of the disk */
        movl    $TABLE, %edi
        movl    $1, %ecx
        call    read
        movl    $TABLE, %esi
parts:  movl    (%esi), %edi
        movl    4(%esi), %ecx
        addl    $8, %esi
        jecxz   start
        call    read
        jmp     parts
start:  movl    INFO, %ebx
        jmp     *ENTRY

end:    movl    $word, %esi
        movl    $word_end - word, %ecx
        movw    $SHUTDOWN, %dx
        rep     outsb
        hlt

/* Reads %ecx sectors, at least one, from sector %ebp on to %edi; advances %ebp and %edi. */
read:   movl    %ecx, %ebx
        cmpl    $MOST_SECTORS, %ebx
        jbe     command
        movl    $MOST_SECTORS, %ebx
command:
        subl    %ebx, %ecx
        pushl   %ecx
        movw    $DISK_COUNT, %dx
        movb    %bl, %al        /* 0 is 256 */
        outb    %al, %dx
        movl    %ebp, %eax
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        shrl    $8, %eax
        incl    %edx
        outb    %al, %dx
        movb    %ah, %al
        orb     $LBA, %al
        movw    $DISK_HEAD, %dx
        outb    %al, %dx
        movw    $DISK_COMMAND, %dx
        movb    $READ_SECTORS, %al
        outb    %al, %dx
        addl    %ebx, %ebp
sector: movw    $DISK_COMMAND, %dx
wait:   inb     %dx, %al
        andb    $(BUSY | DATA_REQUEST), %al
        cmpb    $DATA_REQUEST, %al
        jne     wait
        movw    $DISK_DATA, %dx
        movl    $256, %ecx
        rep     insw
        decl    %ebx
        jnz     sector
        popl    %ecx
        testl   %ecx, %ecx
        jnz     read
        ret

word:   .ascii  "Shutdown"
word_end:

/* Flat code and data, accessed already: the processor need not write to the ROM. */
        .balign 8
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_register:
        .word   gdt_register - gdt - 1
        .long   gdt
        .org    ROM_SECTORS * 512
