/* The first instructions: a stack, and then Swift. */
.section .text.start
.globl _start
_start:
  la sp, stack_top
  call firmware_main
1:
  wfi
  j 1b
