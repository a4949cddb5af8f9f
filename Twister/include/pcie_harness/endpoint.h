/* What a function at a link of pcie-harness has beyond Zephyr's pcie_ep.h. */
#ifndef PCIE_HARNESS_ENDPOINT_H
#define PCIE_HARNESS_ENDPOINT_H
#include <stddef.h>
#include <zephyr/device.h>

/* The memory behind a BAR, which the host reads and writes; NULL when there is none. */
void *pcie_harness_endpoint_bar(const struct device *dev, int bar, size_t *bytes);
/* Is told in interrupt context that the host has read or written BARs, however often since the last time. */
void pcie_harness_endpoint_on_access(const struct device *dev, void (*handler)(void *argument),
                                     void *argument);

#endif
