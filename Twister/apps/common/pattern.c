#include "pattern.h"

/* The multiplier and increment are Knuth's, and any odd pair with a long period would do: a neighbour, or
 * the same place under another seed, has another byte. */
static uint8_t next(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (uint8_t)(*state >> 24);
}

void pattern_fill(uint8_t *bytes, size_t count, uint32_t seed) {
  for (size_t index = 0; index < count; index++) bytes[index] = next(&seed);
}

size_t pattern_check(const uint8_t *bytes, size_t count, uint32_t seed) {
  size_t index = 0;
  while (index < count && bytes[index] == next(&seed)) index++;
  return index;
}
