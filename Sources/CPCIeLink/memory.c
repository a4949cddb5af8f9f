#define _GNU_SOURCE
#include "link.h"

/* --- a read on its own --- */

/* A read that is one request, while no other of ours is under way or waits. Nobody else is served until its
 * answer is there, so that the link needs to know of it only when that does not come at once. */
typedef struct lone_read {
  uint64_t address;
  uint8_t *into;
  uint32_t bytes;
  uint8_t tag;
} lone_read;

static int is_alone(const pcie_link *link, uint64_t address, size_t bytes) {
  uint32_t limit = link->function.max_read_request;
  return !link->tags_used && link->first == LINK_NONE && !link->transfers[0].used && !link->depth &&
         !link->in_loop && bytes <= limit - (uint32_t)(address & (limit - 1));
}

/* Takes the next tag and sends it; false without room, or when the tag rests. */
static int send_alone(pcie_link *link, lone_read *each) {
  each->tag = (uint8_t)(link->next_tag & (link->function.tags - 1));
  if (link->requests[each->tag].deadline ||
      link_push_memory(link, TLP_MEMORY_READ, each->tag, each->address, each->bytes, NULL, 0))
    return 0;
  pcie_link_publish(&link->end);
  link->next_tag = each->tag + 1u;
  return 1;
}

/* Whether a record is its one completion: successful, whole, and with nothing else to it. */
static int is_whole(const pcie_link *link, const lone_read *each, const pcie_link_record *record,
                    const uint8_t *body) {
  uint32_t lower = (uint32_t)each->address & 0x7f, dwords = ((lower & 3) + each->bytes + 3) / 4;
  uint32_t first = (uint32_t)TLP_COMPLETION_DATA << 24 | (dwords & 1023);
  uint32_t third = (uint32_t)link->function.requester_id << 16 | (uint32_t)each->tag << 8 | lower;
  return record->kind == PCIE_LINK_RECORD_TLP && record->bytes == 12 + dwords * 4 &&
         tlp_get32(body) == first && tlp_get16(body + 6) == (each->bytes & 0xfff) &&
         tlp_get32(body + 8) == third;
}

/* Makes it transfer 0, which is waited for like others. */
static void enroll(pcie_link *link, const lone_read *each, uint64_t timeout) {
  link_request *sent = &link->requests[each->tag];
  link->tags_used = 1;
  link->transfers[0] = (link_transfer){.timeout = timeout, .outstanding = 1, .used = 1};
  *sent = (link_request){.into = each->into,
                         .bytes = each->bytes,
                         .lower_address = (uint32_t)each->address & 0x7f,
                         .used = 1};
  link_note_sent(link, sent, timeout);
}

/* Waits for it. What does not come in time or whole is waited for like others, which spins once more, and
 * its time begins then. */
static int await_alone(pcie_link *link, const lone_read *each, uint64_t timeout) {
  uint8_t body[(PCIE_LINK_BODY_MAX + 7) & ~7];
  pcie_link_record record;
  int is_there = link_spin_for_record(link, &record, body);
  if (is_there > 0 && is_whole(link, each, &record, body)) {
    memcpy(each->into, body + 12 + (each->address & 3), each->bytes);
    link->counters.received++;
    return PCIE_LINK_OK;
  }
  if (link->closed) return link->closed;
  enroll(link, each, timeout);
  if (is_there > 0) link_serve_record(link, &record, body);
  return link_await(link, 0);
}

/* --- the public calls --- */

static int check_request(pcie_link *link, uint64_t address, const void *memory, size_t bytes) {
  if (link->closed) return PCIE_LINK_E_CLOSED;
  if (link->raw) return link_fail(link, PCIE_LINK_E_ROLE, "memory requests of a raw link are sent as TLPs");
  if (!memory && bytes) return link_fail(link, PCIE_LINK_E_ARGUMENT, "no memory for %zu bytes", bytes);
  if (bytes && bytes - 1 > UINT64_MAX - address)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "%zu bytes at 0x%llx leave the address space", bytes,
                     (unsigned long long)address);
  if (!link->function.link_up)
    return link_fail(link, PCIE_LINK_E_DOWN, "a memory request while the link is down");
  if (!link->function.bus_master && link->role == PCIE_LINK_DEVICE)
    return link_fail(link, PCIE_LINK_E_DISABLED, "a memory request while bus master enable is clear");
  return PCIE_LINK_OK;
}

/* Says what became of a read. */
static int end_read(pcie_link *link, int status, uint64_t address, size_t bytes) {
  if (status)
    link_fail(link, status, "read of %zu bytes at 0x%llx: %s", bytes, (unsigned long long)address,
              pcie_link_strerror(status));
  return link_leave(link, status);
}

int pcie_link_read(pcie_link *link, uint64_t address, void *buffer, size_t bytes, int timeout) {
  int error = check_request(link, address, buffer, bytes);
  if (error || !bytes) return error;
  uint64_t limit = link_timeout(link, timeout);
  lone_read each = {.address = address, .into = (uint8_t *)buffer, .bytes = (uint32_t)bytes};
  if (is_alone(link, address, bytes) && send_alone(link, &each))
    return end_read(link, await_alone(link, &each, limit), address, bytes);
  error = link_enter(link);
  if (error) return error;
  int index = link_read_start(link, address, buffer, bytes, limit, NULL, NULL);
  return index < 0 ? link_leave(link, index) : end_read(link, link_await(link, index), address, bytes);
}

int pcie_link_read_start(pcie_link *link, uint64_t address, void *buffer, size_t bytes, int timeout,
                         pcie_link_done *done, void *context) {
  int error = check_request(link, address, buffer, bytes);
  if (error) return error;
  if (!bytes || !done)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "a read of %zu bytes that tells nobody", bytes);
  int index = link_read_start(link, address, buffer, bytes, link_timeout(link, timeout), done, context);
  return link_leave_sent(link, index < 0 ? index : PCIE_LINK_OK);
}

/* Waits for the room that it needs. */
static int push_write(pcie_link *link, uint64_t address, uint32_t bytes, const uint8_t *data,
                      uint32_t whole) {
  uint32_t header[4];
  uint32_t size = tlp_memory(header, TLP_MEMORY_WRITE, link->function.requester_id, 0, address, bytes);
  return link_push(link, PCIE_LINK_RECORD_TLP, header, size, data, whole, link->completion_timeout);
}

int pcie_link_write(pcie_link *link, uint64_t address, const void *data, size_t bytes) {
  int error = check_request(link, address, data, bytes);
  const uint8_t *from = (const uint8_t *)data;
  while (!error && bytes) {
    uint8_t padded[TLP_DATA_MAX];
    uint32_t limit = link->function.max_payload, piece = limit - (uint32_t)(address & (limit - 1));
    if (piece > bytes) piece = (uint32_t)bytes;
    uint32_t offset = (uint32_t)(address & 3), whole = (offset + piece + 3) & ~3u;
    const uint8_t *payload = from;
    if (whole != piece) {
      memset(padded, 0, 4);
      memset(padded + whole - 4, 0, 4);
      memcpy(padded + offset, from, piece);
      payload = padded;
    }
    error = link_push_memory(link, TLP_MEMORY_WRITE, 0, address, piece, payload, whole);
    if (error == PCIE_LINK_E_FULL) error = push_write(link, address, piece, payload, whole);
    address += piece;
    from += piece;
    bytes -= piece;
  }
  return link_leave_sent(link, error);
}
