/* The PCIe link of a Zephyr image built for native_sim or native_posix: what the drivers of this module
 * stand on, and applications that want the link library itself, pcie_link.h. An image has one link. */
#ifndef PCIE_HARNESS_LINK_H
#define PCIE_HARNESS_LINK_H
#include <pcie_link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages with data below this are vectors. */
enum { PCIE_HARNESS_VECTORS = 64 };
/* Bits of events: those of PCIE_LINK_STATE_*, and these. */
enum {
  PCIE_HARNESS_VECTOR = 1 << 4, /* interrupts have come */
  PCIE_HARNESS_ACCESS = 1 << 5, /* a BAR of this device was read or written */
  PCIE_HARNESS_INPUT = 1 << 6,  /* a line waits on the console */
  /* The broker has gone; without CONFIG_PCIE_HARNESS_LINK_LEFT_IS_FINE the image ends. */
  PCIE_HARNESS_GONE = 1 << 7
};

/* Is told in interrupt context what has happened, however often since the last time. */
typedef void pcie_harness_handler(uint32_t events, uint64_t vectors);

/* Opens the link that --pcie-link=unix:PATH#NODE or PCIE_LINK names. The handlers of a device are called
 * outside the kernel and must not call it; interrupts and states come to `handler`. Returns a result of
 * the link library; an image whose link cannot be opened ends with code 1, but for PCIE_LINK_E_ABSENT
 * under CONFIG_PCIE_HARNESS_LINK_OPTIONAL. */
int pcie_harness_link_open(const pcie_link_options *options, pcie_harness_handler *handler, pcie_link **link);
/* To be called after calls of the link library that wait, before the thread waits for an interrupt: what
 * came meanwhile is raised. */
void pcie_harness_link_settle(void);
void pcie_harness_link_close(void);
/* The time of the host in milliseconds: simulated time stands still within a call of the link library. */
int64_t pcie_harness_host_now(void);
/* Takes the next line of standard input; false when none has come. */
bool pcie_harness_console_line(char *line, size_t bytes);
/* A result of the link library as 0 or a negative errno. */
int pcie_harness_errno(int result);
/* Says goodbye and ends the image. */
void pcie_harness_end(int code);

#endif
