/* A ring full of bytes from a hostile program: what the broker takes out of it, and what it puts into the
 * other. */
#include "../../Sources/CPCIeLink/tlp.h"
#include "pcie_link_broker.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
  static pcie_link_region region;
  static uint8_t *ring;
  if (!region.bytes && pcie_link_region_create(&region, PCIE_LINK_SLOTS_MIN) != PCIE_LINK_OK) abort();
  ring = region.end.in_slots;
  size_t bytes = (size_t)PCIE_LINK_SLOTS_MIN * PCIE_LINK_SLOT_BYTES;
  uint32_t first = count ? data[0] : 0, head = count > 4 ? data[1] | data[2] << 8 : 0;
  pcie_link_end_open(&region.end, region.memory, PCIE_LINK_SLOTS_MIN, PCIE_LINK_TO_PROGRAM);
  region.end.head = region.end.returned = first;
  memset(ring, 0, bytes);
  memcpy(ring + (size_t)first * PCIE_LINK_SLOT_BYTES, data,
         count < bytes - (size_t)first * PCIE_LINK_SLOT_BYTES
             ? count
             : bytes - (size_t)first * PCIE_LINK_SLOT_BYTES);
  for (uint32_t slot = 0; slot < PCIE_LINK_SLOTS_MIN; slot++) { /* all are ready to be taken */
    uint32_t sequence = (slot >= first ? slot : slot + PCIE_LINK_SLOTS_MIN) + 1;
    memcpy(ring + (size_t)slot * PCIE_LINK_SLOT_BYTES + 4, &sequence, sizeof sequence);
  }
  uint8_t *body = (uint8_t *)malloc(PCIE_LINK_BODY_MAX); /* so that a byte too many is seen */
  pcie_link_record record;
  tlp each;
  int taken = 0;
  while (pcie_link_pop(&region.end, &record, body) > 0) {
    if (record.kind == PCIE_LINK_RECORD_TLP) tlp_decode(&each, body, record.bytes);
    if (++taken > PCIE_LINK_SLOTS_MIN) __builtin_trap();
  }
  region.end.out->head = head;
  while (pcie_link_push(&region.end, PCIE_LINK_RECORD_TLP, 0, 0, body, 12, body, head & 0xffc) ==
         PCIE_LINK_OK)
    if (++taken > 2 * PCIE_LINK_SLOTS_MIN) __builtin_trap();
  region.end.out->head = 0;
  free(body);
  return 0;
}
