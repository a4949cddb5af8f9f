/* The device's side: the broker keeps configuration space and MSI-X table. */
#include "platform_link.h"

enum { TABLE_BAR = 1, TABLE_BAR_BYTES = 4096, PENDING_OFFSET = 2048 };

static const struct platform_device *served;

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link;
  platform_link_handled();
  return served->read(bar, offset, data, bytes) < 0 ? PCIE_LINK_E_UR : PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  (void)context, (void)link;
  platform_link_handled();
  return served->write(bar, offset, data, bytes) < 0 ? PCIE_LINK_E_UR : PCIE_LINK_OK;
}

static pcie_link_description describe(const struct platform_device *device) {
  pcie_link_description description = {
      .vendor_id = device->vendor,
      .device_id = device->device,
      .class_code = device->class_code,
      .msix_vectors = (uint16_t)device->vectors,
      .msix_bar = TABLE_BAR,
      .msix_pba_bar = TABLE_BAR,
      .msix_pba_offset = PENDING_OFFSET,
  };
  for (int bar = 0; bar < PLATFORM_BARS; bar++) {
    uint32_t bytes = bar == TABLE_BAR ? TABLE_BAR_BYTES : device->bar_bytes[bar];
    if (bytes) description.bars[bar] = (pcie_link_bar){.bytes = bytes, .kind = PCIE_LINK_BAR_MEMORY32};
  }
  return description;
}

int platform_device_open(const struct platform_device *device) {
  served = device;
  pcie_link_description description = describe(device);
  return platform_link_open(&(pcie_link_options){
      .role = PCIE_LINK_DEVICE, .description = &description, .device = {read_bar, write_bar}});
}

int platform_dma_read(uint64_t address, void *data, size_t bytes) {
  return platform_link_result(pcie_link_read(platform_link, address, data, bytes, PCIE_LINK_DEFAULT));
}

int platform_dma_write(uint64_t address, const void *data, size_t bytes) {
  return platform_link_write(address, data, bytes);
}

int platform_raise(int vector) { return platform_link_raise(vector); }
