/* Bytes that both sides can make from a number, so that each can check what the other sent. */
#ifndef PATTERN_H
#define PATTERN_H
#include <stddef.h>
#include <stdint.h>

void pattern_fill(uint8_t *bytes, size_t count, uint32_t seed);
/* The offset of the first byte that differs; `count` when none does. */
size_t pattern_check(const uint8_t *bytes, size_t count, uint32_t seed);

#endif
