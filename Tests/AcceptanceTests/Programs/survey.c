/* A host that takes any device as it is: finds it, reads the start of each BAR, and connects its first vector. */
#include <pcie_link.h>
#include <stdio.h>

static pcie_link *host;

static int failed(const char *what, int error) {
  printf("survey: %s: %s: %s\n", what, pcie_link_strerror(error), pcie_link_error_text(host));
  return 1;
}

int main(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  setvbuf(stdout, NULL, _IOLBF, 0);
  int error = pcie_link_open(NULL, &options, &host);
  if (error < 0) return failed("open", error);
  pcie_link_found found;
  error = pcie_link_enumerate(host, &found, 1);
  if (error < 1) return failed("enumerate", error);
  printf("survey: %04x:%04x, class %06x, %u vectors\n", found.vendor_id, found.device_id, found.class_code,
         found.msix_vectors);
  for (int bar = 0; bar < PCIE_LINK_BARS; bar++) {
    uint32_t word = 0;
    if (found.bars[bar].kind == PCIE_LINK_BAR_NONE || found.bars[bar].kind == PCIE_LINK_BAR_IO) continue;
    error = pcie_link_read(host, found.addresses[bar], &word, sizeof word, PCIE_LINK_DEFAULT);
    if (error < 0) return failed("read", error);
    printf("survey: bar%d has 0x%llx bytes and begins with %08x\n", bar,
           (unsigned long long)found.bars[bar].bytes, word);
  }
  if (found.msix_vectors && (error = pcie_link_msix_allocate(host, &found, 0, 0xfee00000, 0)) < 0)
    return failed("vector", error);
  printf("survey: done\n");
  pcie_link_close(host);
  return 0;
}
