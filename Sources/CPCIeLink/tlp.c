#include "tlp.h"
#include <string.h>

/* Bytes of prefixes in front; all of them when nothing else follows. */
static size_t prefixes(const uint8_t *bytes, size_t count) {
  size_t skipped = 0;
  while (skipped + 4 <= count && (bytes[skipped] & 0xe0) == TLP_PREFIX) skipped += 4;
  return skipped;
}

static void decode_completion(tlp *into, const uint8_t *bytes) {
  uint32_t count = (bytes[6] & 15u) << 8 | bytes[7];
  into->completer = tlp_get16(bytes + 4);
  into->status = bytes[6] >> 5;
  into->byte_count = (uint16_t)(count ? count : 4096);
  into->requester = tlp_get16(bytes + 8);
  into->tag = bytes[10];
  into->lower_address = bytes[11] & 0x7f;
}

static void decode_request(tlp *into, const uint8_t *bytes) {
  into->requester = tlp_get16(bytes + 4);
  into->tag = bytes[6];
  into->first_enables = bytes[7] & 15;
  into->last_enables = bytes[7] >> 4;
  into->message_code = bytes[7];
  into->completer = tlp_get16(bytes + 8);
  into->address = into->type & TLP_LONG
                      ? (uint64_t)tlp_get32(bytes + 8) << 32 | (tlp_get32(bytes + 12) & ~3u)
                      : tlp_get32(bytes + 8) & ~3u;
}

int tlp_decode(tlp *into, const uint8_t *bytes, size_t count) {
  size_t skipped = prefixes(bytes, count);
  bytes += skipped;
  count -= skipped;
  memset(into, 0, sizeof *into);
  if (count < 12) return -1;
  into->type = bytes[0];
  uint32_t length = (bytes[2] & 3u) << 8 | bytes[3];
  size_t header = into->type & TLP_LONG ? 16 : 12, digest = bytes[2] & 0x80 ? 4 : 0;
  into->length = length ? length : 1024;
  size_t data = into->type & TLP_DATA ? (size_t)into->length * 4 : 0;
  if (count != header + data + digest) return -1;
  into->second = bytes[1];
  into->attributes = bytes[2] >> 4 & 3;
  into->poisoned = bytes[2] >> 6 & 1;
  into->data = data ? bytes + header : NULL;
  if (tlp_is_completion(into)) {
    decode_completion(into, bytes);
  } else {
    decode_request(into, bytes);
  }
  return 0;
}

static void put_first(uint8_t *header, int type, uint32_t dwords) {
  header[0] = (uint8_t)type;
  header[1] = 0;
  header[2] = (uint8_t)(dwords >> 8 & 3); /* 1024 is written as 0 */
  header[3] = (uint8_t)dwords;
}

uint32_t tlp_config(uint8_t *header, int kind, uint16_t requester, uint8_t tag, uint16_t target,
                    uint32_t offset, uint32_t bytes) {
  put_first(header, kind, 1);
  tlp_put16(header + 4, requester);
  header[6] = tag;
  header[7] = tlp_enables(offset & 3, bytes);
  tlp_put16(header + 8, target);
  header[10] = (uint8_t)(offset >> 8 & 15);
  header[11] = (uint8_t)(offset & 0xfc);
  return 12;
}

uint32_t tlp_completion(uint8_t *header, const tlp *request, uint16_t completer, int status,
                        uint32_t byte_count, uint32_t lower_address, uint32_t bytes) {
  put_first(header, bytes ? TLP_COMPLETION_DATA : TLP_COMPLETION,
            bytes ? ((lower_address & 3) + bytes + 3) / 4 : 0);
  header[1] = request->second;
  header[2] |= (uint8_t)(request->attributes << 4);
  tlp_put16(header + 4, completer);
  header[6] = (uint8_t)(status << 5 | (byte_count >> 8 & 15));
  header[7] = (uint8_t)byte_count;
  tlp_put16(header + 8, request->requester);
  header[10] = request->tag;
  header[11] = (uint8_t)(lower_address & 0x7f);
  return 12;
}
