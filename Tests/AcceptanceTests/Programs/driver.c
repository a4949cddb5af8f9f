/* A host program as users write it: the driver of a device with the registers of the Linux endpoint test
 * function, be it a model or a program. */
#include <pcie_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND = 0x04, STATUS = 0x08, SOURCE = 0x0c, TARGET = 0x14, SIZE = 0x1c, KIND = 0x24, NUMBER = 0x28 };
enum { RAISE = 1 << 2, COPY = 1 << 5, COPY_DONE = 16, INTERRUPT_RAISED = 64 };
enum { VECTORS = 2, BYTES = 16384, MESSAGES = 0xfee00000 };

static pcie_link *host;
static uint64_t bar;
static uint8_t memory[2 * BYTES];
static int interrupts[VECTORS];

static void interrupt(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link, (void)address;
  if (data < VECTORS) interrupts[data]++;
}

static void check(const char *what, int result) {
  if (result >= 0) return;
  printf("driver: %s: %s %s\n", what, pcie_link_strerror(result), pcie_link_error_text(host));
  pcie_link_close(host);
  exit(1);
}

static void set(uint32_t offset, uint32_t value) {
  check("write a register", pcie_link_write(host, bar + offset, &value, sizeof value));
}

static uint32_t get(uint32_t offset) {
  uint32_t value;
  check("read a register", pcie_link_read(host, bar + offset, &value, sizeof value, PCIE_LINK_DEFAULT));
  return value;
}

static void expect_interrupt(int vector) {
  for (int tries = 0; interrupts[vector] == 0 && tries < 1000; tries++) {
    int result = pcie_link_wait(host, 10);
    if (result != PCIE_LINK_E_TIMEOUT) check("wait for an interrupt", result);
  }
  check("wait for an interrupt", interrupts[vector] == 1 ? PCIE_LINK_OK : PCIE_LINK_E_TIMEOUT);
  interrupts[vector] = 0;
}

/* Copies from one half of the memory to the other by the device, `rounds` times. */
static void copy(int rounds) {
  set(SOURCE, 0), set(SOURCE + 4, 0), set(TARGET, BYTES), set(TARGET + 4, 0);
  set(SIZE, BYTES), set(KIND, 2), set(NUMBER, 1);
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < BYTES; i++) memory[i] = (uint8_t)(i * 31 + round);
    set(COMMAND, COPY);
    expect_interrupt(0);
    check("copy", get(STATUS) == (COPY_DONE | INTERRUPT_RAISED) ? PCIE_LINK_OK : PCIE_LINK_E_CA);
    check("compare", memcmp(memory, memory + BYTES, BYTES) == 0 ? PCIE_LINK_OK : PCIE_LINK_E_POISONED);
  }
}

/* Copies as often as the first argument says, once without one. */
int main(int count, char **arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  pcie_link_options options = {.role = PCIE_LINK_HOST, .host.interrupt = interrupt};
  check("open", pcie_link_open(NULL, &options, &host));
  check("lend memory", pcie_link_memory_add(host, 0, memory, sizeof memory));
  pcie_link_found found;
  check("enumerate", pcie_link_enumerate(host, &found, 1) == 1 ? PCIE_LINK_OK : PCIE_LINK_E_ABSENT);
  bar = found.addresses[0];
  for (int vector = 0; vector < VECTORS; vector++)
    check("set up a vector",
          pcie_link_msix_allocate(host, &found, vector, MESSAGES + 4 * (unsigned)vector, (uint32_t)vector));
  printf("driver: %04x:%04x is set up\n", found.vendor_id, found.device_id);
  copy(count > 1 ? atoi(arguments[1]) : 1);
  printf("driver: copied\n");
  set(NUMBER, 2), set(COMMAND, RAISE);
  expect_interrupt(1);
  printf("driver: done\n");
  pcie_link_close(host);
  return 0;
}
