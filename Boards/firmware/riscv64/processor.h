/* What needs instructions of its own: time, and the interrupt file of the hart (IMSIC).
 * Source: RISC-V Advanced Interrupt Architecture 1.0, 2.1 and 3.8. */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdint.h>

/* Ticks of 100 ns on the machine virt. */
static inline uint64_t processor_time(void) {
  uint64_t value;
  __asm__ volatile("csrr %0, time" : "=r"(value));
  return value;
}

/* Orders accesses to devices and memory, as before a doorbell. */
static inline void processor_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

/* Writes a register of the interrupt file: miselect, then mireg. */
static inline void interrupt_file_write(uint64_t number, uint64_t value) {
  __asm__ volatile("csrw 0x350, %0\n\tcsrw 0x351, %1" ::"r"(number), "r"(value) : "memory");
}

/* Takes the pending interrupt of the highest priority, mtopei; 0 when there is none. */
static inline uint64_t interrupt_file_claim(void) {
  uint64_t value;
  __asm__ volatile("csrrw %0, 0x35c, x0" : "=r"(value)::"memory");
  return value >> 16;
}

#endif
