#define _GNU_SOURCE
#include "small_broker.h"
#include "../../../Sources/CPCIeLink/tlp.h"
#include "check.h"
#include <poll.h>
#include <unistd.h>

enum { MSIX_AT = 0x50, EXPRESS_AT = 0x70, VECTORS = 16 };

typedef struct peer {
  int socket, joined, gone;
  pcie_link_region region;
} peer;

static peer peers[2];
static pcie_link_description description;
static pcie_link_function function;
static uint8_t space[4096], writable[4096];
static uint8_t table[16 * VECTORS], pending[VECTORS];
static pcie_link_record record;
static uint8_t body[PCIE_LINK_BODY_MAX + 4];

static uint32_t get32(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return value;
}
static void put32(uint8_t *bytes, uint32_t value) { memcpy(bytes, &value, 4); }

/* --- sending --- */

static void push(int to, uint8_t kind, const void *first, uint32_t first_bytes, const void *second,
                 uint32_t bytes) {
  if (peers[to].gone) return;
  CHECK_EQUAL(pcie_link_push(&peers[to].region.end, kind, 0, 0, first, first_bytes, second, bytes),
              PCIE_LINK_OK);
}

static void push_tlp(int to, const void *header, uint32_t bytes, const void *data, uint32_t count) {
  push(to, PCIE_LINK_RECORD_TLP, header, bytes, data, count);
}

static void complete(const tlp *request, int status, const uint8_t *data) {
  uint8_t header[16];
  uint32_t bytes = tlp_completion(header, request, 0x100, status, 4, 0, data ? 4 : 0);
  push_tlp(HOST, header, bytes, data, data ? 4 : 0);
}

/* --- configuration space --- */

static void set_up_space(void) {
  static const uint32_t lasting = 0xffffffff;
  space[0x00] = (uint8_t)description.vendor_id, space[0x01] = (uint8_t)(description.vendor_id >> 8);
  space[0x02] = (uint8_t)description.device_id, space[0x03] = (uint8_t)(description.device_id >> 8);
  put32(space + 8, description.class_code << 8 | description.revision);
  space[0x06] = 0x10, space[0x34] = MSIX_AT;
  writable[4] = 7;
  for (int index = 0; index < PCIE_LINK_BARS; index++) {
    const pcie_link_bar *bar = &description.bars[index];
    uint64_t mask = ~(bar->bytes - 1);
    if (bar->kind == PCIE_LINK_BAR_NONE) continue;
    put32(writable + 0x10 + 4 * index, (uint32_t)mask);
    if (bar->kind == PCIE_LINK_BAR_IO) space[0x10 + 4 * index] = 1;
    if (bar->kind == PCIE_LINK_BAR_MEMORY64) {
      space[0x10 + 4 * index] = 4;
      put32(writable + 0x14 + 4 * index, (uint32_t)(mask >> 32) | (lasting & 0));
    }
  }
  space[MSIX_AT] = 0x11, space[MSIX_AT + 1] = EXPRESS_AT,
  space[MSIX_AT + 2] = (uint8_t)(description.msix_vectors - 1);
  writable[MSIX_AT + 3] = 0xc0;
  put32(space + MSIX_AT + 4, description.msix_offset | description.msix_bar);
  put32(space + MSIX_AT + 8, description.msix_pba_offset | description.msix_pba_bar);
  space[EXPRESS_AT] = 0x10, space[EXPRESS_AT + 4] = 1; /* 256 bytes of payload */
  writable[EXPRESS_AT + 8] = 0xff, writable[EXPRESS_AT + 9] = 0x7f;
  space[EXPRESS_AT + 9] = 0x20;
}

/* Tells the device what software has set. */
static void tell_function(void) {
  uint8_t command = space[4];
  function.bars_enabled = 0;
  function.bus_master = command >> 2 & 1;
  function.requester_id = 0x100;
  function.msix_enabled = space[MSIX_AT + 3] >> 7;
  function.max_payload = (uint16_t)(128 << (space[EXPRESS_AT + 8] >> 5));
  function.max_read_request = (uint16_t)(128 << (space[EXPRESS_AT + 9] >> 4 & 7));
  for (int index = 0; index < PCIE_LINK_BARS; index++) {
    uint32_t kind = description.bars[index].kind, low = get32(space + 0x10 + 4 * index);
    if (kind == PCIE_LINK_BAR_NONE || !(command & (kind == PCIE_LINK_BAR_IO ? 1 : 2))) continue;
    uint64_t high = kind == PCIE_LINK_BAR_MEMORY64 ? get32(space + 0x14 + 4 * index) : 0;
    function.bar_addresses[index] = high << 32 | (low & ~(kind == PCIE_LINK_BAR_IO ? 3u : 15u));
    function.bars_enabled |= (uint8_t)(1 << index);
  }
  push(DEVICE, PCIE_LINK_RECORD_FUNCTION, &function, sizeof function, NULL, 0);
}

static void configure(const tlp *request) {
  uint32_t offset = (uint32_t)(request->address & 0xffc);
  if (request->completer != 0x100 || peers[DEVICE].gone) {
    complete(request, TLP_STATUS_UR, NULL);
  } else if (!request->data) {
    complete(request, TLP_STATUS_SC, space + offset);
  } else {
    for (uint32_t index = 0; index < 4; index++) {
      uint8_t *into = space + offset + index, mask = writable[offset + index];
      if (request->first_enables >> index & 1) *into = (*into & ~mask) | (request->data[index] & mask);
    }
    complete(request, TLP_STATUS_SC, NULL);
    tell_function();
  }
}

/* --- MSI-X --- */

static void raise_vector(uint32_t vector) {
  const uint8_t *entry = table + 16 * vector;
  CHECK(vector < description.msix_vectors);
  if (!function.msix_enabled || !function.bus_master || entry[12] & 1) {
    pending[vector] = 1;
    return;
  }
  uint32_t header[4];
  uint64_t address;
  memcpy(&address, entry, 8);
  uint32_t bytes = tlp_memory(header, TLP_MEMORY_WRITE, 0x100, 0, address, 4);
  push_tlp(HOST, header, bytes, entry + 8, 4);
}

/* A write to the table; others pass. */
static int write_table(const tlp *request) {
  uint64_t base = function.bar_addresses[description.msix_bar] + description.msix_offset;
  if (!(function.bars_enabled >> description.msix_bar & 1) || request->address < base ||
      request->address >= base + sizeof table)
    return 0;
  memcpy(table + (request->address - base), request->data, request->length * 4);
  for (uint32_t vector = 0; vector < description.msix_vectors; vector++) {
    if (!pending[vector] || table[16 * vector + 12] & 1) continue;
    pending[vector] = 0;
    raise_vector(vector);
  }
  return 1;
}

/* --- passing on --- */

static void from_host(void) {
  tlp each;
  if (record.kind != PCIE_LINK_RECORD_TLP) return;
  CHECK(tlp_decode(&each, body, record.bytes) == 0);
  if ((each.type & 0x1f) == TLP_CONFIG_READ) {
    configure(&each);
  } else if (tlp_is(&each, TLP_MEMORY_WRITE) && write_table(&each)) {
    return;
  } else if (peers[DEVICE].gone && !tlp_is_posted(&each) && !tlp_is_completion(&each)) {
    complete(&each, TLP_STATUS_UR, NULL);
  } else {
    push_tlp(DEVICE, body, record.bytes, NULL, 0);
  }
}

static void from_device(void) {
  if (record.kind == PCIE_LINK_RECORD_TLP) push_tlp(HOST, body, record.bytes, NULL, 0);
  if (record.kind != PCIE_LINK_RECORD_INTERRUPT) return;
  pcie_link_interrupt_record interrupt;
  memcpy(&interrupt, body, sizeof interrupt);
  if (interrupt.kind == PCIE_LINK_MSIX) raise_vector(interrupt.number);
  if (interrupt.kind < PCIE_LINK_INTX_ASSERT) return;
  uint8_t message[16] = {0x34, 0, 0, 0, 1, 0, 0, interrupt.kind == PCIE_LINK_INTX_ASSERT ? 0x20 : 0x24};
  push_tlp(HOST, message, sizeof message, NULL, 0);
}

/* Moves what is there and fits; whether there was anything. */
static int move(int from) {
  pcie_link_end *end = &peers[from].region.end;
  int moved = 0;
  for (;;) {
    if (!peers[1 - from].gone && pcie_link_room(&peers[1 - from].region.end, 140) != PCIE_LINK_OK) break;
    if (pcie_link_room(&peers[from].region.end, 70) != PCIE_LINK_OK) break;
    int got = pcie_link_pop(end, &record, body);
    CHECK(got >= 0);
    if (!got) break;
    moved = 1;
    if (from == HOST) from_host();
    if (from == DEVICE) from_device();
  }
  for (int to = 0; to < 2; to++)
    if (!peers[to].gone) pcie_link_publish(&peers[to].region.end);
  return moved;
}

static void join(int listener) {
  pcie_link_text why;
  pcie_link_hello hello;
  struct pollfd until = {.fd = listener, .events = POLLIN};
  CHECK(poll(&until, 1, 60000) == 1);
  int socket = pcie_link_accept(listener);
  until.fd = socket;
  CHECK(poll(&until, 1, 60000) == 1);
  CHECK_EQUAL(pcie_link_hello_receive(socket, &hello, &why), PCIE_LINK_OK);
  peer *each = &peers[hello.role == PCIE_LINK_HOST ? HOST : DEVICE];
  CHECK(!each->joined);
  each->joined = 1;
  each->socket = socket;
  CHECK_EQUAL(pcie_link_region_create(&each->region, 256), PCIE_LINK_OK);
  if (hello.role == PCIE_LINK_DEVICE) {
    description = hello.description;
    set_up_space();
  }
  pcie_link_terms terms = {.function = function,
                           .role = hello.role,
                           .completion_timeout = 20000000000u};
  if (hello.role == PCIE_LINK_HOST) terms.function.bus_master = 1, terms.function.tags = 256;
  CHECK_EQUAL(pcie_link_welcome(socket, &each->region, &terms), PCIE_LINK_OK);
}

/* The other side learns of a death as of a link that goes down. */
static void look_for_deaths(void) {
  static const uint32_t down = PCIE_LINK_STATE_DOWN;
  for (int index = 0; index < 2; index++) {
    if (peers[index].gone || pcie_link_socket_drain(peers[index].socket) != PCIE_LINK_E_CLOSED) continue;
    move(index);
    peers[index].gone = 1;
    push(1 - index, PCIE_LINK_RECORD_STATE, &down, sizeof down, NULL, 0);
    if (!peers[1 - index].gone) pcie_link_publish(&peers[1 - index].region.end);
  }
}

static void sleep_for_both(void) {
  struct pollfd set[4];
  int ready = 0;
  for (int index = 0; index < 2; index++) {
    pcie_link_end *end = &peers[index].region.end;
    set[2 * index] = (struct pollfd){.fd = peers[index].gone ? -1 : peers[index].socket, .events = POLLIN};
    set[2 * index + 1] = (struct pollfd){.fd = peers[index].region.doorbell, .events = POLLIN};
    pcie_link_arm(end, PCIE_LINK_ON_DOORBELL);
    pcie_link_arm_room(end, PCIE_LINK_ON_DOORBELL);
    ready |= pcie_link_ready(end) != 0;
  }
  poll(set, 4, ready ? 1 : 1000);
  for (int index = 0; index < 2; index++) {
    pcie_link_disarm(&peers[index].region.end);
    pcie_link_disarm_room(&peers[index].region.end);
    pcie_link_doorbell_clear(peers[index].region.doorbell);
  }
}

void small_broker(int listener, uint16_t payload, uint16_t read_request) {
  pcie_link_spin spin;
  function = (pcie_link_function){.max_payload = payload,
                                  .max_read_request = read_request,
                                  .completion_boundary = 64,
                                  .tags = 32,
                                  .link_up = 1};
  join(listener);
  join(listener);
  pcie_link_spin_open(&spin, 3);
  while (!peers[HOST].gone) {
    int moved = move(HOST) + move(DEVICE);
    if (moved) continue;
    if (pcie_link_spin_for_news(&spin, &peers[HOST].region.end)) continue;
    look_for_deaths();
    if (!peers[HOST].gone) sleep_for_both();
  }
  for (int index = 0; index < 2; index++) {
    close(peers[index].socket);
    pcie_link_region_destroy(&peers[index].region);
  }
}
