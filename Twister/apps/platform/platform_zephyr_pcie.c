/* Zephyr on a machine with PCIe: the host's side over Zephyr's own drivers, and the console.
 *
 * The function is the first with MSI-X: chipsets that QEMU plays have none. It stands where firmware has
 * placed it. Nothing tells of a link that goes down; reads are all ones then. */
#include "platform.h"
#include <string.h>
#include <zephyr/device.h>
#include <zephyr/drivers/pcie/cap.h>
#include <zephyr/drivers/pcie/msi.h>
#include <zephyr/drivers/pcie/pcie.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/device_mmio.h>
#include <zephyr/sys/mem_manage.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/sys_io.h>

/* The numbers of DWs of the MSI-X capability, PCI Express Base 7.7.2, and of an entry of its table. */
enum { MSIX_CONTROL = 0, MSIX_PENDING = 2, VECTOR_PRIORITY = 10, BUSES = 8, LOOK_MILLISECONDS = 1 };

static pcie_bdf_t bdf;
static uint32_t msix;
static mm_reg_t bars[PLATFORM_BARS];
static msi_vector_t vectors[PLATFORM_VECTORS];
static void (*handler)(int vector);
static const char *problem = "";
static volatile uint32_t interrupts;
static uint32_t seen;
static K_SEM_DEFINE(happened, 0, 1);

static int failed(int result, const char *text) {
  problem = text;
  return result;
}

const char *platform_problem(void) { return problem; }

/* --- host --- */

static void interrupt(const void *vector) {
  handler((int)(intptr_t)vector);
  interrupts++;
  k_sem_give(&happened);
}

int platform_host_open(void (*interrupted)(int vector)) {
  handler = interrupted;
  return 0;
}

static bool look(pcie_bdf_t candidate) {
  if (pcie_conf_read(candidate, PCIE_CONF_ID) == PCIE_ID_NONE) return false;
  msix = pcie_get_cap(candidate, PCI_CAP_ID_MSIX);
  bdf = candidate;
  return msix != 0;
}

static bool find(void) {
  for (int bus = 0; bus < BUSES; bus++)
    for (int device = 0; device < 32; device++)
      for (int function = 0; function < 8; function++)
        if (look(PCIE_BDF(bus, device, function))) return true;
  return false;
}

int platform_find(struct platform_function *found) {
  struct pcie_bar bar;
  if (!find()) return failed(PLATFORM_REFUSED, "no function has MSI-X");
  uint32_t id = pcie_conf_read(bdf, PCIE_CONF_ID);
  found->vendor = PCIE_ID_TO_VEND(id);
  found->device = PCIE_ID_TO_DEV(id);
  found->vectors = (int)(pcie_conf_read(bdf, msix + MSIX_CONTROL) >> 16 & 0x7ff) + 1;
  for (unsigned index = 0; index < PLATFORM_BARS; index++) {
    found->bars[index] = pcie_get_mbar(bdf, index, &bar);
    if (found->bars[index]) device_map(&bars[index], bar.phys_addr, bar.size, K_MEM_CACHE_NONE);
  }
  pcie_set_cmd(bdf, PCIE_CONF_CMDSTAT_MEM | PCIE_CONF_CMDSTAT_MASTER, true);
  return 0;
}

int platform_vectors_connect(int count) {
  if (pcie_msi_vectors_allocate(bdf, VECTOR_PRIORITY, vectors, (uint8_t)count) != count)
    return failed(PLATFORM_FAILED, "Zephyr gives no vectors");
  for (int vector = 0; vector < count; vector++)
    if (!pcie_msi_vector_connect(bdf, &vectors[vector], interrupt, (const void *)(intptr_t)vector, 0))
      return failed(PLATFORM_FAILED, "a vector is not connected");
  if (!pcie_msi_enable(bdf, vectors, (uint8_t)count, 0)) return failed(PLATFORM_FAILED, "MSI-X stays off");
  return 0;
}

/* Read back, so that it holds on return. */
int platform_vector_mask(int vector, bool masked) {
  volatile struct msix_vector *entry = vectors[vector].msix_vector;
  entry->vector_ctrl = masked;
  return (entry->vector_ctrl & 1) == masked ? 0 : failed(PLATFORM_FAILED, "the mask does not hold");
}

int platform_vector_pending(int vector) {
  uint32_t bits, place = pcie_conf_read(bdf, msix + MSIX_PENDING);
  int result = platform_bar_read((int)(place & 7), (place & ~7u) + (uint64_t)vector / 32 * 4, &bits, 4);
  return result < 0 ? result : (int)(bits >> vector % 32 & 1);
}

/* Whole DWs where that can be, as drivers do. */
int platform_bar_read(int bar, uint64_t offset, void *data, size_t bytes) {
  mm_reg_t address = bars[bar] + offset;
  uint8_t *to = data;
  if (bars[bar] == 0) return failed(PLATFORM_REFUSED, "there is no such BAR");
  for (; bytes >= 4 && (address & 3) == 0; address += 4, to += 4, bytes -= 4) {
    uint32_t word = sys_read32(address);
    memcpy(to, &word, 4);
  }
  for (; bytes > 0; bytes--) *to++ = sys_read8(address++);
  return 0;
}

int platform_bar_write(int bar, uint64_t offset, const void *data, size_t bytes) {
  mm_reg_t address = bars[bar] + offset;
  const uint8_t *from = data;
  if (bars[bar] == 0) return failed(PLATFORM_REFUSED, "there is no such BAR");
  for (; bytes >= 4 && (address & 3) == 0; address += 4, from += 4, bytes -= 4) {
    uint32_t word;
    memcpy(&word, from, 4);
    sys_write32(word, address);
  }
  for (; bytes > 0; bytes--) sys_write8(*from++, address++);
  return 0;
}

/* All of the memory is the device's too; there is no IOMMU. */
int platform_lend(void *memory, size_t bytes, uint64_t *address) {
  ARG_UNUSED(bytes);
  *address = z_mem_phys_addr(memory);
  return 0;
}

/* --- waiting --- */

void platform_on_change(void (*changed)(enum platform_change change)) { ARG_UNUSED(changed); }
const char *platform_change_text(enum platform_change change) {
  ARG_UNUSED(change);
  return "";
}
bool platform_is_up(void) { return true; }
void platform_close(void) {}

static bool has_line(void);

int platform_wait(void) {
  while (seen == interrupts && !has_line()) k_sem_take(&happened, K_MSEC(LOOK_MILLISECONDS));
  seen = interrupts;
  return 0;
}

int platform_await(const volatile uint32_t *counter, uint32_t value, int milliseconds) {
  int64_t end = k_uptime_get() + milliseconds;
  while (*counter == value) {
    int64_t left = end - k_uptime_get();
    if (left <= 0) return failed(PLATFORM_TIMEOUT, "nothing came in time");
    k_sem_take(&happened, K_MSEC(left));
  }
  return 0;
}

/* --- console --- */

static char line[PLATFORM_LINE_BYTES];
static size_t length;
static bool is_whole;

static bool has_line(void) {
  const struct device *console = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));
  unsigned char byte;
  while (!is_whole && uart_poll_in(console, &byte) == 0) {
    is_whole = byte == '\n' || byte == '\r';
    if (!is_whole && length < sizeof line - 1) line[length++] = (char)byte;
    if (is_whole && length == 0) is_whole = false;
  }
  return is_whole;
}

bool platform_line(char into[PLATFORM_LINE_BYTES]) {
  if (!has_line()) return false;
  memcpy(into, line, length);
  into[length] = 0;
  length = 0;
  is_whole = false;
  return true;
}

void platform_print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintk(format, arguments);
  va_end(arguments);
  printk("\n");
}

/* The machine goes on; the line says that the application does not. */
static void run(void *first, void *second, void *third) {
  ARG_UNUSED(first), ARG_UNUSED(second), ARG_UNUSED(third);
  printk("application: ended with %d\n", application());
}
K_THREAD_DEFINE(application_thread, CONFIG_MAIN_STACK_SIZE, run, NULL, NULL, NULL, 0, 0, 0);
