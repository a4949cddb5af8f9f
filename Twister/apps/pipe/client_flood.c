/* Numbers in both directions as fast as they go, of which none may be lost or overtake another. */
#include "client.h"
#include "platform.h"

static volatile uint32_t ring[PIPE_RING + 1];
static uint64_t ring_address;

int flood_open(void) { return platform_lend((void *)ring, sizeof ring, &ring_address); }

int flood_announce(void) {
  int result = client_set(PIPE_LOW, (uint32_t)ring_address);
  if (result >= 0) result = client_set(PIPE_HIGH, (uint32_t)(ring_address >> 32));
  if (result >= 0) result = client_set(PIPE_LATCH, 1);
  return result;
}

int flood_send(uint32_t count) {
  uint32_t last;
  int result = client_set(PIPE_FLOOD, 0);
  for (uint32_t number = 1; result >= 0 && number <= count; number++)
    result = client_set(PIPE_FLOOD, number);
  if (result < 0) return client_failed("flood", result);
  result = client_get(PIPE_FLOOD, &last);
  if (result < 0) return client_failed("read what came of the flood", result);
  if (last == count) {
    platform_print("pipe: %u writes arrived in order", count);
    return 0;
  }
  platform_print("pipe: FATAL ERROR: of %u writes, %u arrived in order", count, last);
  return PLATFORM_FAILED;
}

/* The number that a place of the ring holds last, of `count` from 1 on. */
static uint32_t last_at(uint32_t place, uint32_t count) {
  uint32_t first = place ? place : PIPE_RING;
  return first > count ? 0 : count - (count - first) % PIPE_RING;
}

int flood_look(void) {
  uint32_t count = ring[PIPE_RING];
  if (!count) return 0;
  ring[PIPE_RING] = 0;
  for (uint32_t place = 0; place < PIPE_RING; place++) {
    uint32_t found = ring[place];
    ring[place] = 0;
    if (found == last_at(place, count)) continue;
    platform_print("pipe: FATAL ERROR: place %u of the ring holds %u after %u writes", place, found, count);
    return PLATFORM_FAILED;
  }
  platform_print("pipe: %u writes of the server arrived in order", count);
  return 0;
}
