#include "host.h"
#include <zephyr/ztest.h>

const struct device *const host = DEVICE_DT_GET(DT_NODELABEL(pcie));
static pcie_link_found function;

const pcie_link_found *host_function(void) {
  if (!function.vendor_id) zassert_ok(pcie_harness_host_find(host, &function), "find");
  return &function;
}

void host_need(enum host_device device) {
  const pcie_link_found *found = host_function();
  if ((found->vendor_id | (uint32_t)found->device_id << 16) != (uint32_t)device) ztest_test_skip();
}

uint32_t host_get(uint64_t address) {
  uint32_t value = 0;
  zassert_ok(pcie_harness_host_read(host, address, &value, sizeof value), "read 0x%llx", address);
  return value;
}

void host_set(uint64_t address, uint32_t value) {
  zassert_ok(pcie_harness_host_write(host, address, &value, sizeof value), "write 0x%llx", address);
}
