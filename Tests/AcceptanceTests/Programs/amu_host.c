/* A driver of a Revere-AMU by its public interface alone: accelerator 0 inverts what it sends. */
#include <pcie_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASE = 0x100000, SLOTS = 8, BYTES = 64, TX_RING = 0x1000, RX_RING = 0x2000, VECTOR = 1 };
enum { AMU_IDR = 0x0, AMU_AIDR = 0x8, AMU_CR = 0x18, AMU_SR = 0x20, MSK_BASE = 0x60 };
enum { CMD_READ = 0x1400, CMD_WRITE = 0x1600, RSP_READ = 0x1c00, RSP_WRITE = 0x1e00 };
enum { PAGE = 0x10000, TX_READ = 0x400, TX_WRITE = 0x600, RX_READ = 0xc00, RX_WRITE = 0xe00 };

static pcie_link *host;
static pcie_link_found found;
static uint8_t memory[0x4000];
static unsigned interrupts;

static void check(const char *what, int error) {
  if (error >= 0) return;
  printf("amu: %s: %s: %s\n", what, pcie_link_strerror(error), pcie_link_error_text(host));
  exit(1);
}

static void expect(const char *what, uint64_t seen, uint64_t due) {
  if (seen == due) return;
  printf("amu: %s is 0x%llx, not 0x%llx\n", what, (unsigned long long)seen, (unsigned long long)due);
  exit(1);
}

static uint64_t get(unsigned offset) {
  uint64_t value = 0;
  check("read", pcie_link_read(host, found.addresses[0] + offset, &value, sizeof value, PCIE_LINK_DEFAULT));
  return value;
}

static void set(unsigned offset, uint64_t value) {
  check("write", pcie_link_write(host, found.addresses[0] + offset, &value, sizeof value));
}

static void interrupt(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link, (void)address;
  interrupts += data == 0x40 + VECTOR;
}

/* Sends a command of 16 words by rings of a single slot, and waits for its response; word 0 is the opcode. */
static uint32_t command(uint32_t opcode, const uint32_t words[16]) {
  uint64_t index = get(RSP_READ);
  uint32_t response[16];
  memcpy(memory, words, BYTES);
  memcpy(memory, &opcode, sizeof opcode);
  set(CMD_WRITE, index + 1);
  for (int i = 0; get(RSP_WRITE) == index; i++) {
    if (i == 1000) expect("AMU_SR, without a response,", get(AMU_SR), ~0ull);
  }
  memcpy(response, memory + BYTES, BYTES);
  printf("amu: command %u ends with %u\n", opcode, response[0] >> 16);
  expect("opcode and status", response[0], opcode);
  expect("index of commands", get(CMD_READ), index + 1);
  set(RSP_READ, index + 1);
  return response[1];
}

#define COMMAND(opcode, ...) command(opcode, (const uint32_t[16]){__VA_ARGS__})

static void set_up(uint32_t *context) {
  for (unsigned socket = 0; socket < 4; socket++) {
    set(MSK_BASE + 16 * socket, BASE + BYTES * socket);
    set(MSK_BASE + 8 + 16 * socket, 0);
  }
  expect("major revision", get(AMU_AIDR) >> 4 & 15, 3);
  expect("least message length", get(AMU_IDR) >> 28 & 15, 3);
  set(AMU_CR, 1);
  COMMAND(1, 0);                        /* PF_PROBE */
  COMMAND(2, 0);                        /* F_PROBE */
  COMMAND(37, [1] = 0);                 /* PF_PROBE_AHA */
  *context = COMMAND(6, [1] = 1 << 16); /* PF_AMI_SW_MAP, any */
  COMMAND(23, [1] = 0);                 /* PF_AMI_HW_MAP */
  /* PF_ASN_CREATE: to hardware, then from it; 8 doublewords. */
  COMMAND(16, [1] = 1 << 4, [2] = *context, [5] = 0, [14] = 3 << 10);
  COMMAND(16, [1] = 1 << 5, [3] = *context, [5] = 1, [14] = 3 << 10);
  COMMAND(15, [1] = 0);                                /* F_AMI_SW_DISABLE */
  COMMAND(13, [1] = 0);                                /* F_AMI_SW_RESET */
  COMMAND(11, [1] = 0, [4] = (uint32_t)VECTOR | 1u << 31); /* F_AMI_SW_CONFIGURE, RX interrupt */
  /* F_AMS_RING_CONFIGURE: AMS_TYPE 0 receives, 1 transmits. */
  COMMAND(20, [2] = 0 << 6, [3] = 3 << 1, [4] = BASE + RX_RING);
  COMMAND(20, [2] = 1 << 6, [3] = 3 << 1, [4] = BASE + TX_RING);
  COMMAND(14, [1] = 0); /* F_AMI_SW_ENABLE */
  COMMAND(34, [1] = 0); /* F_AMI_HW_DISABLE, RESET, ENABLE */
  COMMAND(32, [1] = 0);
  COMMAND(33, [1] = 0);
}

/* Fills the TX ring, and finds the complement in the RX ring once the interrupt has come. */
static void exchange(uint64_t round) {
  uint8_t sent[SLOTS * BYTES];
  uint64_t end = (round + 1) * SLOTS;
  unsigned before = interrupts;
  for (unsigned i = 0; i < sizeof sent; i++) sent[i] = (uint8_t)(i * 7 + round * 31);
  memcpy(memory + TX_RING, sent, sizeof sent);
  set(PAGE + TX_WRITE, end);
  while (interrupts == before) check("interrupt", pcie_link_wait(host, 1000));
  while (get(PAGE + RX_WRITE) != end) {}
  for (unsigned i = 0; i < sizeof sent; i++) expect("byte", memory[RX_RING + i], (uint8_t)~sent[i]);
  expect("TX read index", get(PAGE + TX_READ), end);
  set(PAGE + RX_READ, end);
}

int main(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST, .host = {.interrupt = interrupt}};
  uint32_t context;
  setvbuf(stdout, NULL, _IOLBF, 0);
  check("open", pcie_link_open(NULL, &options, &host));
  check("enumerate", pcie_link_enumerate(host, &found, 1));
  expect("vendor and device", (uint64_t)found.vendor_id << 16 | found.device_id, 0x13b5ff81);
  check("memory", pcie_link_memory_add(host, BASE, memory, sizeof memory));
  check("vector", pcie_link_msix_allocate(host, &found, VECTOR, 0xfee00000, 0x40 + VECTOR));
  set_up(&context);
  for (uint64_t round = 0; round < 20; round++) exchange(round);
  COMMAND(15, [1] = 0); /* F_AMI_SW_DISABLE, F_AMI_HW_DISABLE */
  COMMAND(34, [1] = 0);
  COMMAND(17, [1] = 0); /* PF_ASN_DESTROY */
  COMMAND(17, [1] = 1);
  COMMAND(7, [1] = context); /* PF_AMI_SW_UNMAP, PF_AMI_HW_UNMAP */
  COMMAND(24, [1] = 0);
  set(AMU_CR, 0);
  expect("AMU_SR", get(AMU_SR), 0);
  printf("amu: done\n");
  pcie_link_close(host);
  return 0;
}
