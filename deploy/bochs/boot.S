/* SPDX-License-Identifier: MIT
 * The option ROM that boots the Intel test VM. Bochs' BIOS calls it when its own tables are made. It reads
 * from the disk what deploy/bochs/image.py has put there, each part to its place in memory, and enters the
 * kernel at its PVH entry: no loader, no driver, and nothing to be unpacked. When it comes here again,
 * after a reset, it ends Bochs.
 *
 * The disk's first sector: pairs of an address and a number of sectors, up to a pair of no sectors; its
 * last two words are the kernel's entry and the address of its start info. The parts follow it. */
#define ROM_SECTORS 1

#define TABLE       0x7c00
#define ENTRY       (TABLE + 504)
#define INFO        (TABLE + 508)
#define STACK       0x7c00
#define BOOTED      0x7000 /* a word that neither the BIOS nor Linux changes */
#define MARK        0x544f4f42
#define BUFFER      0x6000 /* where the bus master shall put a piece: its address and its bytes */
#define LAST_BUFFER 0x80000000

#define PCI_ADDRESS     0xcf8
#define PCI_DATA        0xcfc
#define PCI_IDE         0x80000900 /* the disk's function of the PIIX3 */
#define PCI_COMMAND     0x04
#define PCI_IO_ENABLE   0x01
#define PCI_BUS_MASTER  0x04
#define PCI_BASE        0x20

#define DISK_COUNT   0x1f2
#define DISK_HEAD    0x1f6
#define DISK_COMMAND 0x1f7
#define DISK_CONTROL 0x3f6
#define READ_DMA     0xc8
#define LBA          0xe0
#define MOST_SECTORS 128 /* 64 KiB; a buffer lies in one such piece of memory */

/* Of the bus master. */
#define START       0x01
#define TO_MEMORY   0x08
#define BUFFERS     4 /* further on: the address of BUFFER */
#define STATUS      2 /* further on */
#define ACTIVE      0x01
#define ENDED       0x06

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
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $STACK, %sp
        cmpl    $MARK, BOOTED
        je      end
        movl    $MARK, BOOTED

        movl    $(PCI_IDE + PCI_COMMAND), %eax
        call    select
        inl     %dx, %eax
        orb     $(PCI_IO_ENABLE | PCI_BUS_MASTER), %al
        outl    %eax, %dx
        movl    $(PCI_IDE + PCI_BASE), %eax
        call    select
        inl     %dx, %eax
        andb    $0xfc, %al
        movw    %ax, %bx        /* the bus master's first port */
        movw    $DISK_CONTROL, %dx
        xorb    %al, %al        /* with interrupts */
        outb    %al, %dx

        xorl    %ebp, %ebp      /* the next sector of the disk */
        movl    $TABLE, %edi
        movl    $1, %ecx
        call    read
        movw    $TABLE, %si
parts:  movl    (%si), %edi
        movl    4(%si), %ecx
        addw    $8, %si
        jecxz   start
        call    read
        jmp     parts

start:  lgdtl   %cs:gdt_register - _start
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $protected

end:    movw    %cs, %ax
        movw    %ax, %ds
        movw    $(word - _start), %si
        movw    $(word_end - word), %cx
        movw    $SHUTDOWN, %dx
        rep     outsb
        hlt

select: movw    $PCI_ADDRESS, %dx
        outl    %eax, %dx
        movw    $PCI_DATA, %dx
        ret

/* Reads %ecx sectors, at least one, from sector %ebp on to %edi; advances %ebp and %edi. */
read:   movl    %edi, %eax      /* up to the next multiple of 64 KiB */
        shrl    $9, %eax
        andl    $(MOST_SECTORS - 1), %eax
        negl    %eax
        addl    $MOST_SECTORS, %eax
        cmpl    %ecx, %eax
        jbe     piece
        movl    %ecx, %eax
piece:  subl    %eax, %ecx
        pushl   %ecx
        movl    %eax, %ecx      /* the sectors of this piece */
        movl    %edi, BUFFER
        shll    $9, %eax
        addl    %eax, %edi
        movzwl  %ax, %eax       /* 64 KiB are 0 */
        orl     $LAST_BUFFER, %eax
        movl    %eax, BUFFER + 4
        movl    $BUFFER, %eax
        leaw    BUFFERS(%bx), %dx
        outl    %eax, %dx
        leaw    STATUS(%bx), %dx
        movb    $ENDED, %al     /* written as 1, they become 0 */
        outb    %al, %dx

        movw    $DISK_COUNT, %dx
        movb    %cl, %al
        outb    %al, %dx
        movl    %ebp, %eax
        incw    %dx
        outb    %al, %dx
        shrl    $8, %eax
        incw    %dx
        outb    %al, %dx
        shrl    $8, %eax
        incw    %dx
        outb    %al, %dx
        movb    %ah, %al
        orb     $LBA, %al
        movw    $DISK_HEAD, %dx
        outb    %al, %dx
        movw    $DISK_COMMAND, %dx
        movb    $READ_DMA, %al
        outb    %al, %dx
        movw    %bx, %dx
        movb    $(START | TO_MEMORY), %al
        outb    %al, %dx
        addl    %ecx, %ebp
/* The BIOS takes the interrupt. To sleep until then costs Bochs nothing. */
wait:   sti
        hlt
        cli
        leaw    STATUS(%bx), %dx
        inb     %dx, %al
        testb   $ACTIVE, %al
        jnz     wait
        movw    %bx, %dx
        xorb    %al, %al
        outb    %al, %dx
        popl    %ecx
        testl   %ecx, %ecx
        jnz     read
        ret

        .code32
protected:
        movl    $16, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    %eax, %fs
        movl    %eax, %gs
        movl    $STACK, %esp
        movl    INFO, %ebx
        jmp     *ENTRY

word:   .ascii  "Shutdown"
word_end:

/* Flat code and data, accessed already: the processor need not write to the ROM. */
        .balign 8
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_register:
        .word   gdt_register - gdt - 1
        .long   gdt
        .org    ROM_SECTORS * 512
