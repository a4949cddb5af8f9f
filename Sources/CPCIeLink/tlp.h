/* Headers of TLPs, as far as the link library answers and sends them.
 * Layout: PCI Express Base, 2.2 "Transaction Layer Protocol - Packet Definition". */
#ifndef PCIE_LINK_TLP_H
#define PCIE_LINK_TLP_H
#include <stddef.h>
#include <stdint.h>

/* Fmt and Type, without the bit for a 4 DW header where both exist. */
enum {
  TLP_MEMORY_READ = 0x00,
  TLP_MEMORY_WRITE = 0x40,
  TLP_IO_READ = 0x02,
  TLP_IO_WRITE = 0x42,
  TLP_CONFIG_READ = 0x04, /* Type 0; Type 1 is one more */
  TLP_CONFIG_WRITE = 0x44,
  TLP_COMPLETION = 0x0a,
  TLP_COMPLETION_DATA = 0x4a,
  TLP_LONG = 0x20, /* 4 DW header */
  TLP_DATA = 0x40,
  TLP_PREFIX = 0x80
};
enum { TLP_STATUS_SC = 0, TLP_STATUS_UR = 1, TLP_STATUS_CRS = 2, TLP_STATUS_CA = 4 };
enum { TLP_HEADER_MAX = 16, TLP_DATA_MAX = 4096 };

typedef struct tlp {
  uint8_t type;       /* Fmt and Type as they are */
  uint8_t second;     /* tag bits 9 and 8, traffic class, attribute 2 */
  uint8_t attributes; /* bits 1 and 0 */
  uint8_t poisoned;
  uint8_t first_enables, last_enables;
  uint8_t message_code;
  uint8_t tag;
  uint16_t requester;
  uint16_t completer;  /* of a completion, or the target of a configuration request */
  uint16_t byte_count; /* 1 to 4096 */
  uint8_t status;
  uint8_t lower_address;
  uint32_t length; /* DW, 1 to 1024 */
  uint64_t address;
  const uint8_t *data; /* `length` DW; NULL when it has none */
} tlp;

/* Reads a TLP without prefixes and digest; 0, or -1 when its size contradicts its header. */
int tlp_decode(tlp *into, const uint8_t *bytes, size_t count);
/* Each writes a header of the size that it returns. */
uint32_t tlp_config(uint8_t *header, int kind, uint16_t requester, uint8_t tag, uint16_t target,
                    uint32_t offset, uint32_t bytes);
/* `bytes` of data that begin at lower_address, of byte_count that remain; 0 bytes: without data. */
uint32_t tlp_completion(uint8_t *header, const tlp *request, uint16_t completer, int status,
                        uint32_t byte_count, uint32_t lower_address, uint32_t bytes);

static inline int tlp_is(const tlp *each, int kind) { return (each->type & ~TLP_LONG) == kind; }
static inline int tlp_is_message(const tlp *each) { return (each->type & 0x38) == 0x30; }
/* Whether the requester waits for a completion. */
static inline int tlp_is_posted(const tlp *each) {
  return tlp_is(each, TLP_MEMORY_WRITE) || tlp_is_message(each);
}
static inline int tlp_is_completion(const tlp *each) { return (each->type & 0x1e) == 0x0a; }

static inline uint16_t tlp_get16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }
static inline uint32_t tlp_get32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}
static inline void tlp_put16(uint8_t *bytes, uint32_t value) {
  bytes[0] = (uint8_t)(value >> 8);
  bytes[1] = (uint8_t)value;
}
static inline void tlp_put32(uint8_t *bytes, uint32_t value) {
  tlp_put16(bytes, value >> 16);
  tlp_put16(bytes + 2, value);
}

/* First and last byte enables of `bytes` bytes that begin at an offset within a DW. */
static inline uint8_t tlp_enables(uint32_t offset, uint32_t bytes) {
  uint32_t first = 0xfu << offset & 0xf, last = 0xfu >> (3 - ((offset + bytes - 1) & 3));
  return (uint8_t)(offset + bytes <= 4 ? first & last : last << 4 | first);
}

/* The header of a memory request, as it stands in memory, and its size. In words and inline, so that it stays
 * in registers until it is where it belongs. */
static inline uint32_t tlp_memory(uint32_t header[4], int kind, uint16_t requester, uint8_t tag,
                                  uint64_t address, uint32_t bytes) {
  uint32_t offset = (uint32_t)(address & 3), low = __builtin_bswap32((uint32_t)address & ~3u);
  uint32_t length = (offset + bytes + 3) / 4 & 1023; /* 1024 is written as 0 */
  int is_long = address >> 32 != 0;
  header[0] = __builtin_bswap32((uint32_t)(kind | (is_long ? TLP_LONG : 0)) << 24 | length);
  header[1] = __builtin_bswap32((uint32_t)requester << 16 | (uint32_t)tag << 8 | tlp_enables(offset, bytes));
  header[2] = is_long ? __builtin_bswap32((uint32_t)(address >> 32)) : low;
  header[3] = low;
  return is_long ? 16 : 12;
}
#endif
