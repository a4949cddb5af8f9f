/* The first instructions: a stack, a place for traps, and then Swift. */
.section .text.start
.globl _start
_start:
  la sp, stack_top
  la t0, trap
  csrw mtvec, t0
  call firmware_main
1:
  wfi
  j 1b

/* Interrupts are looked for and never taken, so that each trap is a fault, and the last thing that happens. */
.balign 4
trap:
  la sp, stack_top
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call firmware_trap
