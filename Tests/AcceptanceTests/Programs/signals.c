/* A device that raises what it is told to: a write of two words to the start of BAR 0, kind and number, is one
 * call of pcie_link_interrupt, whose result stands in the third word. The rest of its BARs is memory.
 *
 * Its MSI-X table lies in BAR 0 and the pending bits in BAR 2. As told.c it says nothing of itself, and is what
 * the suite says. */
#include <pcie_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_BYTES = 65536, KIND = 0, NUMBER = 4, RESULT = 8 };

static uint8_t memory[PCIE_LINK_BARS][BAR_BYTES];

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link;
  memcpy(data, memory[bar] + offset, bytes);
  return PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  int words[2];
  (void)context;
  memcpy(memory[bar] + offset, data, bytes);
  if (bar != 0 || offset != KIND || bytes != sizeof words) return PCIE_LINK_OK;
  memcpy(words, data, sizeof words);
  int result = pcie_link_interrupt(link, words[0], words[1]);
  memcpy(memory[0] + RESULT, &result, sizeof result);
  printf("signals: kind %d, number %d: %s\n", words[0], words[1], pcie_link_strerror(result));
  return PCIE_LINK_OK;
}

#ifndef TOLD
static const pcie_link_description own = {.vendor_id = 0x1234,
                                          .device_id = 0x5347,
                                          .class_code = 0xff0000,
                                          .interrupt_pin = 1,
                                          .msi_vectors = 4,
                                          .msix_vectors = 4,
                                          .msix_offset = 0x8000,
                                          .msix_pba_bar = 2,
                                          .msix_pba_offset = 0x40,
                                          .bars = {{BAR_BYTES, PCIE_LINK_BAR_MEMORY32, 0},
                                                   {0, PCIE_LINK_BAR_NONE, 0},
                                                   {4096, PCIE_LINK_BAR_MEMORY64, 0}}};
#define OWN &own
#else
#define OWN NULL
#endif

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = OWN};
  options.device.read = read_bar;
  options.device.write = write_bar;
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  const pcie_link_description *is = pcie_link_described(link);
  if (is)
    printf("signals: %04x:%04x, %llu bytes behind bar0, %u vectors\n", is->vendor_id, is->device_id,
           (unsigned long long)is->bars[0].bytes, is->msix_vectors);
  for (int bar = 0; is && bar < PCIE_LINK_BARS; bar++)
    if (is->bars[bar].bytes > BAR_BYTES) error = PCIE_LINK_E_ARGUMENT;
  if (error == PCIE_LINK_OK) error = pcie_link_run(link);
  if (error < 0) printf("signals: %s: %s\n", pcie_link_strerror(error), pcie_link_error_text(link));
  pcie_link_close(link);
  return error != PCIE_LINK_OK && error != PCIE_LINK_E_CLOSED;
}
