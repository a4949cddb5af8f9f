/* A function: Zephyr's pcie_ep over the link. The host's memory is no memory of this program, so that a
 * mapping is a copy: read when it is made, and what was changed in it is written when it ends. */
#define DT_DRV_COMPAT pcie_harness_link_endpoint
#include "link_bottom.h"
#include <errno.h>
#include <pcie_harness/endpoint.h>
#include <pcie_harness/link.h>
#include <string.h>
#include <zephyr/drivers/pcie/endpoint/pcie_ep.h>
#include <zephyr/kernel.h>

enum { MSIX_BAR = 5, MSIX_BAR_BYTES = 4096, MSIX_PENDING = 2048, WINDOWS = 4, WINDOW_BYTES = 65536 };
enum { COMMAND = 0x04, CLASS = 0x08, FIRST_BAR = 0x10, SUBSYSTEM = 0x2c };

/* An outbound window: `before` is what the host's memory held when it was last the same as `copy`. */
struct window {
  uint64_t address;
  uint32_t bytes; /* 0: free */
  uint8_t copy[WINDOW_BYTES], before[WINDOW_BYTES];
};

static const uint32_t bar_bytes[] = DT_INST_PROP(0, bar_bytes);
static pcie_link *end_of_link;
static pcie_link_description description;
static uint8_t *bars[PCIE_LINK_BARS];
static struct window windows[WINDOWS];
static struct {
  pcie_ep_reset_callback_t handler;
  void *argument;
} resets[PCIE_RESET_MAX];
static void (*access_handler)(void *argument);
static void *access_argument;

static int result(int code) {
  pcie_harness_link_settle();
  return pcie_harness_errno(code);
}

/* --- BARs --- */

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  ARG_UNUSED(context), ARG_UNUSED(link);
  memcpy(data, bars[bar] + offset, bytes);
  return PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  ARG_UNUSED(context), ARG_UNUSED(link);
  memcpy(bars[bar] + offset, data, bytes);
  return PCIE_LINK_OK;
}

void *pcie_harness_endpoint_bar(const struct device *dev, int bar, size_t *bytes) {
  ARG_UNUSED(dev);
  if (bar < 0 || bar >= PCIE_LINK_BARS || !bars[bar]) return NULL;
  *bytes = (size_t)description.bars[bar].bytes;
  return bars[bar];
}

void pcie_harness_endpoint_on_access(const struct device *dev, void (*handler)(void *argument),
                                     void *argument) {
  ARG_UNUSED(dev);
  access_argument = argument;
  access_handler = handler;
}

/* --- pcie_ep --- */

/* The registers of the header that the broker tells; the rest is the broker's. */
static int conf_read(const struct device *dev, uint32_t offset, uint32_t *data) {
  ARG_UNUSED(dev);
  if (!end_of_link) return -ENOTCONN;
  const pcie_link_function *settings = pcie_link_settings(end_of_link);
  uint32_t bar = (offset - FIRST_BAR) / 4;
  if (offset == 0) {
    *data = description.vendor_id | (uint32_t)description.device_id << 16;
  } else if (offset == COMMAND) {
    *data = (settings->bars_enabled ? BIT(1) : 0) | (settings->bus_master ? BIT(2) : 0);
  } else if (offset == CLASS) {
    *data = description.class_code << 8 | description.revision;
  } else if (offset >= FIRST_BAR && offset % 4 == 0 && bar < PCIE_LINK_BARS) {
    *data = (settings->bars_enabled >> bar & 1) ? (uint32_t)settings->bar_addresses[bar] : 0;
  } else if (offset == SUBSYSTEM) {
    *data = description.subsystem_vendor_id | (uint32_t)description.subsystem_id << 16;
  } else {
    return -ENOTSUP;
  }
  return 0;
}

/* The function's own side of configuration space is read-only: what it shows is in the devicetree. */
static void conf_write(const struct device *dev, uint32_t offset, uint32_t data) {
  ARG_UNUSED(dev), ARG_UNUSED(offset), ARG_UNUSED(data);
}

static struct window *window_at(uint64_t mapped) {
  for (int index = 0; index < WINDOWS; index++) {
    uint64_t first = (uintptr_t)windows[index].copy;
    uint64_t end = first + windows[index].bytes;
    if (windows[index].bytes && mapped >= first && mapped < end) return &windows[index];
  }
  return NULL;
}

static int map_addr(const struct device *dev, uint64_t address, uint64_t *mapped, uint32_t bytes,
                    enum pcie_ob_mem_type type) {
  ARG_UNUSED(dev);
  if (!end_of_link) return -ENOTCONN;
  if (bytes == 0 || (type == PCIE_OB_LOWMEM && address + bytes > UINT32_MAX)) return -EINVAL;
  struct window *window = NULL;
  for (int index = 0; index < WINDOWS && !window; index++)
    if (!windows[index].bytes) window = &windows[index];
  if (!window) return -EBUSY;
  bytes = MIN(bytes, WINDOW_BYTES);
  int code = result(pcie_link_read(end_of_link, address, window->copy, bytes, PCIE_LINK_DEFAULT));
  if (code < 0) return code;
  memcpy(window->before, window->copy, bytes);
  window->address = address;
  window->bytes = bytes;
  *mapped = (uintptr_t)window->copy;
  return (int)bytes;
}

/* Writes what was changed, and nothing else: the host may have changed its neighbours. */
static void unmap_addr(const struct device *dev, uint64_t mapped) {
  ARG_UNUSED(dev);
  struct window *window = window_at(mapped);
  if (!window) return;
  for (uint32_t first = 0, last; first < window->bytes; first = last) {
    last = first + 1;
    if (window->copy[first] == window->before[first]) continue;
    while (last < window->bytes && window->copy[last] != window->before[last]) last++;
    result(pcie_link_write(end_of_link, window->address + first, window->copy + first, last - first));
  }
  window->bytes = 0;
}

static int dma_xfer(const struct device *dev, uint64_t mapped, uintptr_t local, uint32_t bytes,
                    enum xfer_direction direction) {
  ARG_UNUSED(dev);
  struct window *window = window_at(mapped);
  if (!window) return -EINVAL;
  uint64_t offset = mapped - (uintptr_t)window->copy;
  if (bytes > window->bytes - offset) return -EINVAL;
  void *memory = (void *)local;
  if (direction == HOST_TO_DEVICE)
    return result(pcie_link_read(end_of_link, window->address + offset, memory, bytes, PCIE_LINK_DEFAULT));
  int code = result(pcie_link_write(end_of_link, window->address + offset, memory, bytes));
  if (code < 0) return code;
  memcpy(window->copy + offset, memory, bytes);
  memcpy(window->before + offset, memory, bytes);
  return 0;
}

/* INTx is a pulse, as pcie_ep has no way to take it back. */
static int raise_irq(const struct device *dev, enum pci_ep_irq_type type, uint32_t number) {
  ARG_UNUSED(dev);
  if (!end_of_link) return -ENOTCONN;
  if (type == PCIE_EP_IRQ_MSIX) return result(pcie_link_interrupt(end_of_link, PCIE_LINK_MSIX, (int)number));
  if (type == PCIE_EP_IRQ_MSI) return result(pcie_link_interrupt(end_of_link, PCIE_LINK_MSI, (int)number));
  int code = result(pcie_link_interrupt(end_of_link, PCIE_LINK_INTX_ASSERT, 0));
  return code < 0 ? code : result(pcie_link_interrupt(end_of_link, PCIE_LINK_INTX_DEASSERT, 0));
}

static int register_reset(const struct device *dev, enum pcie_reset reset, pcie_ep_reset_callback_t handler,
                          void *argument) {
  ARG_UNUSED(dev);
  if (reset >= PCIE_RESET_MAX) return -EINVAL;
  resets[reset].argument = argument;
  resets[reset].handler = handler;
  return 0;
}

static const struct pcie_ep_driver_api api = {
    .conf_read = conf_read,
    .conf_write = conf_write,
    .map_addr = map_addr,
    .unmap_addr = unmap_addr,
    .raise_irq = raise_irq,
    .register_reset_cb = register_reset,
    .dma_xfer = dma_xfer,
};

/* --- happenings --- */

static void happened(uint32_t events, uint64_t vectors) {
  static const int states[PCIE_RESET_MAX] = {
      [PCIE_PERST] = PCIE_LINK_STATE_DOWN,
      [PCIE_PERST_INB] = PCIE_LINK_STATE_HOT_RESET,
      [PCIE_FLR] = PCIE_LINK_STATE_FLR,
  };
  ARG_UNUSED(vectors);
  for (int reset = 0; reset < PCIE_RESET_MAX; reset++)
    if ((events & BIT(states[reset])) && resets[reset].handler) resets[reset].handler(resets[reset].argument);
  if ((events & PCIE_HARNESS_ACCESS) && access_handler) access_handler(access_argument);
}

static int start(const struct device *dev) {
  ARG_UNUSED(dev);
  BUILD_ASSERT(ARRAY_SIZE(bar_bytes) <= PCIE_LINK_BARS);
  BUILD_ASSERT(DT_INST_PROP(0, msix_vectors) == 0 || ARRAY_SIZE(bar_bytes) <= MSIX_BAR);
  description.vendor_id = DT_INST_PROP(0, vendor_id);
  description.device_id = DT_INST_PROP(0, device_id);
  description.class_code = DT_INST_PROP(0, class_code);
  for (size_t bar = 0; bar < ARRAY_SIZE(bar_bytes); bar++) {
    if (!bar_bytes[bar]) continue;
    description.bars[bar] = (pcie_link_bar){.bytes = bar_bytes[bar], .kind = PCIE_LINK_BAR_MEMORY32};
    bars[bar] = link_bottom_allocate(bar_bytes[bar]);
    if (!bars[bar]) return -ENOMEM;
  }
  if (DT_INST_PROP(0, msix_vectors)) {
    description.bars[MSIX_BAR] = (pcie_link_bar){.bytes = MSIX_BAR_BYTES, .kind = PCIE_LINK_BAR_MEMORY32};
    description.msix_vectors = DT_INST_PROP(0, msix_vectors);
    description.msix_bar = description.msix_pba_bar = MSIX_BAR;
    description.msix_pba_offset = MSIX_PENDING;
  }
  const pcie_link_options options = {
      .role = PCIE_LINK_DEVICE, .description = &description, .device = {read_bar, write_bar}};
  return pcie_harness_errno(pcie_harness_link_open(&options, happened, &end_of_link));
}

DEVICE_DT_INST_DEFINE(0, start, NULL, NULL, NULL, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEVICE, &api);
