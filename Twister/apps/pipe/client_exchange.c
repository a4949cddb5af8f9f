/* Patterns through the server's buffer and through the client's memory, both ways. */
#include "client.h"
#include "pattern.h"
#include "platform.h"

enum { BYTES_MIN = 4, STEP = 4, LOOK_MILLISECONDS = 100, LOOKS = 50 };

/* Each size begins one byte further into the memory, so that no boundary is met twice in the same way. */
static uint8_t memory[PIPE_BUFFER_BYTES + 16], buffer[PIPE_BUFFER_BYTES];
static uint64_t memory_address;

/* One transfer: how much, from which pattern, and what the interrupt comes as. */
struct transfer {
  uint32_t bytes, seed, vector, offset;
};

int exchange_open(void) { return platform_lend(memory, sizeof memory, &memory_address); }

static int differs(const char *what, const struct transfer *transfer, size_t position) {
  platform_print("pipe: FATAL ERROR: %s of %u bytes differs at byte %zu", what, transfer->bytes, position);
  return PLATFORM_FAILED;
}

static int start(enum pipe_command command, const struct transfer *transfer) {
  uint64_t address = memory_address + transfer->offset;
  int result = client_set(PIPE_SEED, transfer->seed);
  if (result >= 0) result = client_set(PIPE_BYTES, transfer->bytes);
  if (result >= 0) result = client_set(PIPE_LOW, (uint32_t)address);
  if (result >= 0) result = client_set(PIPE_HIGH, (uint32_t)(address >> 32));
  if (result >= 0) result = client_set(PIPE_VECTOR, transfer->vector);
  if (result >= 0) result = client_set(PIPE_COMMAND, command);
  return result;
}

/* Waits for the interrupt, and looks now and then whether the server is still there. */
static int await(const char *what, uint32_t vector, uint32_t before) {
  uint32_t status;
  for (int looks = 0; looks < LOOKS; looks++) {
    int result = platform_await(&client_interrupts[vector], before, LOOK_MILLISECONDS);
    if (result == PLATFORM_TIMEOUT) result = client_get(PIPE_STATUS, &status);
    if (client_interrupts[vector] != before) return 0;
    if (result < 0) return client_failed(what, result);
  }
  platform_print("pipe: FATAL ERROR: %s: no interrupt of vector %u", what, vector);
  return PLATFORM_TIMEOUT;
}

/* Lets the server do its part, until its interrupt. */
static int run(enum pipe_command command, const char *what, const struct transfer *transfer) {
  uint32_t before = client_interrupts[transfer->vector], status, position;
  int result = start(command, transfer);
  if (result < 0) return client_failed(what, result);
  result = await(what, transfer->vector, before);
  if (result < 0) return result;
  result = client_get(PIPE_STATUS, &status);
  if (result >= 0) result = client_get(PIPE_POSITION, &position);
  if (result < 0) return client_failed("read the status", result);
  if (status == PIPE_DONE) return 0;
  if (status == PIPE_DIFFERS) return differs(what, transfer, position);
  platform_print("pipe: FATAL ERROR: %s of %u bytes: status %u", what, transfer->bytes, status);
  return PLATFORM_FAILED;
}

/* The server's pattern is read out of its buffer. */
static int read_buffer(const struct transfer *transfer) {
  int result = run(PIPE_FILL, "fill", transfer);
  if (result < 0) return result;
  result = platform_bar_read(PIPE_BUFFER_BAR, 0, buffer, transfer->bytes);
  if (result < 0) return client_failed("read the buffer", result);
  size_t position = pattern_check(buffer, transfer->bytes, transfer->seed);
  return position == transfer->bytes ? 0 : differs("read", transfer, position);
}

/* A pattern of the client's overwrites the server's buffer. */
static int write_buffer(const struct transfer *transfer) {
  pattern_fill(buffer, transfer->bytes, transfer->seed);
  int result = platform_bar_write(PIPE_BUFFER_BAR, 0, buffer, transfer->bytes);
  if (result < 0) return client_failed("write the buffer", result);
  return run(PIPE_CHECK, "write", transfer);
}

static int let_fetch(const struct transfer *transfer) {
  pattern_fill(memory + transfer->offset, transfer->bytes, transfer->seed);
  return run(PIPE_FETCH, "fetch", transfer);
}

static int let_store(const struct transfer *transfer) {
  int result = run(PIPE_STORE, "store", transfer);
  if (result < 0) return result;
  size_t position = pattern_check(memory + transfer->offset, transfer->bytes, transfer->seed);
  return position == transfer->bytes ? 0 : differs("store", transfer, position);
}

int exchange_perform(uint32_t bytes) {
  static int (*const ways[])(const struct transfer *) = {read_buffer, write_buffer, let_fetch, let_store};
  enum { WAYS = sizeof ways / sizeof *ways };
  uint32_t count = 0;
  if (bytes > PIPE_BUFFER_BYTES) return client_failed("exchange so much", PLATFORM_REFUSED);
  for (struct transfer each = {.bytes = BYTES_MIN}; each.bytes <= bytes; each.bytes *= STEP, each.offset++) {
    for (uint32_t way = 0; way < WAYS; way++, count++) {
      each.seed = count;
      each.vector = count % PIPE_VECTORS;
      int result = ways[way](&each);
      if (result < 0) return result;
    }
    platform_print("pipe: exchanged %u bytes", each.bytes);
  }
  platform_print("pipe: exchange is done, %u transfers", count);
  return 0;
}
