/* A host program at two links, which it finds in a variable for each. */
#include <pcie_link.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char *name, pcie_link *link, int error) {
  printf("hub: %s: %s: %s\n", name, pcie_link_strerror(error), pcie_link_error_text(link));
  return 1;
}

/* Finds what is behind a link, and connects its first vector. */
static int use(const char *name, pcie_link **link) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  pcie_link_found found;
  int error = pcie_link_open(getenv(name), &options, link);
  if (error < 0) return failed(name, *link, error);
  error = pcie_link_enumerate(*link, &found, 1);
  if (error < 1) return failed(name, *link, error);
  error = pcie_link_msix_allocate(*link, &found, 0, 0xfee00000, 0);
  if (error < 0) return failed(name, *link, error);
  printf("hub: %s leads to %04x:%04x\n", name, found.vendor_id, found.device_id);
  return 0;
}

int main(void) {
  pcie_link *first, *second;
  setvbuf(stdout, NULL, _IOLBF, 0);
  int status = use("PCIE_LINK_LEFT", &first) + use("PCIE_LINK_TO_THE_RIGHT", &second);
  if (!status) pcie_link_run(first);
  pcie_link_close(first);
  pcie_link_close(second);
  return status;
}
