/* The last suite by name: whoever runs the image takes the link down when its console asks for that. */
#include "host.h"
#include <zephyr/ztest.h>

ZTEST(unplugged, test_the_link_goes_down) {
  uint32_t value;
  uint64_t address = host_function()->addresses[1];
  zassert_true(pcie_harness_host_is_up(host));
  printk("native: waiting for the link to go down\n");
  for (int tick = 0; tick < 10000 && pcie_harness_host_is_up(host); tick++) k_msleep(1);
  zassert_false(pcie_harness_host_is_up(host));
  zassert_equal(pcie_harness_host_read(host, address, &value, sizeof value), -ENOTCONN);
  zassert_equal(pcie_harness_host_write(host, address, &value, sizeof value), -ENOTCONN);
}

ZTEST_SUITE(unplugged, NULL, NULL, NULL, NULL, NULL);
