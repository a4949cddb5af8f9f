/* A function that moves data between host memory and its BAR 1 when BAR 0 says so, by all ways of pcie_ep. */
#include <errno.h>
#include <pcie_harness/endpoint.h>
#include <string.h>
#include <zephyr/drivers/pcie/endpoint/pcie_ep.h>
#include <zephyr/kernel.h>

/* BAR 0; `command` is written last, and 0 again when it is done. */
struct registers {
  uint32_t command, status, low, high, bytes;
};
enum command { FETCH = 1, STORE = 2, PATCH = 3, RAISE = 4 };
/* Where PATCH changes the host's memory, and nowhere else. */
enum { PATCH_AT = 5, PATCH_BYTES = 3 };

static const struct device *const endpoint = DEVICE_DT_GET(DT_NODELABEL(endpoint));
static K_SEM_DEFINE(accessed, 0, 1);

static void on_access(void *argument) {
  ARG_UNUSED(argument);
  k_sem_give(&accessed);
}

static void on_reset(void *argument) { printk("endpoint: %s\n", (const char *)argument); }

/* Through a mapping, as a processor writes by an outbound window. */
static int patch(uint64_t address, const uint8_t *from, uint32_t bytes) {
  uint64_t mapped;
  int size = pcie_ep_map_addr(endpoint, address, &mapped, bytes, PCIE_OB_ANYMEM);
  if (size < 0) return size;
  if (size < PATCH_AT + PATCH_BYTES) return -EINVAL;
  memcpy((uint8_t *)(uintptr_t)mapped + PATCH_AT, from, PATCH_BYTES);
  pcie_ep_unmap_addr(endpoint, mapped);
  return 0;
}

static int perform(const struct registers *registers) {
  size_t bytes;
  uint8_t *memory = pcie_harness_endpoint_bar(endpoint, 1, &bytes);
  uint64_t address = (uint64_t)registers->high << 32 | registers->low;
  if (registers->bytes > bytes) return -EINVAL;
  switch (registers->command) {
  case FETCH:
    return pcie_ep_xfer_data_memcpy(endpoint, address, (uintptr_t *)memory, registers->bytes, PCIE_OB_ANYMEM,
                                    HOST_TO_DEVICE);
  case STORE:
    return pcie_ep_xfer_data_dma(endpoint, address, (uintptr_t *)memory, registers->bytes, PCIE_OB_ANYMEM,
                                 DEVICE_TO_HOST);
  case PATCH: return patch(address, memory, registers->bytes);
  case RAISE: return 0;
  default: return -ENOTSUP;
  }
}

static void run(void *first, void *second, void *third) {
  static char *const texts[] = {
      [PCIE_PERST] = "link down", [PCIE_PERST_INB] = "hot reset", [PCIE_FLR] = "function level reset"};
  size_t bytes;
  struct registers *registers = pcie_harness_endpoint_bar(endpoint, 0, &bytes);
  uint32_t id;
  ARG_UNUSED(first), ARG_UNUSED(second), ARG_UNUSED(third);
  for (int reset = 0; reset < PCIE_RESET_MAX; reset++)
    pcie_ep_register_reset_cb(endpoint, reset, on_reset, texts[reset]);
  pcie_harness_endpoint_on_access(endpoint, on_access, NULL);
  if (pcie_ep_conf_read(endpoint, 0, &id) == 0) printk("endpoint: %08x is ready\n", id);
  for (;;) {
    k_sem_take(&accessed, K_FOREVER);
    if (!registers->command) continue;
    registers->status = (uint32_t)-perform(registers);
    registers->command = 0;
    pcie_ep_raise_irq(endpoint, PCIE_EP_IRQ_MSIX, registers->status ? 1 : 0);
  }
}
K_THREAD_DEFINE(application, 8192, run, NULL, NULL, NULL, 0, 0, 0);
