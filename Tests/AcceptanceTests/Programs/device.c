/* A device program as users write it: READ, WRITE, COPY and interrupts of the Linux endpoint test function. */
#include <pcie_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND = 1, STATUS, SOURCE, TARGET = 5, SIZE = 7, CHECKSUM, KIND, NUMBER }; /* in DWs */
enum { RAISE = 1 << 2, READ = 1 << 3, WRITE = 1 << 4, COPY = 1 << 5 };
enum { READ_DONE = 1, READ_FAILED = 2, WRITE_DONE = 4, WRITE_FAILED = 8, COPY_DONE = 16, COPY_FAILED = 32 };
enum { INTERRUPT_RAISED = 64, TRANSFER_MAX = 65536 };

static uint32_t registers[1024];
static uint8_t buffer[TRANSFER_MAX];

static uint64_t address(int low) { return (uint64_t)registers[low + 1] << 32 | registers[low]; }

static uint32_t checksum(const uint8_t *bytes, uint32_t count) {
  uint32_t value = ~0u;
  for (uint32_t i = 0; i < count; i++) {
    value ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1) * 0xedb88320u;
  }
  return value;
}

static int transfer(pcie_link *link, uint32_t command) {
  uint32_t size = registers[SIZE];
  if (size > TRANSFER_MAX) return 0;
  if (command & WRITE) {
    for (uint32_t i = 0; i < size; i++) buffer[i] = (uint8_t)(i * 13 + 5);
  } else if (pcie_link_read(link, address(SOURCE), buffer, size, PCIE_LINK_DEFAULT) < 0) {
    return 0;
  }
  uint32_t sum = checksum(buffer, size);
  if (command & READ) return sum == registers[CHECKSUM];
  registers[CHECKSUM] = sum;
  return pcie_link_write(link, address(TARGET), buffer, size) >= 0;
}

static void perform(pcie_link *link) {
  uint32_t command = registers[COMMAND];
  registers[COMMAND] = 0;
  registers[STATUS] = 0;
  if (command == 0) return;
  if (command & READ) registers[STATUS] = transfer(link, command) ? READ_DONE : READ_FAILED;
  if (command & WRITE) registers[STATUS] = transfer(link, command) ? WRITE_DONE : WRITE_FAILED;
  if (command & COPY) registers[STATUS] = transfer(link, command) ? COPY_DONE : COPY_FAILED;
  registers[STATUS] |= INTERRUPT_RAISED;
  pcie_link_interrupt(link, PCIE_LINK_MSIX, (int)registers[NUMBER] - 1);
}

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link;
  if (bar != 0) return PCIE_LINK_E_UR;
  memcpy(data, (uint8_t *)registers + offset, bytes);
  return PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  (void)context;
  if (bar != 0) return PCIE_LINK_E_UR;
  memcpy((uint8_t *)registers + offset, data, bytes);
  if (offset <= COMMAND * 4 && offset + bytes > COMMAND * 4) perform(link);
  return PCIE_LINK_OK;
}

static void changed(void *context, pcie_link *link, int state) {
  (void)context, (void)link;
  static const char *const names[] = {"down", "up", "hot reset", "function level reset"};
  printf("link: %s\n", names[state]);
}

/* "garbage" sends what is no TLP, for tests. */
int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1, .class_code = 0xff0000};
  description.bars[0] = (pcie_link_bar){.bytes = sizeof registers, .kind = PCIE_LINK_BAR_MEMORY32};
  description.bars[1] = (pcie_link_bar){.bytes = 4096, .kind = PCIE_LINK_BAR_MEMORY32};
  description.msix_vectors = 8;
  description.msix_bar = description.msix_pba_bar = 1;
  description.msix_pba_offset = 2048;
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description, .state = changed};
  options.device.read = read_bar;
  options.device.write = write_bar;
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  if (error == PCIE_LINK_OK) printf("device: ready\n");
  if (error == PCIE_LINK_OK && strcmp(mode, "garbage") == 0) {
    static const uint8_t prefixes[12] = {0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0};
    error = pcie_link_send(link, prefixes, sizeof prefixes, PCIE_LINK_DEFAULT);
  }
  if (error == PCIE_LINK_OK) error = pcie_link_run(link);
  printf("device: %s %s\n", pcie_link_strerror(error), pcie_link_error_text(link));
  pcie_link_close(link);
  return error == PCIE_LINK_E_CLOSED || error == PCIE_LINK_OK ? 0 : 1;
}
