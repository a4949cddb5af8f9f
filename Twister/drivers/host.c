/* The root port: Zephyr's PCIe controller over the link. */
#define DT_DRV_COMPAT pcie_harness_link_host
#include <pcie_harness/host.h>
#include <pcie_harness/link.h>
#include <zephyr/drivers/pcie/controller.h>
#include <zephyr/kernel.h>

/* Where the BARs go when Zephyr enumerates, and where lent memory begins; clear of each other and of the
 * messages at 0xfee00000. */
enum { MESSAGES = 0xfee00000u, WINDOW = 0xe0000000u, WINDOW_END = 0xf0000000u, LENT = 0x100000, PAGE = 4096 };

struct host {
  pcie_link *link;
  uint64_t next_bar, next_lent;
  struct {
    void (*handler)(void *argument);
    void *argument;
  } vectors[PCIE_HARNESS_VECTORS];
};

static struct host host = {.next_bar = WINDOW, .next_lent = LENT};

static int result(int code) {
  pcie_harness_link_settle();
  return pcie_harness_errno(code);
}

/* --- Zephyr's controller --- */

/* Behind a port there is no device but number 0 on the first bus: PCI Express Base, 7.3.1. What is not there
 * is not asked for, as Zephyr looks for it 65 536 times. */
static bool is_possible(pcie_bdf_t bdf) {
  unsigned int bus = PCIE_BDF_TO_BUS(bdf);
  return host.link && bus != 0 && (bus != PCIE_LINK_FIRST_BUS || PCIE_BDF_TO_DEV(bdf) == 0);
}

static uint16_t function(pcie_bdf_t bdf) {
  return pcie_link_bdf(PCIE_BDF_TO_BUS(bdf), PCIE_BDF_TO_DEV(bdf), PCIE_BDF_TO_FUNC(bdf));
}

static uint32_t conf_read(const struct device *dev, pcie_bdf_t bdf, unsigned int reg) {
  uint32_t value = UINT32_MAX;
  ARG_UNUSED(dev);
  if (!is_possible(bdf)) return UINT32_MAX;
  int code = result(pcie_link_config_read(host.link, function(bdf), reg * 4, 4, &value));
  return code == 0 ? value : UINT32_MAX;
}

static void conf_write(const struct device *dev, pcie_bdf_t bdf, unsigned int reg, uint32_t data) {
  ARG_UNUSED(dev);
  if (is_possible(bdf)) result(pcie_link_config_write(host.link, function(bdf), reg * 4, 4, data));
}

static bool allocate_base(const struct device *dev, pcie_bdf_t bdf, bool mem, bool mem64, size_t align,
                          uintptr_t *base) {
  ARG_UNUSED(dev), ARG_UNUSED(bdf), ARG_UNUSED(mem64);
  host.next_bar = ROUND_UP(host.next_bar, (uint64_t)align);
  *base = (uintptr_t)host.next_bar;
  return mem && host.next_bar < WINDOW_END;
}

static bool allocate(const struct device *dev, pcie_bdf_t bdf, bool mem, bool mem64, size_t bytes,
                     uintptr_t *address) {
  uint64_t before = host.next_bar;
  if (!allocate_base(dev, bdf, mem, mem64, bytes, address) || bytes > WINDOW_END - host.next_bar) {
    host.next_bar = before;
    return false;
  }
  host.next_bar += bytes;
  return true;
}

static const struct pcie_ctrl_driver_api api = {
    .conf_read = conf_read,
    .conf_write = conf_write,
    .region_allocate = allocate,
    .region_get_allocate_base = allocate_base,
};

/* --- memory and interrupts --- */

int pcie_harness_host_read(const struct device *dev, uint64_t address, void *data, size_t bytes) {
  ARG_UNUSED(dev);
  if (!host.link) return -ENOTCONN;
  return result(pcie_link_read(host.link, address, data, bytes, PCIE_LINK_DEFAULT));
}

int pcie_harness_host_write(const struct device *dev, uint64_t address, const void *data, size_t bytes) {
  ARG_UNUSED(dev);
  if (!host.link) return -ENOTCONN;
  return result(pcie_link_write(host.link, address, data, bytes));
}

int pcie_harness_host_lend(const struct device *dev, void *memory, size_t bytes, uint64_t *address) {
  ARG_UNUSED(dev);
  if (!host.link) return -ENOTCONN;
  if (bytes > WINDOW - host.next_lent) return -ENOSPC;
  int code = pcie_link_memory_add(host.link, host.next_lent, memory, bytes);
  if (code < 0) return pcie_harness_errno(code);
  *address = host.next_lent;
  host.next_lent += ROUND_UP((uint64_t)bytes, PAGE);
  return 0;
}

bool pcie_harness_host_is_up(const struct device *dev) {
  ARG_UNUSED(dev);
  return host.link && pcie_link_settings(host.link)->link_up;
}

int pcie_harness_host_find(const struct device *dev, pcie_link_found *found) {
  ARG_UNUSED(dev);
  if (!host.link) return -ENOTCONN;
  int count = pcie_link_enumerate(host.link, found, 1);
  return count == 0 ? -ENODEV : result(count);
}

int pcie_harness_host_connect(const struct device *dev, const pcie_link_found *found, int vector,
                              void (*handler)(void *argument), void *argument) {
  ARG_UNUSED(dev);
  if (!host.link) return -ENOTCONN;
  if (vector < 0 || vector >= PCIE_HARNESS_VECTORS) return -EINVAL;
  host.vectors[vector].argument = argument;
  host.vectors[vector].handler = handler;
  uint64_t address = MESSAGES + 4 * (uint64_t)vector;
  return result(pcie_link_msix_allocate(host.link, found, vector, address, (uint32_t)vector));
}

static void happened(uint32_t events, uint64_t vectors) {
  ARG_UNUSED(events);
  for (int vector = 0; vector < PCIE_HARNESS_VECTORS; vector++)
    if ((vectors >> vector & 1) && host.vectors[vector].handler)
      host.vectors[vector].handler(host.vectors[vector].argument);
}

static int start(const struct device *dev) {
  const pcie_link_options options = {.role = PCIE_LINK_HOST};
  int code = pcie_harness_link_open(&options, happened, &host.link);
  if (code < 0) return pcie_harness_errno(code);
#ifdef CONFIG_PCIE_CONTROLLER
  /* As other controllers do it: drivers find their BARs placed. */
  if (pcie_harness_host_is_up(dev)) pcie_generic_ctrl_enumerate(dev, PCIE_BDF(PCIE_LINK_FIRST_BUS, 0, 0));
#endif
  return 0;
}

DEVICE_DT_INST_DEFINE(0, start, NULL, NULL, NULL, POST_KERNEL, CONFIG_KERNEL_INIT_PRIORITY_DEVICE, &api);
