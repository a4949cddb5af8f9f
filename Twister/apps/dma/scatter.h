/* A scatter list: pieces of memory that an engine gathers from one place and scatters to another. */
#ifndef SCATTER_H
#define SCATTER_H
#include <stdint.h>

struct segment {
  uint32_t source, target, bytes; /* offsets into the two halves of the memory */
};

enum { SCATTER_SEGMENTS = 8, SCATTER_HALF_BYTES = 32768 };
extern const struct segment scatter_list[SCATTER_SEGMENTS];

/* Fills the source half with a pattern, and the target half with what must stay where no segment goes. */
void scatter_prepare(uint8_t *memory, uint32_t seed);
/* The offset in the target half of the first byte that is wrong; SCATTER_HALF_BYTES when none is. */
uint32_t scatter_check(const uint8_t *memory);

#endif
