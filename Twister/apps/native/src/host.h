/* What the suites share: the function behind the link, found once. */
#ifndef HOST_H
#define HOST_H
#include <pcie_harness/host.h>

/* memory-mock has memory in BAR 1; dma-endpoint is the DMA engine of engine.h in BAR 0. */
enum host_device { MEMORY_MOCK = 0x00020001, DMA_ENDPOINT = 0xb500104c };

extern const struct device *const host;
/* The function; fails the test when there is none. */
const pcie_link_found *host_function(void);
/* Skips the test when another device is behind the link. */
void host_need(enum host_device device);
uint32_t host_get(uint64_t address);
void host_set(uint64_t address, uint32_t value);

#endif
