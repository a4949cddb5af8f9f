/* Lists what is behind the root complex, and ends. */
#include <zephyr/kernel.h>
#include <zephyr/drivers/pcie/cap.h>
#include <zephyr/drivers/pcie/pcie.h>
#ifdef CONFIG_PCIE_HARNESS_LINK
#include <pcie_harness/link.h>
#endif

enum { BUSES = 8, CLASS = 2 };

static void tell_bars(pcie_bdf_t bdf) {
  struct pcie_bar bar;
  for (unsigned int index = 0; index < 6; index++)
    if (pcie_probe_mbar(bdf, index, &bar))
      printk("scan:   BAR %u at 0x%lx, %zu bytes\n", index, (unsigned long)bar.phys_addr, bar.size);
}

static bool tell(pcie_bdf_t bdf) {
  uint32_t id = pcie_conf_read(bdf, PCIE_CONF_ID);
  if (id == PCIE_ID_NONE) return false;
  printk("scan: %02x:%02x.%x is %04x:%04x, class %06x, MSI-X %s\n", PCIE_BDF_TO_BUS(bdf),
         PCIE_BDF_TO_DEV(bdf), PCIE_BDF_TO_FUNC(bdf), PCIE_ID_TO_VEND(id), PCIE_ID_TO_DEV(id),
         pcie_conf_read(bdf, CLASS) >> 8,
         pcie_get_cap(bdf, PCI_CAP_ID_MSIX) ? "yes" : "no");
  tell_bars(bdf);
  return true;
}

/* A thread and no main: that gave nothing before Zephyr 3.4, and gives a number since. */
static void run(void *first, void *second, void *third) {
  int count = 0;
  ARG_UNUSED(first), ARG_UNUSED(second), ARG_UNUSED(third);
  for (int bus = 0; bus < BUSES; bus++)
    for (int device = 0; device < 32; device++)
      for (int function = 0; function < 8; function++)
        if (tell(PCIE_BDF(bus, device, function)))
          count++;
        else if (function == 0)
          break;
  printk("scan: %d functions\n", count);
#ifdef CONFIG_PCIE_HARNESS_LINK
  pcie_harness_end(0);
#endif
}
K_THREAD_DEFINE(scan, 4096, run, NULL, NULL, NULL, 0, 0, 0);
