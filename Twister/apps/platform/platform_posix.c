/* The link, and waiting for it and for the console. */
#define _POSIX_C_SOURCE 200809L
#include "posix.h"
#include "posix_console.h"
#include <poll.h>
#include <time.h>

/* How long a posted request waits for an other side that takes nothing, before the application may look at
 * its console again. */
enum { POSTED_MILLISECONDS = 1000 };

pcie_link *posix_link;
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
  posix_handled();
  if (change_handler) change_handler(changes[state]);
}

void posix_handled(void) { has_handled = true; }

int posix_open(const pcie_link_options *options) {
  pcie_link_options own = *options;
  own.state = changed;
  return posix_result(pcie_link_open(NULL, &own, &posix_link));
}

void platform_close(void) {
  pcie_link_close(posix_link);
  posix_link = NULL;
}

bool platform_is_up(void) { return pcie_link_settings(posix_link)->link_up; }

const char *platform_problem(void) { return pcie_link_error_text(posix_link); }

int posix_result(int result) {
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

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int posix_write(uint64_t address, const void *data, size_t bytes) {
  int64_t end = now() + POSTED_MILLISECONDS;
  int result;
  /* What was sent before the ring was full is sent again, which memory does not mind. */
  do result = pcie_link_write(posix_link, address, data, bytes);
  while (result == PCIE_LINK_E_TIMEOUT && now() < end);
  return posix_result(result);
}

int posix_raise(int vector) {
  int64_t end = now() + POSTED_MILLISECONDS;
  int result;
  do result = pcie_link_interrupt(posix_link, PCIE_LINK_MSIX, vector);
  while (result == PCIE_LINK_E_TIMEOUT && now() < end);
  return posix_result(result);
}

int platform_wait(void) {
  struct pollfd files[] = {{.fd = pcie_link_fd(posix_link), .events = POLLIN},
                           {.fd = posix_console_file(), .events = POLLIN}};
  for (;;) {
    int served = pcie_link_poll(posix_link);
    if (served < 0) return posix_result(served);
    if (has_handled || posix_console_has_line()) {
      has_handled = false;
      return 0;
    }
    poll(files, 2, pcie_link_next_timeout(posix_link));
    if (files[1].revents) posix_console_read();
    files[1].fd = posix_console_file();
  }
}

int platform_await(const volatile uint32_t *counter, uint32_t value, int milliseconds) {
  int64_t end = now() + milliseconds;
  while (*counter == value) {
    if (!platform_is_up()) return PLATFORM_DOWN;
    int64_t left = end - now();
    if (left <= 0) return PLATFORM_TIMEOUT;
    int served = pcie_link_wait(posix_link, (int)left);
    if (served < 0 && served != PCIE_LINK_E_TIMEOUT) return posix_result(served);
  }
  return 0;
}
