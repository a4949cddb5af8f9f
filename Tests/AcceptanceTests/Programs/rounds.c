/* Round trips with pauses in between, so that both sides fall asleep at every point of a round trip and have
 * to wake each other; a wake-up that is lost shows as a read that ends by its timeout, which is no scheduler's
 * delay. Usage: rounds COUNT [loop], with `loop` in an event loop instead of in blocking calls. */
#define _GNU_SOURCE
#include <pcie_link.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE = 20000 /* milliseconds */ };
static pcie_link *host;
static int in_loop, status, is_done;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* At work with something else, as far as the link is concerned. */
static void pause_for(uint64_t nanoseconds) {
  for (uint64_t end = now() + nanoseconds; now() < end;) {}
}

static void done(void *context, pcie_link *link, int result) {
  (void)context, (void)link;
  status = result;
  is_done = 1;
}

static int read_word(uint64_t address, void *into) {
  if (!in_loop) return pcie_link_read(host, address, into, 4, PATIENCE);
  is_done = 0;
  int error = pcie_link_read_start(host, address, into, 4, PATIENCE, done, NULL);
  while (error >= 0 && !is_done) {
    struct pollfd until = {.fd = pcie_link_fd(host), .events = POLLIN};
    poll(&until, 1, pcie_link_next_timeout(host));
    error = pcie_link_poll(host);
  }
  return error < 0 ? error : status;
}

int main(int count, char **words) {
  int rounds = count > 1 ? atoi(words[1]) : 1000;
  in_loop = count > 2 && strcmp(words[2], "loop") == 0;
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  pcie_link_found found;
  int error = pcie_link_open(NULL, &options, &host);
  if (error >= 0) error = pcie_link_enumerate(host, &found, 1);
  uint64_t longest = 0;
  uint32_t value, random = 1;
  for (int round = 0; error >= 0 && round < rounds; round++) {
    random = random * 1664525u + 1013904223u;
    pause_for(random >> 14); /* up to a quarter of a millisecond */
    uint64_t start = now();
    value = (uint32_t)round;
    error = pcie_link_write(host, found.addresses[1], &value, sizeof value);
    if (error >= 0) error = read_word(found.addresses[1], &value);
    if (error < 0) printf("round %d of %d: ", round, rounds);
    if (error >= 0 && value != (uint32_t)round) error = PCIE_LINK_E_POISONED;
    uint64_t taken = now() - start;
    if (taken > longest) longest = taken;
  }
  if (error < 0) {
    printf("%s: %s\n", pcie_link_strerror(error), pcie_link_error_text(host));
    return 1;
  }
  printf("%d rounds\n", rounds);
  fprintf(stderr, "the longest took %llu us\n", (unsigned long long)longest / 1000);
  pcie_link_close(host);
  return 0;
}
