/* A broker of two links for the tests: a host above, a described device below. It owns the device's
 * configuration space and MSI-X table as far as pcie_link_enumerate and pcie_link_msix_allocate need them,
 * and passes on the rest. */
#ifndef SMALL_BROKER_H
#define SMALL_BROKER_H
#include "pcie_link_broker.h"

enum { HOST = 0, DEVICE = 1 };

/* Serves both programs, who connect at the listener, until the host has gone. The links are opened with these
 * limits. */
void small_broker(int listener, uint16_t payload, uint16_t read_request);
#endif
