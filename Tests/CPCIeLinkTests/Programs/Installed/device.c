/* A device with one BAR, as the header shows it; C and C++. */
#include <pcie_link.h>
#include <stdio.h>
#include <string.h>

static uint8_t registers[4096];

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link, (void)bar;
  memcpy(data, registers + offset, bytes);
  return PCIE_LINK_OK;
}

int main(void) {
  pcie_link_description description;
  memset(&description, 0, sizeof description);
  description.vendor_id = 0x1234;
  description.device_id = 1;
  description.bars[0].bytes = sizeof registers;
  description.bars[0].kind = PCIE_LINK_BAR_MEMORY32;
  pcie_link_options options;
  memset(&options, 0, sizeof options);
  options.role = PCIE_LINK_DEVICE;
  options.description = &description;
  options.device.read = read_bar;
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  if (error == PCIE_LINK_OK) error = pcie_link_run(link);
  if (error != PCIE_LINK_OK) fprintf(stderr, "%s\n", pcie_link_error_text(link));
  pcie_link_close(link);
  return error == PCIE_LINK_E_ARGUMENT ? 3 : 0;
}
