#include "link.h"

static int status_of(int error) {
  switch (error) {
  case PCIE_LINK_OK:
    return TLP_STATUS_SC;
  case PCIE_LINK_E_CRS:
    return TLP_STATUS_CRS;
  case PCIE_LINK_E_CA:
    return TLP_STATUS_CA;
  default:
    return TLP_STATUS_UR;
  }
}

int link_answer_status(pcie_link *link, const tlp *request, int error) {
  uint8_t header[TLP_HEADER_MAX];
  if (error != PCIE_LINK_OK) link->counters.unsupported_requests++;
  if (tlp_is_posted(request)) return PCIE_LINK_OK;
  uint32_t count = 4, first = 0; /* what all completions but those of memory reads have */
  if (tlp_is(request, TLP_MEMORY_READ)) {
    count = link_enabled_span(request, &first);
    if (!count) count = 1;
    first += (uint32_t)(request->address & 0x7f);
  }
  uint32_t bytes =
      tlp_completion(header, request, link->function.requester_id, status_of(error), count, first, 0);
  return link_push(link, PCIE_LINK_RECORD_TLP, header, bytes, NULL, 0, link->completion_timeout);
}

int link_answer_data(pcie_link *link, const tlp *request, const uint8_t *data, uint32_t lower_address,
                     uint32_t bytes) {
  uint32_t payload = link->function.max_payload;
  do {
    uint8_t header[TLP_HEADER_MAX];
    /* Up to a multiple of the payload size, which is one of the read completion boundary too. */
    uint32_t piece = payload - (lower_address & (payload - 1));
    if (piece > bytes) piece = bytes;
    uint32_t size = tlp_completion(header, request, link->function.requester_id, TLP_STATUS_SC, bytes,
                                   lower_address, piece);
    uint32_t padded = ((lower_address & 3) + piece + 3) & ~3u;
    int error = link_push(link, PCIE_LINK_RECORD_TLP, header, size, data, padded, link->completion_timeout);
    if (error) return error;
    data += (lower_address & 3) + piece;
    lower_address += piece;
    bytes -= piece;
  } while (bytes);
  return PCIE_LINK_OK;
}

static int is_enabled(const tlp *request, uint32_t index) {
  if (index < 4) return request->first_enables >> index & 1;
  if (index >= (request->length - 1) * 4) return request->last_enables >> (index & 3) & 1;
  return 1;
}

uint32_t link_enabled_run(const tlp *request, uint32_t *begin) {
  uint32_t bytes = request->length * 4, middle = bytes - 4, from = *begin;
  while (from < bytes && !is_enabled(request, from)) from++;
  if (from == bytes) return 0;
  uint32_t end = from;
  while (end < bytes && is_enabled(request, end)) end = end >= 4 && end < middle ? middle : end + 1;
  *begin = from;
  return end;
}

uint32_t link_enabled_span(const tlp *request, uint32_t *first) {
  uint32_t begin = 0, end, last = 0;
  *first = 0;
  while ((end = link_enabled_run(request, &begin)) != 0) {
    if (!last) *first = begin;
    last = begin = end;
  }
  return last - *first;
}
