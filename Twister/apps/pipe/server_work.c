/* The work that the client orders, and the flood. Nothing here runs in a handler, as it waits. */
#include "pattern.h"
#include "platform.h"
#include "server.h"

static uint8_t fetched[PIPE_BUFFER_BYTES];

static enum pipe_status check(const uint8_t *bytes, uint32_t count, uint32_t seed) {
  size_t position = pattern_check(bytes, count, seed);
  server_set_register(PIPE_POSITION, (uint32_t)position);
  return position == count ? PIPE_DONE : PIPE_DIFFERS;
}

static enum pipe_status perform(uint32_t command) {
  uint32_t bytes = server_register(PIPE_BYTES), seed = server_register(PIPE_SEED);
  uint64_t address = (uint64_t)server_register(PIPE_HIGH) << 32 | server_register(PIPE_LOW);
  if (bytes > PIPE_BUFFER_BYTES) return PIPE_REFUSED;
  switch (command) {
  case PIPE_FILL:
    pattern_fill(server.buffer, bytes, seed);
    return PIPE_DONE;
  case PIPE_CHECK:
    return check(server.buffer, bytes, seed);
  case PIPE_FETCH:
    if (platform_dma_read(address, fetched, bytes) < 0) return PIPE_REFUSED;
    return check(fetched, bytes, seed);
  case PIPE_STORE:
    pattern_fill(fetched, bytes, seed);
    return platform_dma_write(address, fetched, bytes) < 0 ? PIPE_REFUSED : PIPE_DONE;
  default:
    return PIPE_REFUSED;
  }
}

void server_work(void) {
  uint32_t command = server_register(PIPE_COMMAND);
  if (!command) return;
  server_set_register(PIPE_COMMAND, 0);
  enum pipe_status status = perform(command);
  if (status == PIPE_REFUSED)
    platform_print("pipe: command %u did not work: %s", command, platform_problem());
  server_set_register(PIPE_STATUS, status);
  platform_raise((int)server_register(PIPE_VECTOR));
}

static int write_number(uint32_t place, uint32_t number) {
  return platform_dma_write(server.ring_address + 4 * place, &number, sizeof number);
}

int server_flood(uint32_t count) {
  int result = server.ring_address ? 0 : PLATFORM_REFUSED;
  for (uint32_t number = 1; result >= 0 && number <= count; number++)
    result = write_number(number % PIPE_RING, number);
  if (result >= 0) result = write_number(PIPE_RING, count);
  if (result >= 0) result = platform_raise(PIPE_FLOOD_VECTOR);
  if (result >= 0)
    platform_print("pipe: flooded %u writes", count);
  else
    platform_print("pipe: flood stopped: %s", platform_problem());
  return result;
}
