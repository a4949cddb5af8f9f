#define _GNU_SOURCE
#include "include/pcie_link_broker.h"
#include <stdio.h>

uint32_t pcie_link_layout(void) {
  const size_t facts[] = {PCIE_LINK_PAGE_BYTES,
                          PCIE_LINK_SLOT_BYTES,
                          PCIE_LINK_HEAD_BYTES,
                          PCIE_LINK_BODY_MAX,
                          sizeof(pcie_link_page),
                          offsetof(pcie_link_page, broker_life),
                          offsetof(pcie_link_page, program_life),
                          sizeof(pcie_link_lane),
                          offsetof(pcie_link_lane, head),
                          sizeof(uint64_t),
                          offsetof(pcie_link_lane, consumer_waits),
                          offsetof(pcie_link_lane, producer_waits),
                          offsetof(pcie_link_record, bytes),
                          offsetof(pcie_link_record, sequence),
                          offsetof(pcie_link_record, time),
                          sizeof(pcie_link_interrupt_record),
                          sizeof(pcie_link_bar),
                          sizeof(pcie_link_description),
                          offsetof(pcie_link_description, class_code),
                          offsetof(pcie_link_description, msix_bar),
                          offsetof(pcie_link_description, bars),
                          sizeof(pcie_link_function),
                          offsetof(pcie_link_function, requester_id),
                          offsetof(pcie_link_function, bars_enabled),
                          offsetof(pcie_link_function, msi_vectors),
                          sizeof(pcie_link_hello),
                          offsetof(pcie_link_hello, node),
                          offsetof(pcie_link_hello, description),
                          sizeof(pcie_link_answer),
                          offsetof(pcie_link_answer, region_bytes),
                          offsetof(pcie_link_answer, function),
                          offsetof(pcie_link_answer, description),
                          offsetof(pcie_link_answer, text)};
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (size_t index = 0; index < sizeof facts / sizeof *facts; index++)
    for (int byte = 0; byte < 4; byte++) hash = (hash ^ (facts[index] >> 8 * byte & 255)) * 16777619u;
  return hash;
}

/* `text` is formatted with two numbers. */
static int bad(pcie_link_text *why, int error, const char *text, unsigned long long seen,
               unsigned long long wanted) {
  if (why) snprintf(why->bytes, sizeof why->bytes, text, seen, wanted);
  return error;
}

/* The preamble first: a peer of another version may have sent another size. */
static int check_preamble(const void *bytes, size_t count, size_t wanted, pcie_link_text *why) {
  pcie_link_preamble preamble;
  if (count < sizeof preamble)
    return bad(why, PCIE_LINK_E_MALFORMED,
               "the first message has %llu bytes; it begins with %llu bytes of preamble", count,
               sizeof preamble);
  memcpy(&preamble, bytes, sizeof preamble);
  if (preamble.magic != PCIE_LINK_MAGIC)
    return bad(why, PCIE_LINK_E_MALFORMED, "the first message begins with 0x%016llx, not with 0x%016llx",
               preamble.magic, PCIE_LINK_MAGIC);
  if (preamble.byte_order != PCIE_LINK_BYTE_ORDER)
    return bad(why, PCIE_LINK_E_LAYOUT, "the byte order word is 0x%08llx, not 0x%08llx",
               preamble.byte_order, PCIE_LINK_BYTE_ORDER);
  if (preamble.version != PCIE_LINK_VERSION)
    return bad(why, PCIE_LINK_E_VERSION, "the other side speaks version %llu, this one %llu",
               preamble.version, PCIE_LINK_VERSION);
  if (preamble.layout != pcie_link_layout())
    return bad(why, PCIE_LINK_E_LAYOUT, "the other side has layout 0x%08llx, this one 0x%08llx",
               preamble.layout, pcie_link_layout());
  if (preamble.bytes != wanted)
    return bad(why, PCIE_LINK_E_MALFORMED, "the message claims %llu bytes; it has to have %llu",
               preamble.bytes, wanted);
  if (count != wanted)
    return bad(why, PCIE_LINK_E_MALFORMED, "the message has %llu bytes of %llu", count, wanted);
  return PCIE_LINK_OK;
}

int pcie_link_hello_parse(const void *bytes, size_t count, pcie_link_hello *hello, pcie_link_text *why) {
  int error = check_preamble(bytes, count, sizeof *hello, why);
  if (error) return error;
  memcpy(hello, bytes, sizeof *hello);
  if (hello->role != PCIE_LINK_DEVICE && hello->role != PCIE_LINK_HOST)
    return bad(why, PCIE_LINK_E_MALFORMED, "role %llu; the roles are 1 and %llu", hello->role,
               PCIE_LINK_HOST);
  if (hello->flags & ~(uint32_t)(PCIE_LINK_HELLO_DESCRIBED | PCIE_LINK_HELLO_RAW))
    return bad(why, PCIE_LINK_E_MALFORMED, "flags 0x%llx; the known ones are 0x%llx", hello->flags, 3);
  size_t length = strnlen(hello->node, sizeof hello->node);
  if (length == sizeof hello->node)
    return bad(why, PCIE_LINK_E_MALFORMED, "the node's name does not end within %llu bytes", length, 0);
  for (size_t index = 0; index < length; index++)
    if (hello->node[index] <= ' ' || hello->node[index] > '~')
      return bad(why, PCIE_LINK_E_MALFORMED, "the node's name has byte 0x%02llx at %llu",
                 (unsigned char)hello->node[index], index);
  if (!length) return bad(why, PCIE_LINK_E_MALFORMED, "the node's name is empty", 0, 0);
  if (!(hello->flags & PCIE_LINK_HELLO_DESCRIBED)) return PCIE_LINK_OK;
  if (hello->role != PCIE_LINK_DEVICE)
    return bad(why, PCIE_LINK_E_MALFORMED, "a host describes a device", 0, 0);
  return pcie_link_description_check(&hello->description, why);
}

int pcie_link_answer_parse(const void *bytes, size_t count, pcie_link_answer *answer, pcie_link_text *why) {
  int error = check_preamble(bytes, count, sizeof *answer, why);
  if (error) return error;
  memcpy(answer, bytes, sizeof *answer);
  answer->text[sizeof answer->text - 1] = 0;
  if (answer->status != PCIE_LINK_OK) return PCIE_LINK_OK;
  uint32_t slots = answer->slots;
  if (slots < PCIE_LINK_SLOTS_MIN || slots > PCIE_LINK_SLOTS_MAX || (slots & (slots - 1)))
    return bad(why, PCIE_LINK_E_MALFORMED, "%llu slots; it takes a power of two from %llu", slots,
               PCIE_LINK_SLOTS_MIN);
  uint64_t wanted = (uint64_t)2 * PCIE_LINK_PAGE_BYTES + (uint64_t)2 * slots * PCIE_LINK_SLOT_BYTES;
  if (answer->region_bytes != wanted)
    return bad(why, PCIE_LINK_E_MALFORMED, "memory of %llu bytes; the slots need %llu",
               answer->region_bytes, wanted);
  if (answer->hint >= PCIE_LINK_PAGE_BYTES)
    return bad(why, PCIE_LINK_E_MALFORMED, "hint %llu; the limit is %llu", answer->hint,
               PCIE_LINK_PAGE_BYTES - 1);
  if (answer->flags & ~(uint32_t)PCIE_LINK_ANSWER_DESCRIBED)
    return bad(why, PCIE_LINK_E_MALFORMED, "flags 0x%llx; the known ones are 0x%llx", answer->flags,
               PCIE_LINK_ANSWER_DESCRIBED);
  if (!(answer->flags & PCIE_LINK_ANSWER_DESCRIBED)) return PCIE_LINK_OK;
  return pcie_link_description_check(&answer->description, why) ? PCIE_LINK_E_MALFORMED : PCIE_LINK_OK;
}
