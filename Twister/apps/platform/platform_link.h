/* What the platforms over the link library share: Linux, and Zephyr within a Linux program. */
#ifndef PLATFORM_LINK_H
#define PLATFORM_LINK_H
#include "platform.h"
#include <pcie_link.h>

extern pcie_link *platform_link;

/* A handler of the application has run: platform_wait does not wait before it has said so. */
void platform_link_handled(void);
bool platform_link_take_handled(void);
int platform_link_open(const pcie_link_options *options);
/* A result of the link library as one of the platform's. */
int platform_link_result(int result);
/* Posted requests: memory writes and MSI-X vectors. They wait while the other side takes nothing, as on real
 * hardware, but no more than a second: then PLATFORM_TIMEOUT. */
int platform_link_write(uint64_t address, const void *data, size_t bytes);
int platform_link_raise(int vector);

/* --- what each platform has of its own --- */

/* Opens platform_link. Returns a result of the link library. */
int system_open(const pcie_link_options *options);
void system_close(void);
/* Milliseconds of the host, which only grow. */
int64_t system_now(void);

#endif
