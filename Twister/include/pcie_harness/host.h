/* What a host at a link of pcie-harness does beyond Zephyr's pcie.h. There a BAR is mapped and accessed as
 * memory; a program of the host has no such memory, so accesses are calls. Functions give 0 or a negative
 * errno. */
#ifndef PCIE_HARNESS_HOST_H
#define PCIE_HARNESS_HOST_H
#include <pcie_link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/device.h>
#include <zephyr/drivers/pcie/pcie.h>

/* Reads memory behind the link, such as a BAR; any address and size. Waits in the host; -ETIMEDOUT is a
 * completion timeout, -EIO any other completion than a successful one, -ENOTCONN a link that is down. */
int pcie_harness_host_read(const struct device *dev, uint64_t address, void *data, size_t bytes);
/* Posted: gives 0 when the write is on its way. */
int pcie_harness_host_write(const struct device *dev, uint64_t address, const void *data, size_t bytes);
/* Lends memory to devices, and tells under which address; at most PCIE_LINK_REGIONS times. */
int pcie_harness_host_lend(const struct device *dev, void *memory, size_t bytes, uint64_t *address);
bool pcie_harness_host_is_up(const struct device *dev);
/* Finds the function behind the link, places its BARs and enables it, as firmware does. -ENODEV: nobody is
 * there. */
int pcie_harness_host_find(const struct device *dev, pcie_link_found *found);
/* Gives the function an MSI-X vector below 64 and unmasks it; the handler is called in interrupt context. */
int pcie_harness_host_connect(const struct device *dev, const pcie_link_found *function, int vector,
                              void (*handler)(void *argument), void *argument);

#endif
