#include "checksum.h"

uint32_t checksum(const uint8_t *bytes, uint32_t count) {
  uint32_t value = ~0u;
  for (uint32_t index = 0; index < count; index++) {
    value ^= bytes[index];
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1) * 0xedb88320u;
  }
  return value;
}
