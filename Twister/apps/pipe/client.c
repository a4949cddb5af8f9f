/* The host of the pipe: sets the server up, and does what its console says. */
#include "client.h"
#include "command.h"
#include "platform.h"

volatile uint32_t client_interrupts[PIPE_VECTORS];
static uint32_t told[PIPE_VECTORS];
static bool is_set_up, has_failed, is_over;

static void interrupt(int vector) {
  if (vector < PIPE_VECTORS) client_interrupts[vector]++;
}

int client_failed(const char *what, int result) {
  if (result != PLATFORM_DOWN) platform_print("pipe: FATAL ERROR: %s: %s", what, platform_problem());
  return result;
}

int client_set(enum pipe_register name, uint32_t value) {
  return platform_bar_write(PIPE_REGISTER_BAR, name, &value, sizeof value);
}

int client_get(enum pipe_register name, uint32_t *value) {
  return platform_bar_read(PIPE_REGISTER_BAR, name, value, sizeof *value);
}

static int set_up(void) {
  struct platform_function found;
  uint32_t magic;
  int result = platform_find(&found);
  if (result < 0) return client_failed("find the server", result);
  platform_print("pipe: found %04x:%04x", found.vendor, found.device);
  result = client_get(PIPE_MAGIC, &magic);
  if (result < 0) return client_failed("read the first register", result);
  if (magic != PIPE_MAGIC_VALUE || !found.bars[PIPE_BUFFER_BAR] || found.vectors < PIPE_VECTORS) {
    platform_print("pipe: FATAL ERROR: this is no server of the pipe");
    return PLATFORM_FAILED;
  }
  result = platform_vectors_connect(PIPE_VECTORS);
  if (result < 0) return client_failed("connect the vectors", result);
  result = flood_announce();
  if (result < 0) return client_failed("announce memory", result);
  platform_print("pipe: %d MSI-X Vectors connected", PIPE_VECTORS);
  return 0;
}

static void tell_interrupts(void) {
  for (int vector = 0; vector < PIPE_VECTORS; vector++)
    for (; told[vector] != client_interrupts[vector]; told[vector]++)
      platform_print("pipe: Received MSI-X IRQ! vector %d", vector);
}

/* --- commands --- */

static int change_mask(uint32_t vector, bool masked) {
  int result = vector < PIPE_VECTORS ? platform_vector_mask((int)vector, masked) : PLATFORM_REFUSED;
  if (result < 0) return client_failed("mask", result);
  platform_print("pipe: vector %u is %s", vector, masked ? "masked" : "open");
  return 0;
}

static int mask(uint32_t vector) { return change_mask(vector, true); }
static int unmask(uint32_t vector) { return change_mask(vector, false); }

static int pending(uint32_t vector) {
  int result = vector < PIPE_VECTORS ? platform_vector_pending((int)vector) : PLATFORM_REFUSED;
  if (result < 0) return client_failed("read the pending bits", result);
  platform_print("pipe: vector %u %s", vector, result ? "pends" : "does not pend");
  return 0;
}

static int quit(uint32_t number) {
  (void)number;
  is_over = true;
  return 0;
}

static const struct command commands[] = {
    {"pipe exchange", exchange_perform, PIPE_BUFFER_BYTES},
    {"pipe flood", flood_send, 10000},
    {"pipe mask", mask, 0},
    {"pipe unmask", unmask, 0},
    {"pipe pending", pending, 0},
    {"pipe quit", quit, 0},
};

/* --- the life of the client --- */

/* What was set up is lost, whether the link comes up again at once or later. */
static void changed(enum platform_change change) {
  is_set_up = has_failed = false;
  platform_print("pipe: %s", platform_change_text(change));
}

static void follow_link(void) {
  if (!platform_is_up() || is_set_up || has_failed) return;
  is_set_up = set_up() == 0;
  has_failed = !is_set_up && platform_is_up();
}

static int serve(void) {
  char line[PLATFORM_LINE_BYTES];
  for (;;) {
    follow_link();
    tell_interrupts();
    flood_look();
    if (platform_line(line)) {
      command_perform(line, commands, sizeof commands / sizeof *commands);
      if (is_over) return 0;
    } else if (platform_wait() == PLATFORM_GONE) {
      return PLATFORM_GONE;
    }
  }
}

int application(void) {
  platform_on_change(changed);
  int result = platform_host_open(interrupt);
  if (result >= 0) result = exchange_open();
  if (result >= 0) result = flood_open();
  if (result < 0) client_failed("start", result);
  if (result >= 0 && serve() < 0) platform_print("pipe: link gone");
  platform_close();
  return result < 0;
}
