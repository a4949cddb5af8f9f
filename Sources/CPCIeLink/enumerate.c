#include "link.h"

/* Registers and bits: PCI Express Base, 7.5 "PCI and PCIe Capabilities Required by the Base Spec". */
enum {
  REGISTER_ID = 0x00,
  REGISTER_COMMAND = 0x04,
  REGISTER_CLASS = 0x08,
  REGISTER_HEADER = 0x0e,
  REGISTER_BAR = 0x10,
  REGISTER_CAPABILITIES = 0x34,
  COMMAND_IO = 1,
  COMMAND_MEMORY = 2,
  COMMAND_BUS_MASTER = 4,
  STATUS_CAPABILITIES = 0x10,
  CAPABILITY_MSI = 0x05,
  CAPABILITY_EXPRESS = 0x10,
  CAPABILITY_MSIX = 0x11,
  EXPRESS_DEVICE_CAPABILITIES = 4,
  EXPRESS_DEVICE_CONTROL = 8,
  MSIX_ENABLE = 0x8000,
  MSIX_MASK = 0x4000,
  RETRY_LIMIT = 100,
  RETRY_MILLISECONDS = 10
};

/* Where the next BAR goes; the two memory windows and the one for I/O. */
typedef struct windows {
  uint64_t low, low_end, high, high_end, io, io_end;
} windows;

static int read_config(pcie_link *link, const pcie_link_found *found, uint32_t offset, int bytes,
                       uint32_t *value) {
  return pcie_link_config_read(link, found->bdf, offset, bytes, value);
}

static int write_config(pcie_link *link, const pcie_link_found *found, uint32_t offset, int bytes,
                        uint32_t value) {
  return pcie_link_config_write(link, found->bdf, offset, bytes, value);
}

/* Waits for a function to be ready; a second at most, as 2.3.1 allows after a reset. */
static int read_id(pcie_link *link, uint16_t bdf, uint32_t *id) {
  for (int tries = 0;; tries++) {
    int error = pcie_link_config_read(link, bdf, REGISTER_ID, 4, id);
    if (error != PCIE_LINK_E_CRS) return error;
    if (tries == RETRY_LIMIT)
      return link_fail(link, PCIE_LINK_E_TIMEOUT, "function %d answers with retry status only", bdf & 7);
    uint64_t until = pcie_link_clock() + RETRY_MILLISECONDS * (uint64_t)1000000;
    while (pcie_link_clock() < until) {
      int served = link_serve_until(link, until, NULL);
      if (served < 0) return served;
    }
  }
}

static int read_msix(pcie_link *link, pcie_link_found *found, uint32_t offset) {
  uint32_t control, table;
  int error = read_config(link, found, offset + 2, 2, &control);
  if (!error) error = read_config(link, found, offset + 4, 4, &table);
  if (error) return error;
  found->msix_capability = offset;
  found->msix_vectors = (uint16_t)((control & 0x7ff) + 1);
  found->msix_table_bar = table & 7;
  found->msix_table_offset = table & ~7u;
  return PCIE_LINK_OK;
}

static int read_capabilities(pcie_link *link, pcie_link_found *found) {
  uint32_t status, offset;
  int error = read_config(link, found, REGISTER_COMMAND + 2, 2, &status);
  if (error || !(status & STATUS_CAPABILITIES)) return error;
  error = read_config(link, found, REGISTER_CAPABILITIES, 1, &offset);
  for (int count = 0; !error && (offset &= 0xfc) >= 0x40 && count < 48; count++) {
    uint32_t head;
    error = read_config(link, found, offset, 2, &head);
    if (error) return error;
    switch (head & 255) {
    case CAPABILITY_MSI:
      found->msi_capability = offset;
      break;
    case CAPABILITY_EXPRESS:
      found->express_capability = offset;
      break;
    case CAPABILITY_MSIX:
      error = read_msix(link, found, offset);
      break;
    default:
      break;
    }
    offset = head >> 8;
  }
  return error;
}

/* --- BARs --- */

/* Writes all ones and reads back what the function keeps. */
static int size_bar(pcie_link *link, pcie_link_found *found, int index) {
  uint32_t offset = REGISTER_BAR + 4 * (uint32_t)index, low, high = UINT32_MAX;
  pcie_link_bar *bar = &found->bars[index];
  int error = write_config(link, found, offset, 4, UINT32_MAX);
  if (!error) error = read_config(link, found, offset, 4, &low);
  if (error || low == 0) return error;
  if (low & 1) {
    bar->kind = PCIE_LINK_BAR_IO;
    bar->bytes = (uint64_t)(~((low & ~3u) | 0xffff0000u)) + 1;
    return PCIE_LINK_OK;
  }
  int is_wide = (low & 6) == 4, prefetchable = (low & 8) != 0;
  if (is_wide && index + 1 < PCIE_LINK_BARS) {
    error = write_config(link, found, offset + 4, 4, UINT32_MAX);
    if (!error) error = read_config(link, found, offset + 4, 4, &high);
    if (error) return error;
  }
  uint64_t mask = (uint64_t)high << 32 | (low & ~15u);
  bar->kind = (uint32_t)((is_wide ? PCIE_LINK_BAR_MEMORY64 : PCIE_LINK_BAR_MEMORY32) + prefetchable);
  bar->bytes = ~mask + 1;
  return PCIE_LINK_OK;
}

static int is_wide(const pcie_link_bar *bar) {
  return bar->kind == PCIE_LINK_BAR_MEMORY64 || bar->kind == PCIE_LINK_BAR_MEMORY64_PREFETCHABLE;
}

/* The next multiple of the size in a window. */
static int take_address(pcie_link *link, uint64_t *next, uint64_t end, uint64_t bytes, uint64_t *address) {
  uint64_t from = (*next + bytes - 1) & ~(bytes - 1);
  if (from < *next || from >= end || bytes > end - from)
    return link_fail(link, PCIE_LINK_E_FULL, "no room for a BAR of 0x%llx bytes",
                     (unsigned long long)bytes);
  *address = from;
  *next = from + bytes;
  return PCIE_LINK_OK;
}

static int place_bar(pcie_link *link, pcie_link_found *found, int index, windows *space) {
  const pcie_link_bar *bar = &found->bars[index];
  uint64_t *address = &found->addresses[index];
  uint32_t offset = REGISTER_BAR + 4 * (uint32_t)index;
  int error;
  if (bar->kind == PCIE_LINK_BAR_IO) {
    error = take_address(link, &space->io, space->io_end, bar->bytes, address);
  } else if (is_wide(bar)) {
    error = take_address(link, &space->high, space->high_end, bar->bytes, address);
  } else {
    error = take_address(link, &space->low, space->low_end, bar->bytes, address);
  }
  if (!error) error = write_config(link, found, offset, 4, (uint32_t)*address);
  if (!error && is_wide(bar)) error = write_config(link, found, offset + 4, 4, (uint32_t)(*address >> 32));
  return error;
}

static int set_up_bars(pcie_link *link, pcie_link_found *found, int limit, windows *space) {
  for (int index = 0; index < limit; index++) {
    int error = size_bar(link, found, index);
    if (!error && found->bars[index].kind != PCIE_LINK_BAR_NONE)
      error = place_bar(link, found, index, space);
    if (error) return error;
    if (is_wide(&found->bars[index])) index++;
  }
  return PCIE_LINK_OK;
}

/* --- functions --- */

static int set_up_function(pcie_link *link, pcie_link_found *found, windows *space, uint32_t *payload) {
  uint32_t command, class_code, header, capabilities;
  int error = read_config(link, found, REGISTER_COMMAND, 2, &command);
  if (!error) error = write_config(link, found, REGISTER_COMMAND, 2, command & ~7u);
  if (!error) error = read_config(link, found, REGISTER_CLASS, 4, &class_code);
  if (!error) error = read_config(link, found, REGISTER_HEADER, 1, &header);
  if (!error) error = read_capabilities(link, found);
  if (!error) error = set_up_bars(link, found, header & 0x7f ? 2 : PCIE_LINK_BARS, space);
  if (error) return error;
  found->class_code = class_code >> 8;
  if (found->express_capability) {
    error =
        read_config(link, found, found->express_capability + EXPRESS_DEVICE_CAPABILITIES, 4, &capabilities);
    if (!error && (128u << (capabilities & 7)) < *payload) *payload = 128u << (capabilities & 7);
  }
  return error;
}

/* Every function gets the same payload size; then they may work. */
static int enable_function(pcie_link *link, const pcie_link_found *found, uint32_t payload) {
  uint32_t control, code = 0, command;
  while (128u << code < payload) code++;
  int error = PCIE_LINK_OK;
  if (found->express_capability) {
    uint32_t offset = found->express_capability + EXPRESS_DEVICE_CONTROL;
    error = read_config(link, found, offset, 2, &control);
    if (!error) error = write_config(link, found, offset, 2, (control & ~0xe0u) | code << 5);
  }
  if (!error) error = read_config(link, found, REGISTER_COMMAND, 2, &command);
  if (!error)
    error = write_config(link, found, REGISTER_COMMAND, 2,
                         command | COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER);
  return error;
}

int pcie_link_enumerate(pcie_link *link, pcie_link_found *found, int capacity) {
  windows space = {.low = 0xe0000000,
                   .low_end = 0xfec00000,
                   .high = (uint64_t)1 << 38,
                   .high_end = (uint64_t)1 << 46,
                   .io = 0x1000,
                   .io_end = 0x10000};
  uint32_t payload = link->function.max_payload;
  int count = 0, limit = 1;
  for (int number = 0; number < limit && count < capacity; number++) {
    uint32_t id, header;
    pcie_link_found *each = &found[count];
    memset(each, 0, sizeof *each);
    each->bdf = pcie_link_bdf(PCIE_LINK_FIRST_BUS, 0, (unsigned)number);
    int error = read_id(link, each->bdf, &id);
    if (error == PCIE_LINK_E_UR || (!error && (id & 0xffff) == 0xffff)) continue;
    if (!error) error = read_config(link, each, REGISTER_HEADER, 1, &header);
    if (error) return error;
    if (number == 0 && header & 0x80) limit = 8;
    each->vendor_id = (uint16_t)id;
    each->device_id = (uint16_t)(id >> 16);
    error = set_up_function(link, each, &space, &payload);
    if (error) return error;
    count++;
  }
  for (int index = 0; index < count; index++) {
    int error = enable_function(link, &found[index], payload);
    if (error) return error;
  }
  link->function.max_payload = (uint16_t)payload;
  return count;
}

int pcie_link_msix_allocate(pcie_link *link, const pcie_link_found *function, int vector, uint64_t address,
                            uint32_t data) {
  if (!function->msix_capability)
    return link_fail(link, PCIE_LINK_E_ABSENT, "the function has no MSI-X capability");
  if (vector < 0 || vector >= function->msix_vectors)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "vector %d of %d", vector, function->msix_vectors);
  if (function->msix_table_bar >= PCIE_LINK_BARS || !function->addresses[function->msix_table_bar])
    return link_fail(link, PCIE_LINK_E_ABSENT, "the MSI-X table lies in BAR %u, which has no address",
                     function->msix_table_bar);
  uint32_t control;
  uint8_t entry[16] = {0}; /* address, data, vector control with the mask clear */
  memcpy(entry, &address, 8);
  memcpy(entry + 8, &data, 4);
  int error = read_config(link, function, function->msix_capability + 2, 2, &control);
  if (error) return error;
  error = pcie_link_write(link,
                          function->addresses[function->msix_table_bar] + function->msix_table_offset +
                              16u * (unsigned)vector,
                          entry, sizeof entry);
  if (error) return error;
  return write_config(link, function, function->msix_capability + 2, 2,
                      (control & ~(uint32_t)MSIX_MASK) | MSIX_ENABLE);
}
