/* Opens the link, serves it, and keeps what has happened until Zephyr fetches it. */
#define _GNU_SOURCE
#include "link_bottom.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How far simulated time may be ahead of the host's: more is a simulator that does not keep to real time,
 * and every timeout of Zephyr would end before the other side could answer. */
enum { LEAD_MICROSECONDS = 1000000, LINE_BYTES = 512 };

static pcie_link *opened;
static pcie_link_device device;
static uint32_t events;
static uint64_t vectors;
static uint64_t start_time, start_now;
static char input[LINE_BYTES];
static uint32_t filled;
static bool input_has_ended;

static uint64_t host_microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

int64_t link_bottom_now(void) { return (int64_t)(host_microseconds() / 1000); }

void *link_bottom_allocate(uint32_t bytes) { return calloc(1, bytes); }

void link_bottom_close(void) {
  pcie_link_close(opened);
  opened = NULL;
}

void link_bottom_end(int code) {
  link_bottom_close();
  fflush(stdout);
  bottom_exit(code);
}

/* --- handlers of the link --- */

static void changed(void *context, pcie_link *link, int state) {
  (void)context, (void)link;
  events |= 1u << state;
}

static void interrupted(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link, (void)address;
  if (data >= LINK_VECTORS) return;
  vectors |= (uint64_t)1 << data;
  events |= LINK_EVENT_VECTOR;
}

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  events |= LINK_EVENT_ACCESS;
  return device.read ? device.read(context, link, bar, offset, data, bytes) : PCIE_LINK_E_UR;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  events |= LINK_EVENT_ACCESS;
  return device.write ? device.write(context, link, bar, offset, data, bytes) : PCIE_LINK_E_UR;
}

/* --- opening --- */

static void complain_of_opening(const char *url, int error) {
  fprintf(stderr, "pcie-link: cannot open %s: %s: %s\n", url, pcie_link_strerror(error),
          pcie_link_error_text(opened));
  if (error == PCIE_LINK_E_SYSTEM || error == PCIE_LINK_E_TIMEOUT)
    fprintf(stderr, "pcie-link: is pcie-harness running there? It starts this image itself when the image is "
                    "named in a suite, and names the link in PCIE_LINK\n");
}

int link_bottom_open(const pcie_link_options *options, bool is_optional, pcie_link **link) {
  const char *url = bottom_url ? bottom_url : getenv("PCIE_LINK");
  *link = NULL;
  if (!url) {
    fprintf(stderr, "pcie-link: no link is named; pass --pcie-link=unix:PATH#NODE or set PCIE_LINK%s\n",
            is_optional ? "; going on without" : "");
    if (is_optional) return PCIE_LINK_E_ABSENT;
    link_bottom_end(1);
  }
  pcie_link_options own = *options;
  device = own.device;
  own.device.read = read_bar;
  own.device.write = write_bar;
  own.host.interrupt = interrupted;
  own.state = changed;
  int error = pcie_link_open(url, &own, &opened);
  if (error < 0) {
    complain_of_opening(url, error);
    link_bottom_end(1);
  }
  start_time = bottom_time();
  start_now = host_microseconds();
  *link = opened;
  return PCIE_LINK_OK;
}

void link_bottom_start(uint32_t microseconds) { bottom_schedule(microseconds); }

/* --- serving --- */

static void look_at_input(void) {
  struct pollfd file = {.fd = STDIN_FILENO, .events = POLLIN};
  if (input_has_ended || filled == sizeof input || poll(&file, 1, 0) != 1) return;
  ssize_t count = read(STDIN_FILENO, input + filled, sizeof input - filled);
  if (count <= 0) {
    input_has_ended = true;
    return;
  }
  filled += (uint32_t)count;
  if (memchr(input, '\n', filled) || filled == sizeof input) events |= LINK_EVENT_INPUT;
}

/* The simulators give an option that is not there all ones. */
static uint32_t pace(void) { return bottom_pace == UINT32_MAX ? 0 : bottom_pace; }

/* With a pace simulated time waits a little for the host at each look, so that it can run without real
 * time. */
static void wait_for_link(void) {
  struct pollfd file = {.fd = pcie_link_fd(opened), .events = POLLIN};
  struct timespec time = {.tv_sec = pace() / 1000000, .tv_nsec = (long)(pace() % 1000000) * 1000};
  if (pace() && !events) ppoll(&file, 1, &time, NULL);
}

static void check_clock(void) {
  uint64_t simulated = bottom_time() - start_time, host = host_microseconds() - start_now;
  if (pace() || simulated < host + LEAD_MICROSECONDS) return;
  fprintf(stderr,
          "pcie-link: simulated time is %llu ms ahead of the host's, and the broker has the host's: start "
          "the image with --rt, or with --pcie-link-pace=MICROSECONDS\n",
          (unsigned long long)(simulated - host) / 1000);
  link_bottom_end(1);
}

void link_bottom_poll(void) {
  if (!opened) return;
  look_at_input();
  int served = pcie_link_poll(opened);
  if (served == 0) {
    wait_for_link();
    served = pcie_link_poll(opened);
  }
  if (served < 0 && !(events & LINK_EVENT_GONE)) {
    fprintf(stderr, "pcie-link: the link has ended: %s\n", pcie_link_error_text(opened));
    events |= LINK_EVENT_GONE;
  }
  check_clock();
  link_bottom_settle();
}

void link_bottom_settle(void) {
  if (events) bottom_raise();
}

uint32_t link_bottom_take(uint64_t *taken) {
  uint32_t happened = events;
  *taken = vectors;
  vectors = 0;
  events = 0;
  return happened;
}

/* A line that is too long is cut, and the rest of it is the next one. */
bool link_bottom_line(char *line, uint32_t bytes) {
  look_at_input();
  const char *end = memchr(input, '\n', filled);
  if (!end && filled < sizeof input) return false;
  uint32_t length = end ? (uint32_t)(end - input) : filled, taken = end ? length + 1 : length;
  if (length >= bytes) length = taken = bytes - 1;
  memcpy(line, input, length);
  line[length] = 0;
  filled -= taken;
  memmove(input, input + taken, filled);
  return true;
}
