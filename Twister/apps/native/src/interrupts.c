/* MSI-X: a vector comes as itself, and one that is masked pends until it is not. */
#include "engine.h"
#include "host.h"
#include <zephyr/drivers/pcie/controller.h>
#include <zephyr/ztest.h>

enum { VECTOR = 2, ENTRY_BYTES = 16, CONTROL = 12, PENDING_PLACE = 8 };

static K_SEM_DEFINE(came, 0, 10);

static void interrupt(void *argument) { k_sem_give(argument); }

static void raise(void) {
  uint64_t engine = host_function()->addresses[ENGINE_BAR];
  host_set(engine + ENGINE_KIND, ENGINE_KIND_MSIX);
  host_set(engine + ENGINE_NUMBER, VECTOR + 1);
  host_set(engine + ENGINE_COMMAND, ENGINE_RAISE);
}

/* Bit 0 of Vector Control: PCI Express Base, 7.7.2.8. It is read back, so that it holds. */
static void mask(bool masked) {
  const pcie_link_found *found = host_function();
  uint64_t table = found->addresses[found->msix_table_bar] + found->msix_table_offset;
  uint64_t control = table + VECTOR * ENTRY_BYTES + CONTROL;
  host_set(control, masked);
  zassert_equal(host_get(control) & 1, masked);
}

/* The place of the pending bits: PCI Express Base, 7.7.2.4. */
static bool pends(void) {
  const pcie_link_found *found = host_function();
  const struct pcie_ctrl_driver_api *controller = host->api;
  pcie_bdf_t bdf = PCIE_BDF(PCIE_LINK_FIRST_BUS, 0, 0);
  uint32_t place = controller->conf_read(host, bdf, (found->msix_capability + PENDING_PLACE) / 4);
  return host_get(found->addresses[place & 7] + (place & ~7u)) >> VECTOR & 1;
}

ZTEST(interrupts, test_a_vector_comes_as_itself) {
  host_need(DMA_ENDPOINT);
  zassert_ok(pcie_harness_host_connect(host, host_function(), VECTOR, interrupt, &came));
  raise();
  zassert_ok(k_sem_take(&came, K_SECONDS(5)));
  zassert_equal(k_sem_take(&came, K_MSEC(5)), -EAGAIN, "it came twice");
}

ZTEST(interrupts, test_a_masked_vector_pends) {
  host_need(DMA_ENDPOINT);
  zassert_ok(pcie_harness_host_connect(host, host_function(), VECTOR, interrupt, &came));
  mask(true);
  raise();
  zassert_true(pends());
  zassert_equal(k_sem_take(&came, K_MSEC(5)), -EAGAIN, "it came though it is masked");
  mask(false);
  zassert_ok(k_sem_take(&came, K_SECONDS(5)));
  zassert_false(pends());
}

ZTEST(interrupts, test_no_such_vector) {
  host_need(DMA_ENDPOINT);
  zassert_equal(pcie_harness_host_connect(host, host_function(), 64, interrupt, &came), -EINVAL);
}

ZTEST_SUITE(interrupts, NULL, NULL, NULL, NULL, NULL);
