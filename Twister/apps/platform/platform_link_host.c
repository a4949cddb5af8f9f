/* The host's side: the function is set up by hand, as firmware does before there is an operating system. */
#include "platform_link.h"

enum { MESSAGES = 0xfee00000, LENT = 0x100000, TABLE_ENTRY_BYTES = 16, TABLE_CONTROL = 12 };

static pcie_link_found function;
static void (*handler)(int vector);
static uint64_t next_address = LENT;

static void interrupt(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link, (void)address;
  platform_link_handled();
  if (data < PLATFORM_VECTORS) handler((int)data);
}

int platform_host_open(void (*interrupted)(int vector)) {
  handler = interrupted;
  return platform_link_open(&(pcie_link_options){.role = PCIE_LINK_HOST, .host.interrupt = interrupt});
}

int platform_find(struct platform_function *found) {
  int count = pcie_link_enumerate(platform_link, &function, 1);
  if (count == 0) return PLATFORM_REFUSED;
  if (count < 0) return platform_link_result(count);
  found->vendor = function.vendor_id;
  found->device = function.device_id;
  found->vectors = function.msix_vectors;
  for (int bar = 0; bar < PLATFORM_BARS; bar++)
    found->bars[bar] = function.bars[bar].kind != PCIE_LINK_BAR_NONE;
  return 0;
}

int platform_vectors_connect(int count) {
  for (int vector = 0; vector < count; vector++) {
    uint64_t address = MESSAGES + 4 * (unsigned)vector;
    int result = pcie_link_msix_allocate(platform_link, &function, vector, address, (uint32_t)vector);
    if (result < 0) return platform_link_result(result);
  }
  return 0;
}

/* Bit 0 of Vector Control masks: PCI Express Base, 7.7.2.8. It is read back, so that it holds on return. */
int platform_vector_mask(int vector, bool masked) {
  uint64_t entry = function.msix_table_offset + (uint64_t)vector * TABLE_ENTRY_BYTES + TABLE_CONTROL;
  uint32_t control = masked;
  int result = platform_bar_write((int)function.msix_table_bar, entry, &control, sizeof control);
  if (result < 0) return result;
  result = platform_bar_read((int)function.msix_table_bar, entry, &control, sizeof control);
  if (result < 0) return result;
  return (control & 1) == masked ? 0 : PLATFORM_FAILED;
}

/* The place of the pending bits stands at offset 8 of the capability: PCI Express Base, 7.7.2.4. */
int platform_vector_pending(int vector) {
  uint32_t place, bits;
  int result =
      pcie_link_config_read(platform_link, function.bdf, function.msix_capability + 8, 4, &place);
  if (result < 0) return platform_link_result(result);
  uint64_t offset = (place & ~7u) + (uint64_t)vector / 32 * 4;
  result = platform_bar_read((int)(place & 7), offset, &bits, sizeof bits);
  return result < 0 ? result : (int)(bits >> vector % 32 & 1);
}

int platform_bar_read(int bar, uint64_t offset, void *data, size_t bytes) {
  uint64_t address = function.addresses[bar] + offset;
  return platform_link_result(pcie_link_read(platform_link, address, data, bytes, PCIE_LINK_DEFAULT));
}

int platform_bar_write(int bar, uint64_t offset, const void *data, size_t bytes) {
  return platform_link_write(function.addresses[bar] + offset, data, bytes);
}

int platform_lend(void *memory, size_t bytes, uint64_t *address) {
  int result = pcie_link_memory_add(platform_link, next_address, memory, bytes);
  if (result < 0) return platform_link_result(result);
  *address = next_address;
  next_address += (bytes + 4095) & ~(uint64_t)4095;
  return 0;
}
