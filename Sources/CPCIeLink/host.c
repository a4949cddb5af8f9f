#include "link.h"

static link_region *find_region(pcie_link *link, uint64_t address, uint32_t bytes) {
  for (int index = 0; index < link->region_count; index++) {
    link_region *each = &link->regions[index];
    if (address >= each->address && address - each->address < each->bytes &&
        bytes <= each->bytes - (address - each->address))
      return each;
  }
  return NULL;
}

static int serve_read(pcie_link *link, const tlp *request) {
  uint8_t data[TLP_DATA_MAX + 4];
  uint32_t first, bytes = link_enabled_span(request, &first);
  link_region *holder = find_region(link, request->address + first, bytes ? bytes : 1);
  if (!holder) return link_answer_status(link, request, PCIE_LINK_E_UR);
  memset(data, 0, 4);
  /* Pad bytes of the first and last DW are zero: they may lie outside the region. */
  memset(data + ((first + bytes) & ~3u) - (first & ~3u), 0, 4);
  memcpy(data + (first & 3), holder->memory + (request->address + first - holder->address), bytes);
  return link_answer_data(link, request, data, (uint32_t)(request->address & 0xfff) + first,
                          bytes ? bytes : 1);
}

static int serve_write(pcie_link *link, const tlp *request) {
  uint64_t into = request->address - link->interrupt_address;
  if (request->address >= link->interrupt_address && into < link->interrupt_bytes) {
    const uint8_t *data = request->data;
    uint32_t value = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    if (link->options.host.interrupt)
      link->options.host.interrupt(link->options.context, link, request->address, value);
    return PCIE_LINK_OK;
  }
  uint32_t first, bytes = link_enabled_span(request, &first), begin = 0, end;
  link_region *holder = find_region(link, request->address + first, bytes);
  if (!holder && bytes) return link_answer_status(link, request, PCIE_LINK_E_UR);
  while ((end = link_enabled_run(request, &begin)) != 0) {
    memcpy(holder->memory + (request->address + begin - holder->address), request->data + begin,
           end - begin);
    begin = end;
  }
  return PCIE_LINK_OK;
}

/* Assert_INTA is code 0x20, Deassert_INTA 0x24: PCI Express Base, 2.2.8.1. */
static void serve_message(pcie_link *link, const tlp *message) {
  int code = message->message_code - 0x20;
  if (code < 0 || code > 7 || !link->options.host.intx) return;
  link->options.host.intx(link->options.context, link, (code & 3) + 1, code < 4);
}

int link_serve_host(pcie_link *link, const tlp *request) {
  if (tlp_is_message(request)) {
    serve_message(link, request);
    return PCIE_LINK_OK;
  }
  if (tlp_is(request, TLP_MEMORY_READ)) return serve_read(link, request);
  if (tlp_is(request, TLP_MEMORY_WRITE) && !request->poisoned) return serve_write(link, request);
  return link_answer_status(link, request, PCIE_LINK_E_UR);
}

static int check_host(pcie_link *link) {
  return link->role == PCIE_LINK_HOST && !link->raw
             ? PCIE_LINK_OK
             : link_fail(link, PCIE_LINK_E_ROLE, "the call belongs to hosts that are not raw");
}

int pcie_link_memory_add(pcie_link *link, uint64_t address, void *memory, uint64_t bytes) {
  int error = check_host(link);
  if (error) return error;
  if (!memory || !bytes || bytes - 1 > UINT64_MAX - address)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "a region of 0x%llx bytes at 0x%llx",
                     (unsigned long long)bytes, (unsigned long long)address);
  for (int index = 0; index < link->region_count; index++) {
    const link_region *each = &link->regions[index];
    if (address <= each->address + (each->bytes - 1) && each->address <= address + (bytes - 1))
      return link_fail(link, PCIE_LINK_E_ARGUMENT, "the region at 0x%llx overlaps that at 0x%llx",
                       (unsigned long long)address, (unsigned long long)each->address);
  }
  if (link->region_count == PCIE_LINK_REGIONS)
    return link_fail(link, PCIE_LINK_E_FULL, "the limit is %d regions", PCIE_LINK_REGIONS);
  link->regions[link->region_count++] = (link_region){address, bytes, (uint8_t *)memory};
  return PCIE_LINK_OK;
}

int pcie_link_memory_remove(pcie_link *link, uint64_t address) {
  int error = check_host(link);
  if (error) return error;
  for (int index = 0; index < link->region_count; index++) {
    if (link->regions[index].address != address) continue;
    link->regions[index] = link->regions[--link->region_count];
    return PCIE_LINK_OK;
  }
  return link_fail(link, PCIE_LINK_E_ABSENT, "no region begins at 0x%llx", (unsigned long long)address);
}

int pcie_link_interrupt_range(pcie_link *link, uint64_t address, uint64_t bytes) {
  int error = check_host(link);
  if (error) return error;
  link->interrupt_address = address;
  link->interrupt_bytes = bytes;
  return PCIE_LINK_OK;
}

static int check_config(pcie_link *link, uint16_t function, uint32_t offset, int bytes) {
  int error = check_host(link);
  if (error) return error;
  if ((bytes != 1 && bytes != 2 && bytes != 4) || offset > 4095 || (offset & 3) + (uint32_t)bytes > 4)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "%d bytes at 0x%x of configuration space", bytes, offset);
  if (function >> 8 < PCIE_LINK_FIRST_BUS)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "bus %d does not lie behind the link; the first is %d",
                     function >> 8, PCIE_LINK_FIRST_BUS);
  error = link_enter(link);
  /* News that it is up may wait in the ring. */
  if (!error && !link->function.link_up) error = link_serve_until(link, 0, NULL);
  if (error < 0) return error;
  if (link->function.link_up) return PCIE_LINK_OK;
  link_fail(link, PCIE_LINK_E_DOWN, "a configuration request while the link is down");
  return link_leave(link, PCIE_LINK_E_DOWN);
}

static int config_kind(uint16_t function, int kind) {
  return function >> 8 == PCIE_LINK_FIRST_BUS ? kind : kind + 1;
}

int pcie_link_config_read(pcie_link *link, uint16_t function, uint32_t offset, int bytes, uint32_t *value) {
  uint8_t data[4] = {255, 255, 255, 255};
  *value = bytes == 4 ? UINT32_MAX : bytes == 2 ? 0xffff : 0xff;
  int error = check_config(link, function, offset, bytes);
  if (error) return error;
  int transfer = link_config_start(link, config_kind(function, TLP_CONFIG_READ), function, offset,
                                   (uint32_t)bytes, data);
  int status = transfer < 0 ? transfer : link_await(link, transfer);
  if (status == PCIE_LINK_OK) {
    uint32_t all = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    *value &= all >> (offset & 3) * 8;
  }
  return link_leave(link, status);
}

int pcie_link_config_write(pcie_link *link, uint16_t function, uint32_t offset, int bytes, uint32_t value) {
  int error = check_config(link, function, offset, bytes);
  if (error) return error;
  value <<= (offset & 3) * 8;
  uint8_t data[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
  int transfer = link_config_start(link, config_kind(function, TLP_CONFIG_WRITE), function, offset,
                                   (uint32_t)bytes, data);
  return link_leave(link, transfer < 0 ? transfer : link_await(link, transfer));
}
