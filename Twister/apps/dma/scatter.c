#include "scatter.h"
#include "pattern.h"
#include <string.h>

enum { UNTOUCHED = 0xee };

/* Sizes of one byte up to 8 KiB, at odd places, over page boundaries, and in another order at the target. */
const struct segment scatter_list[SCATTER_SEGMENTS] = {
    {.source = 0, .target = 24576, .bytes = 4},     {.source = 4, .target = 24570, .bytes = 1},
    {.source = 4093, .target = 16384, .bytes = 333}, {.source = 4500, .target = 8191, .bytes = 64},
    {.source = 8192, .target = 4096, .bytes = 4095}, {.source = 12288, .target = 17000, .bytes = 2},
    {.source = 13001, .target = 24600, .bytes = 8000}, {.source = 24576, .target = 8300, .bytes = 8064},
};

void scatter_prepare(uint8_t *memory, uint32_t seed) {
  pattern_fill(memory, SCATTER_HALF_BYTES, seed);
  memset(memory + SCATTER_HALF_BYTES, UNTOUCHED, SCATTER_HALF_BYTES);
}

static const struct segment *segment_at(uint32_t target) {
  for (int index = 0; index < SCATTER_SEGMENTS; index++)
    if (target - scatter_list[index].target < scatter_list[index].bytes) return &scatter_list[index];
  return NULL;
}

uint32_t scatter_check(const uint8_t *memory) {
  for (uint32_t target = 0; target < SCATTER_HALF_BYTES; target++) {
    const struct segment *segment = segment_at(target);
    uint8_t wanted = segment ? memory[segment->source + (target - segment->target)] : UNTOUCHED;
    if (memory[SCATTER_HALF_BYTES + target] != wanted) return target;
  }
  return SCATTER_HALF_BYTES;
}
