/* A device program that does what no program should: one way for each word of its argument. */
#include <pcie_link.h>
#include <stdio.h>
#include <string.h>

/* Sends a record that is no TLP: prefixes and nothing behind them. */
static int send_garbage(pcie_link *link) {
  static const uint8_t prefixes[12] = {0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0};
  return pcie_link_send(link, prefixes, sizeof prefixes, PCIE_LINK_DEFAULT);
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1, .class_code = 0xff0000};
  description.bars[0] = (pcie_link_bar){.bytes = 4096, .kind = PCIE_LINK_BAR_MEMORY32};
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description};
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  if (error == PCIE_LINK_OK) printf("hostile: ready\n");
  if (error == PCIE_LINK_OK && strcmp(way, "garbage") == 0) error = send_garbage(link);
  if (error == PCIE_LINK_OK) error = pcie_link_run(link);
  printf("hostile: %s %s\n", pcie_link_strerror(error), pcie_link_error_text(link));
  pcie_link_close(link);
  return error == PCIE_LINK_E_CLOSED || error == PCIE_LINK_OK ? 0 : 1;
}
