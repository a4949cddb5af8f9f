/* DMA of the device, both ways, with an interrupt at its end. */
#include "engine.h"
#include "host.h"
#include <string.h>
#include <zephyr/ztest.h>

static K_SEM_DEFINE(done, 0, 1);
static uint8_t memory[8192];
static uint64_t address;

static void interrupt(void *argument) {
  ARG_UNUSED(argument);
  k_sem_give(&done);
}

static void set_up(void) {
  host_need(DMA_ENDPOINT);
  if (address) return;
  zassert_ok(pcie_harness_host_lend(host, memory, sizeof memory, &address));
  zassert_ok(pcie_harness_host_connect(host, host_function(), 0, interrupt, NULL));
}

static uint32_t perform(enum engine_command command) {
  uint64_t engine = host_function()->addresses[ENGINE_BAR];
  host_set(engine + ENGINE_KIND, ENGINE_KIND_MSIX);
  host_set(engine + ENGINE_NUMBER, 1);
  host_set(engine + ENGINE_COMMAND, command);
  zassert_ok(k_sem_take(&done, K_SECONDS(5)), "no interrupt");
  return host_get(engine + ENGINE_STATUS);
}

ZTEST(dma, test_the_device_copies_host_memory) {
  set_up();
  uint64_t engine = host_function()->addresses[ENGINE_BAR];
  for (size_t index = 0; index < 4096; index++) memory[index] = (uint8_t)(index * 13 + 1);
  memset(memory + 4096, 0, 4096);
  host_set(engine + ENGINE_SOURCE, (uint32_t)address + 3);
  host_set(engine + ENGINE_TARGET, (uint32_t)address + 4096);
  host_set(engine + ENGINE_SIZE, 4000);
  zassert_equal(perform(ENGINE_COPY), ENGINE_COPY_DONE | ENGINE_INTERRUPT_RAISED);
  zassert_mem_equal(memory + 4096, memory + 3, 4000);
  zassert_equal(memory[4096 + 4000], 0, "behind the end");
}

ZTEST(dma, test_memory_that_is_not_lent_is_refused) {
  set_up();
  uint64_t engine = host_function()->addresses[ENGINE_BAR];
  host_set(engine + ENGINE_SOURCE, 0x40000000);
  host_set(engine + ENGINE_TARGET, (uint32_t)address);
  host_set(engine + ENGINE_SIZE, 64);
  zassert_true(perform(ENGINE_COPY) & ENGINE_COPY_FAILED);
}

ZTEST_SUITE(dma, NULL, NULL, NULL, NULL, NULL);
