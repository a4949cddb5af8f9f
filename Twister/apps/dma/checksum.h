/* The checksum of the endpoint test function. */
#ifndef CHECKSUM_H
#define CHECKSUM_H
#include <stdint.h>

/* CRC-32 from all ones, without the final inversion, as crc32_le(~0, …) of Linux. */
uint32_t checksum(const uint8_t *bytes, uint32_t count);

#endif
