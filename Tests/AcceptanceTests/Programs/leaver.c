/* A device with memory behind BAR 0, which writes much to host memory when it is told, and leaves at once. */
#include <pcie_link.h>
#include <stdio.h>
#include <string.h>

enum { MEMORY_BYTES = 32768, LEAVE = 0x100, WORDS_BYTES = 262144, HOST_ADDRESS = 0x10000 };

static uint8_t memory[MEMORY_BYTES], words[WORDS_BYTES];
static int leaves;

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link, (void)bar;
  memcpy(data, memory + offset, bytes);
  return PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  (void)context, (void)bar;
  memcpy(memory + offset, data, bytes);
  if (offset != LEAVE) return PCIE_LINK_OK;
  leaves = 1;
  pcie_link_stop(link);
  return PCIE_LINK_OK;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  memset(words, 0xab, sizeof words);
  pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1, .class_code = 0xff0000};
  description.bars[0].bytes = MEMORY_BYTES;
  description.bars[0].kind = PCIE_LINK_BAR_MEMORY32;
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description};
  options.device.read = read_bar;
  options.device.write = write_bar;
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  if (error == PCIE_LINK_OK) error = pcie_link_run(link);
  if (leaves && error == PCIE_LINK_OK) error = pcie_link_write(link, HOST_ADDRESS, words, sizeof words);
  printf("leaver: %s\n", pcie_link_strerror(error));
  pcie_link_close(link);
  return error != PCIE_LINK_OK;
}
