/* What the parts of the Linux platform share. */
#ifndef PLATFORM_POSIX_H
#define PLATFORM_POSIX_H
#include "platform.h"
#include <pcie_link.h>

extern pcie_link *posix_link;

/* A handler of the application has run: platform_wait does not wait before it has said so. */
void posix_handled(void);
int posix_open(const pcie_link_options *options);
/* A result of the link library as one of the platform's. */
int posix_result(int result);
/* Posted requests: memory writes and MSI-X vectors. They wait while the other side takes nothing, as on real
 * hardware, but no more than a second: then PLATFORM_TIMEOUT. */
int posix_write(uint64_t address, const void *data, size_t bytes);
int posix_raise(int vector);

#endif
