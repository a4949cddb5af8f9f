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
/* Writes memory; waits for as long as the other side takes nothing, as a real posted write does. */
int posix_write(uint64_t address, const void *data, size_t bytes);

#endif
