/* The kernel's side of the link: one interrupt line for everything that happens. */
#include "link_bottom.h"
#include <errno.h>
#include <pcie_harness/link.h>
#include <zephyr/irq.h>
#include <zephyr/kernel.h>

static pcie_harness_handler *handler;

static void interrupt(const void *argument) {
  uint64_t vectors;
  uint32_t events = link_bottom_take(&vectors);
  ARG_UNUSED(argument);
  handler(events, vectors);
  if ((events & PCIE_HARNESS_GONE) && !IS_ENABLED(CONFIG_PCIE_HARNESS_LINK_LEFT_IS_FINE)) link_bottom_end(1);
}

/* native_posix has no place for a hardware event of others: there the kernel's own clock looks at the
 * link. */
#ifdef CONFIG_BOARD_NATIVE_POSIX
static void look(struct k_timer *timer) {
  ARG_UNUSED(timer);
  link_bottom_poll();
}
static K_TIMER_DEFINE(looking, look, NULL);
#endif

int pcie_harness_link_open(const pcie_link_options *options, pcie_harness_handler *own, pcie_link **link) {
  handler = own;
  int result = link_bottom_open(options, IS_ENABLED(CONFIG_PCIE_HARNESS_LINK_OPTIONAL), link);
  if (result < 0) return result;
  IRQ_CONNECT(CONFIG_PCIE_HARNESS_LINK_IRQ, 1, interrupt, NULL, 0);
  irq_enable(CONFIG_PCIE_HARNESS_LINK_IRQ);
  link_bottom_start(CONFIG_PCIE_HARNESS_LINK_POLL_US);
#ifdef CONFIG_BOARD_NATIVE_POSIX
  k_timer_start(&looking, K_USEC(CONFIG_PCIE_HARNESS_LINK_POLL_US), K_USEC(CONFIG_PCIE_HARNESS_LINK_POLL_US));
#endif
  return PCIE_LINK_OK;
}

void pcie_harness_link_settle(void) { link_bottom_settle(); }
void pcie_harness_link_close(void) { link_bottom_close(); }
int64_t pcie_harness_host_now(void) { return link_bottom_now(); }
bool pcie_harness_console_line(char *line, size_t bytes) { return link_bottom_line(line, (uint32_t)bytes); }

int pcie_harness_errno(int result) {
  if (result >= 0) return 0;
  switch (result) {
  case PCIE_LINK_E_TIMEOUT: return -ETIMEDOUT;
  case PCIE_LINK_E_ABSENT: return -ENODEV;
  case PCIE_LINK_E_CLOSED:
  case PCIE_LINK_E_DOWN: return -ENOTCONN;
  case PCIE_LINK_E_DISABLED: return -EACCES;
  case PCIE_LINK_E_ARGUMENT: return -EINVAL;
  case PCIE_LINK_E_FULL: return -ENOSPC;
  case PCIE_LINK_E_ROLE: return -ENOTSUP;
  default: return -EIO;
  }
}

void pcie_harness_end(int code) { link_bottom_end(code); }
