#include "link.h"

/* The BAR that holds [address, address + bytes), and the offset in it; LINK_NONE when none does. */
static int find_bar(const pcie_link *link, int is_io, uint64_t address, uint32_t bytes, uint64_t *offset) {
  for (int index = 0; index < PCIE_LINK_BARS; index++) {
    const pcie_link_bar *bar = &link->description.bars[index];
    uint64_t base = link->function.bar_addresses[index];
    if (!(link->function.bars_enabled >> index & 1) || bar->kind == PCIE_LINK_BAR_NONE) continue;
    if ((bar->kind == PCIE_LINK_BAR_IO) != is_io || address < base) continue;
    if (address - base >= bar->bytes || bytes > bar->bytes - (address - base)) continue;
    *offset = address - base;
    return index;
  }
  return LINK_NONE;
}

static int serve_read(pcie_link *link, const tlp *request, int bar, uint64_t offset) {
  uint8_t data[TLP_DATA_MAX + 4];
  uint32_t begin = 0, first, end, bytes = link_enabled_span(request, &first);
  memset(data, 0, (size_t)request->length * 4);
  while ((end = link_enabled_run(request, &begin)) != 0) {
    int error = link->options.device.read(link->options.context, link, bar, offset + begin, data + begin,
                                          end - begin);
    if (error) return link_answer_status(link, request, error);
    begin = end;
  }
  /* A read of no bytes is answered with a DW of any content and a byte count of 1. */
  return link_answer_data(link, request, data + (first & ~3u), (uint32_t)(request->address & 0xfff) + first,
                          bytes ? bytes : 1);
}

static int serve_write(pcie_link *link, const tlp *request, int bar, uint64_t offset) {
  uint32_t begin = 0, end;
  int status = PCIE_LINK_OK;
  while ((end = link_enabled_run(request, &begin)) != 0) {
    int error = link->options.device.write(link->options.context, link, bar, offset + begin,
                                           request->data + begin, end - begin);
    if (error && !status) status = error;
    begin = end;
  }
  return link_answer_status(link, request, status);
}

int link_serve_device(pcie_link *link, const tlp *request) {
  int is_io = tlp_is(request, TLP_IO_READ) || tlp_is(request, TLP_IO_WRITE);
  int is_read = tlp_is(request, TLP_MEMORY_READ) || tlp_is(request, TLP_IO_READ);
  int is_write = tlp_is(request, TLP_MEMORY_WRITE) || tlp_is(request, TLP_IO_WRITE);
  uint64_t offset = 0;
  if (tlp_is_message(request)) return PCIE_LINK_OK;
  int bar = is_read || is_write ? find_bar(link, is_io, request->address, request->length * 4, &offset)
                                : LINK_NONE;
  if (bar == LINK_NONE) return link_answer_status(link, request, PCIE_LINK_E_UR);
  if (is_read && link->options.device.read) return serve_read(link, request, bar, offset);
  /* Poisoned data is not stored. */
  if (is_write && link->options.device.write && !request->poisoned)
    return serve_write(link, request, bar, offset);
  return link_answer_status(link, request, PCIE_LINK_E_UR);
}

int pcie_link_interrupt(pcie_link *link, int kind, int number) {
  if (link->role != PCIE_LINK_DEVICE || link->raw)
    return link_fail(link, PCIE_LINK_E_ROLE, "interrupts are raised by devices that are not raw");
  const pcie_link_description *description = &link->description;
  int limit = kind == PCIE_LINK_MSIX  ? description->msix_vectors
              : kind == PCIE_LINK_MSI ? description->msi_vectors
              : kind == PCIE_LINK_INTX_ASSERT || kind == PCIE_LINK_INTX_DEASSERT
                  ? description->interrupt_pin != 0
                  : 0;
  if (number < 0 || number >= limit)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "interrupt %d of kind %d; the device has %d of that kind",
                     number, kind, limit);
  if (!link->function.link_up)
    return link_fail(link, PCIE_LINK_E_DOWN, "interrupt %d while the link is down", number);
  pcie_link_interrupt_record record = {(uint32_t)kind, (uint32_t)number};
  int error = link_push(link, PCIE_LINK_RECORD_INTERRUPT, &record, sizeof record, NULL, 0,
                        link->completion_timeout);
  return link_leave_sent(link, error);
}
