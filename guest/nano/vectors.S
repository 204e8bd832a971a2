/* SPDX-License-Identifier: MIT
 * Exceptions and interrupts: one entry a vector, then one path to C; and the way out of trouble. */
    .text

/* Vectors that push an error code: 8, 10 to 14, 17, 21, 29, 30. */
    .macro vector number
    .balign 16
    .if (\number == 8) || (\number >= 10 && \number <= 14) || (\number == 17) || (\number == 21) || (\number == 29) || (\number == 30)
    .else
    pushq $0
    .endif
    pushq $\number
    jmp enter
    .endm

    .balign 16
    .globl nano_vectors
nano_vectors:
    .set number, 0
    .rept 48
    vector number
    .set number, number + 1
    .endr

/* The order of the pushes is that of struct trap_frame, from its end. */
enter:
    push %rax
    push %rcx
    push %rdx
    push %rbx
    push %rbp
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    cld
    mov %rsp, %rdi
    call nano_trap
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rbp
    pop %rbx
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq

/* int nano_catch(struct catcher *): 0; or, when nano_trap goes back to it, what that says. */
    .globl nano_catch
nano_catch:
    mov (%rsp), %rax
    mov %rax, 0(%rdi)
    lea 8(%rsp), %rax
    mov %rax, 8(%rdi)
    mov %rbx, 16(%rdi)
    mov %rbp, 24(%rdi)
    mov %r12, 32(%rdi)
    mov %r13, 40(%rdi)
    mov %r14, 48(%rdi)
    mov %r15, 56(%rdi)
    xor %eax, %eax
    ret

/* void nano_enter_user(void (*function)(void *), void *argument, void *stack_top): runs the
 * function in ring 3; it comes back to the catcher, by an exception at a known place, since not
 * every KVM lets ring 3 through an interrupt gate. */
    .globl nano_enter_user, nano_user_returned
nano_enter_user:
    pushq $0x1b                     /* SS: user data */
    lea -8(%rdx), %rax
    lea nano_user_returned(%rip), %rcx
    mov %rcx, (%rax)
    push %rax
    pushq $0x202                    /* interrupts on */
    pushq $0x23                     /* CS: user code */
    push %rdi
    mov %rsi, %rdi
    iretq

nano_user_returned:
    ud2

    .section .note.GNU-stack, "", @progbits
