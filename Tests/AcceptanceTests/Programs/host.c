/* A host program as users write it: finds the memory mock at the end of its link, and uses it. */
#include <pcie_link.h>
#include <stdio.h>
#include <string.h>

static pcie_link *host;

static int failed(const char *what, int error) {
  fprintf(stderr, "%s: %s: %s\n", what, pcie_link_strerror(error), pcie_link_error_text(host));
  return 1;
}

int main(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  int error = pcie_link_open(NULL, &options, &host);
  if (error < 0) return failed("open", error);
  pcie_link_found found;
  int count = pcie_link_enumerate(host, &found, 1);
  if (count != 1) return failed("enumerate", count);
  printf("%04x:%04x\n", found.vendor_id, found.device_id);
  uint8_t pattern[128], sent[2048], back[2048];
  error = pcie_link_read(host, found.addresses[0], pattern, sizeof pattern, PCIE_LINK_DEFAULT);
  if (error < 0) return failed("read", error);
  printf("bar0 %02x to %02x\n", pattern[0], pattern[127]);
  for (unsigned i = 0; i < sizeof sent; i++) sent[i] = (uint8_t)(i * 7);
  for (unsigned offset = 0; offset < 4; offset++) {
    error = pcie_link_write(host, found.addresses[1] + offset, sent, sizeof sent - offset);
    if (error < 0) return failed("write", error);
    error = pcie_link_read(host, found.addresses[1] + offset, back, sizeof back - offset, PCIE_LINK_DEFAULT);
    if (error < 0) return failed("read back", error);
    printf("offset %u: %s\n", offset, memcmp(sent, back, sizeof sent - offset) == 0 ? "same" : "differs");
  }
  printf("nowhere: %s\n",
         pcie_link_strerror(pcie_link_read(host, 0xdead0000, back, 4, PCIE_LINK_DEFAULT)));
  pcie_link_close(host);
  return 0;
}
