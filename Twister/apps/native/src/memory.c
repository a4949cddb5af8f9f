/* Reads and writes of a BAR. */
#include "host.h"
#include <string.h>
#include <zephyr/ztest.h>

static uint8_t sent[1024], got[1024];

static void write_and_read(uint64_t offset, size_t bytes) {
  uint64_t address = host_function()->addresses[1] + offset;
  for (size_t index = 0; index < bytes; index++) sent[index] = (uint8_t)(index * 7 + offset);
  zassert_ok(pcie_harness_host_write(host, address, sent, bytes));
  memset(got, 0, bytes);
  zassert_ok(pcie_harness_host_read(host, address, got, bytes));
  zassert_mem_equal(got, sent, bytes, "%zu bytes at 0x%llx", bytes, offset);
}

ZTEST(memory, test_what_is_written_is_read) {
  host_need(MEMORY_MOCK);
  write_and_read(0, 4);
  write_and_read(0, sizeof sent);
}

ZTEST(memory, test_unaligned_accesses) {
  host_need(MEMORY_MOCK);
  for (uint64_t offset = 1; offset < 8; offset++)
    for (size_t bytes = 1; bytes < 12; bytes++) write_and_read(offset, bytes);
  write_and_read(0x3fd, 777);
}

ZTEST(memory, test_neighbours_stay) {
  host_need(MEMORY_MOCK);
  uint64_t address = host_function()->addresses[1];
  host_set(address, 0x11223344);
  uint8_t byte = 0xff;
  zassert_ok(pcie_harness_host_write(host, address + 1, &byte, 1));
  zassert_equal(host_get(address), 0x1122ff44);
}

ZTEST(memory, test_nobody_is_there) {
  uint32_t value;
  host_function();
  zassert_equal(pcie_harness_host_read(host, 0xd0000000, &value, sizeof value), -EIO);
}

ZTEST_SUITE(memory, NULL, NULL, NULL, NULL, NULL);
