/* The link, whatever world the program runs in. */
#include "platform_link.h"

/* How long a posted request waits for an other side that takes nothing, before the application may look at
 * its console again. */
enum { POSTED_MILLISECONDS = 1000 };

pcie_link *platform_link;
static bool has_handled;
static void (*change_handler)(enum platform_change change);

void platform_on_change(void (*changed)(enum platform_change change)) { change_handler = changed; }

const char *platform_change_text(enum platform_change change) {
  static const char *const texts[] = {"link down", "link up", "hot reset", "function level reset"};
  return texts[change];
}

static void changed(void *context, pcie_link *link, int state) {
  static const enum platform_change changes[] = {
      [PCIE_LINK_STATE_DOWN] = PLATFORM_LINK_DOWN,
      [PCIE_LINK_STATE_UP] = PLATFORM_LINK_UP,
      [PCIE_LINK_STATE_HOT_RESET] = PLATFORM_HOT_RESET,
      [PCIE_LINK_STATE_FLR] = PLATFORM_FUNCTION_RESET,
  };
  (void)context, (void)link;
  platform_link_handled();
  if (change_handler) change_handler(changes[state]);
}

void platform_link_handled(void) { has_handled = true; }

bool platform_link_take_handled(void) {
  bool handled = has_handled;
  has_handled = false;
  return handled;
}

int platform_link_open(const pcie_link_options *options) {
  pcie_link_options own = *options;
  own.state = changed;
  return platform_link_result(system_open(&own));
}

void platform_close(void) {
  system_close();
  platform_link = NULL;
}

bool platform_is_up(void) { return pcie_link_settings(platform_link)->link_up; }

const char *platform_problem(void) { return pcie_link_error_text(platform_link); }

int platform_link_result(int result) {
  switch (result) {
  case PCIE_LINK_E_TIMEOUT: return PLATFORM_TIMEOUT;
  case PCIE_LINK_E_DOWN: return PLATFORM_DOWN;
  case PCIE_LINK_E_CLOSED:
  case PCIE_LINK_E_COUNTER:
  case PCIE_LINK_E_RECORD: return PLATFORM_GONE;
  case PCIE_LINK_E_UR:
  case PCIE_LINK_E_CA:
  case PCIE_LINK_E_CRS:
  case PCIE_LINK_E_POISONED:
  case PCIE_LINK_E_DISABLED: return PLATFORM_REFUSED;
  default: return result < 0 ? PLATFORM_FAILED : result;
  }
}

int platform_link_write(uint64_t address, const void *data, size_t bytes) {
  int64_t end = system_now() + POSTED_MILLISECONDS;
  int result;
  /* What was sent before the ring was full is sent again, which memory does not mind. */
  do result = pcie_link_write(platform_link, address, data, bytes);
  while (result == PCIE_LINK_E_TIMEOUT && system_now() < end);
  return platform_link_result(result);
}

int platform_link_raise(int vector) {
  int64_t end = system_now() + POSTED_MILLISECONDS;
  int result;
  do result = pcie_link_interrupt(platform_link, PCIE_LINK_MSIX, vector);
  while (result == PCIE_LINK_E_TIMEOUT && system_now() < end);
  return platform_link_result(result);
}
