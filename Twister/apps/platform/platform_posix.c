/* Waiting for the link and for the console. */
#define _POSIX_C_SOURCE 200809L
#include "platform_link.h"
#include "posix_console.h"
#include <poll.h>
#include <time.h>

int system_open(const pcie_link_options *options) { return pcie_link_open(NULL, options, &platform_link); }

void system_close(void) { pcie_link_close(platform_link); }

int64_t system_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int platform_wait(void) {
  struct pollfd files[] = {{.fd = pcie_link_fd(platform_link), .events = POLLIN},
                           {.fd = posix_console_file(), .events = POLLIN}};
  for (;;) {
    int served = pcie_link_poll(platform_link);
    if (served < 0) return platform_link_result(served);
    if (platform_link_take_handled() || posix_console_has_line()) return 0;
    poll(files, 2, pcie_link_next_timeout(platform_link));
    if (files[1].revents) posix_console_read();
    files[1].fd = posix_console_file();
  }
}

int platform_await(const volatile uint32_t *counter, uint32_t value, int milliseconds) {
  int64_t end = system_now() + milliseconds;
  while (*counter == value) {
    if (!platform_is_up()) return PLATFORM_DOWN;
    int64_t left = end - system_now();
    if (left <= 0) return PLATFORM_TIMEOUT;
    int served = pcie_link_wait(platform_link, (int)left);
    if (served < 0 && served != PCIE_LINK_E_TIMEOUT) return platform_link_result(served);
  }
  return 0;
}
