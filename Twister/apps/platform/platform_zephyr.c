/* Zephyr, built for native_sim or native_posix: the link of the image, waiting for it, and the console. */
#include "platform_link.h"
#include <pcie_harness/link.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

static K_SEM_DEFINE(happened, 0, 1);
static pcie_link_options handlers;
static bool is_gone;

/* The bits of states stand in the order in which they follow each other when several have come: down,
 * resets, up. */
static const int states[] = {PCIE_LINK_STATE_DOWN, PCIE_LINK_STATE_HOT_RESET, PCIE_LINK_STATE_FLR,
                             PCIE_LINK_STATE_UP};

static void on_events(uint32_t events, uint64_t vectors) {
  for (size_t index = 0; index < ARRAY_SIZE(states); index++)
    if (events & BIT(states[index])) handlers.state(NULL, platform_link, states[index]);
  for (int vector = 0; vector < PCIE_HARNESS_VECTORS; vector++)
    if (vectors >> vector & 1) handlers.host.interrupt(NULL, platform_link, 0, (uint32_t)vector);
  is_gone |= (events & PCIE_HARNESS_GONE) != 0;
  k_sem_give(&happened);
}

int system_open(const pcie_link_options *options) {
  handlers = *options;
  return pcie_harness_link_open(options, on_events, &platform_link);
}

void system_close(void) { pcie_harness_link_close(); }

int64_t system_now(void) { return pcie_harness_host_now(); }

int platform_wait(void) {
  for (;;) {
    pcie_harness_link_settle();
    if (platform_link_take_handled()) return 0;
    if (is_gone) return PLATFORM_GONE;
    k_sem_take(&happened, K_FOREVER);
    if (!is_gone) return 0;
  }
}

int platform_await(const volatile uint32_t *counter, uint32_t value, int milliseconds) {
  int64_t end = k_uptime_get() + milliseconds;
  for (;;) {
    pcie_harness_link_settle();
    if (*counter != value) return 0;
    if (is_gone) return PLATFORM_GONE;
    if (!platform_is_up()) return PLATFORM_DOWN;
    int64_t left = end - k_uptime_get();
    if (left <= 0) return PLATFORM_TIMEOUT;
    k_sem_take(&happened, K_MSEC(left));
  }
}

/* --- console --- */

bool platform_line(char line[PLATFORM_LINE_BYTES]) {
  return pcie_harness_console_line(line, PLATFORM_LINE_BYTES);
}

void platform_print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintk(format, arguments);
  va_end(arguments);
  printk("\n");
}

/* A thread and no main: that gave nothing before Zephyr 3.4, and gives a number since. */
static void run(void *first, void *second, void *third) {
  ARG_UNUSED(first), ARG_UNUSED(second), ARG_UNUSED(third);
  pcie_harness_end(application());
}
K_THREAD_DEFINE(application_thread, CONFIG_MAIN_STACK_SIZE, run, NULL, NULL, NULL, 0, 0, 0);
