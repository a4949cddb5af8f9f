/* What a program of the link library makes of a hostile broker: a ring full of bytes, or records with TLPs and
 * news of any content, while reads of its own are under way. */
#include "../../Sources/CPCIeLink/link.h"
#include <stdlib.h>
#include <sys/socket.h>

enum { BAR_BYTES = 4096, REGION_BYTES = 8192, READ_BYTES = 300, READS = 3 };
static const uint64_t BAR_ADDRESS = 0xe0000000, REGION_ADDRESS = 0x10000;

static pcie_link_region region;
static int sockets[2];
static int ends[READS];

static void expect(int is_so) {
  if (!is_so) __builtin_trap();
}

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)link;
  expect(bar == 0 && bytes > 0 && offset <= BAR_BYTES && bytes <= BAR_BYTES - offset);
  memset(data, 0x5a, bytes);
  return offset == 8 ? PCIE_LINK_E_CA : PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  uint8_t copy[BAR_BYTES];
  (void)context;
  expect(bar == 0 && bytes > 0 && offset <= BAR_BYTES && bytes <= BAR_BYTES - offset);
  memcpy(copy, data, bytes); /* so that a byte too many is seen */
  return offset == 0 ? pcie_link_write(link, REGION_ADDRESS, copy, bytes) : PCIE_LINK_OK;
}

static void ended(void *context, pcie_link *link, int status) {
  (void)link, (void)status;
  expect(++*(int *)context == 1);
}

/* A link as pcie_link_open leaves it. */
static void open_link(pcie_link *link, int role) {
  memset(link, 0, sizeof *link);
  link->socket = sockets[0];
  link->doorbell = -1;
  link->role = role;
  link->described = role == PCIE_LINK_DEVICE;
  link->description.bars[0] = (pcie_link_bar){BAR_BYTES, PCIE_LINK_BAR_MEMORY32, 0};
  link->options.device = (pcie_link_device){read_bar, write_bar};
  link->first = link->last = LINK_NONE;
  link->next_deadline = UINT64_MAX;
  link->completion_timeout = 1; /* nobody makes room in a full ring */
  link->interrupt_address = 0xfee00000;
  link->interrupt_bytes = 1 << 20;
  link->function = (pcie_link_function){.bar_addresses = {BAR_ADDRESS},
                                        .bars_enabled = 1,
                                        .max_payload = 256,
                                        .max_read_request = 512,
                                        .completion_boundary = 64,
                                        .tags = 32,
                                        .bus_master = 1,
                                        .link_up = 1};
  pcie_link_end_open(&link->end, region.memory, PCIE_LINK_SLOTS_MIN, PCIE_LINK_TO_BROKER);
}

/* The bytes as they are, in slots that are all ready. */
static void fill_ring(pcie_link *link, const uint8_t *data, size_t count) {
  uint8_t *ring = link->end.in_slots;
  size_t bytes = (size_t)PCIE_LINK_SLOTS_MIN * PCIE_LINK_SLOT_BYTES;
  memcpy(ring, data, count < bytes ? count : bytes);
  for (uint32_t slot = 0; slot < PCIE_LINK_SLOTS_MIN; slot++) {
    uint32_t sequence = slot + 1;
    memcpy(ring + (size_t)slot * PCIE_LINK_SLOT_BYTES + 4, &sequence, sizeof sequence);
  }
}

/* Records that a broker may write: a kind, a size in DWs, and so many bytes. */
static void fill_records(const uint8_t *data, size_t count) {
  static const uint8_t kinds[] = {PCIE_LINK_RECORD_TLP, PCIE_LINK_RECORD_TLP, PCIE_LINK_RECORD_STATE,
                                  PCIE_LINK_RECORD_FUNCTION};
  while (count > 2) {
    size_t bytes = (size_t)data[1] * 4;
    if (bytes > count - 2) bytes = count - 2;
    pcie_link_push(&region.end, kinds[data[0] & 3], 0, 0, data + 2, (uint32_t)bytes, NULL, 0);
    data += bytes + 2;
    count -= bytes + 2;
  }
  pcie_link_publish(&region.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
  if (!region.bytes) {
    if (pcie_link_region_create(&region, PCIE_LINK_SLOTS_MIN) != PCIE_LINK_OK) abort();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, sockets) < 0) abort();
  }
  if (!count) return 0;
  static pcie_link link;
  uint8_t *memory = (uint8_t *)malloc(REGION_BYTES), *buffers[READS];
  size_t lanes = (size_t)PCIE_LINK_PAGE_BYTES;
  memset((uint8_t *)region.memory + lanes, 0, region.bytes - lanes);
  pcie_link_end_open(&region.end, region.memory, PCIE_LINK_SLOTS_MIN, PCIE_LINK_TO_PROGRAM);
  open_link(&link, data[0] & 1 ? PCIE_LINK_HOST : PCIE_LINK_DEVICE);
  if (link.role == PCIE_LINK_HOST) pcie_link_memory_add(&link, REGION_ADDRESS, memory, REGION_BYTES);
  for (int index = 0; index < READS; index++) {
    ends[index] = 0;
    buffers[index] = (uint8_t *)malloc(READ_BYTES);
    expect(pcie_link_read_start(&link, BAR_ADDRESS + (uint64_t)index * 1021, buffers[index], READ_BYTES,
                                PCIE_LINK_FOREVER, ended, &ends[index]) == PCIE_LINK_OK);
  }
  if (data[0] & 2) {
    fill_ring(&link, data + 1, count - 1);
  } else {
    fill_records(data + 1, count - 1);
  }
  for (int polls = 0; polls < 4 && pcie_link_poll(&link) > 0; polls++) {}
  expect(link.depth == 0);
  link_fail_all(&link, PCIE_LINK_E_CLOSED, 0);
  for (int index = 0; index < READS; index++) {
    expect(ends[index] == 1);
    free(buffers[index]);
  }
  free(memory);
  return 0;
}
