#include "include/pcie_link_broker.h"
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static int bad(pcie_link_text *why, const char *format, ...) {
  if (why) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->bytes, sizeof why->bytes, format, arguments);
    va_end(arguments);
  }
  return PCIE_LINK_E_ARGUMENT;
}

static int is_power_of_two(uint64_t value) { return value && !(value & (value - 1)); }
static int is_wide(uint32_t kind) {
  return kind == PCIE_LINK_BAR_MEMORY64 || kind == PCIE_LINK_BAR_MEMORY64_PREFETCHABLE;
}

static int check_bar(const pcie_link_description *description, int index, pcie_link_text *why) {
  const pcie_link_bar *bar = &description->bars[index];
  unsigned long long bytes = bar->bytes, least = 128, most = (uint64_t)1 << 31;
  if (bar->kind > PCIE_LINK_BAR_IO)
    return bad(why, "BAR %d has kind %u; the kinds are 0 to 5", index, bar->kind);
  if (bar->reserved) return bad(why, "BAR %d has a reserved field that is not 0", index);
  if (bar->kind == PCIE_LINK_BAR_NONE)
    return bytes ? bad(why, "BAR %d has %llu bytes and no kind", index, bytes) : PCIE_LINK_OK;
  if (bar->kind == PCIE_LINK_BAR_IO) {
    least = 4;
    most = 256;
  } else if (is_wide(bar->kind)) {
    most = (uint64_t)1 << 40;
    if (index + 1 == PCIE_LINK_BARS)
      return bad(why, "BAR %d is the last one and cannot have 64 bits", index);
    if (description->bars[index + 1].kind != PCIE_LINK_BAR_NONE)
      return bad(why, "BAR %d has 64 bits, so that BAR %d must be none", index, index + 1);
  }
  if (!is_power_of_two(bytes) || bytes < least || bytes > most)
    return bad(why, "BAR %d has %llu bytes; it takes a power of two from %llu to %llu", index, bytes, least,
               most);
  return PCIE_LINK_OK;
}

/* Whether [offset, offset + bytes) lies in a memory BAR. */
static int check_inside(const pcie_link_description *description, const char *what, unsigned bar,
                        uint32_t offset, uint32_t bytes, pcie_link_text *why) {
  if (bar >= PCIE_LINK_BARS) return bad(why, "%s lies in BAR %u; the BARs are 0 to 5", what, bar);
  const pcie_link_bar *holder = &description->bars[bar];
  if (holder->kind == PCIE_LINK_BAR_NONE || holder->kind == PCIE_LINK_BAR_IO)
    return bad(why, "%s lies in BAR %u, which is no memory BAR", what, bar);
  if (offset % 8) return bad(why, "%s lies at offset 0x%x, which is no multiple of 8", what, offset);
  if (offset > holder->bytes || bytes > holder->bytes - offset)
    return bad(why, "%s needs 0x%x bytes at 0x%x of BAR %u, which has 0x%llx", what, bytes, offset, bar,
               (unsigned long long)holder->bytes);
  return PCIE_LINK_OK;
}

static int check_msix(const pcie_link_description *description, pcie_link_text *why) {
  uint32_t vectors = description->msix_vectors, table = vectors * 16, pending = (vectors + 63) / 64 * 8;
  if (vectors == 0) return PCIE_LINK_OK;
  if (vectors > 2048) return bad(why, "%u MSI-X vectors; the limit is 2048", vectors);
  int error = check_inside(description, "the MSI-X table", description->msix_bar, description->msix_offset,
                           table, why);
  if (error) return error;
  error = check_inside(description, "the MSI-X PBA", description->msix_pba_bar,
                       description->msix_pba_offset, pending, why);
  if (error) return error;
  int same = description->msix_bar == description->msix_pba_bar;
  if (same && description->msix_offset < description->msix_pba_offset + pending &&
      description->msix_pba_offset < description->msix_offset + table)
    return bad(
        why, "the MSI-X table (0x%x bytes at 0x%x) and the PBA (0x%x bytes at 0x%x) overlap in BAR %u",
        table, description->msix_offset, pending, description->msix_pba_offset, description->msix_bar);
  return PCIE_LINK_OK;
}

int pcie_link_description_check(const pcie_link_description *description, pcie_link_text *why) {
  if (description->vendor_id == 0xffff || description->vendor_id == 0)
    return bad(why, "vendor id 0x%04x means that no function is there", description->vendor_id);
  if (description->class_code >> 24)
    return bad(why, "class code 0x%x has more than 24 bits", description->class_code);
  if (description->reserved) return bad(why, "a reserved field is not 0");
  if (description->interrupt_pin > 4)
    return bad(why, "interrupt pin %u; it takes 0 (none) to 4 (INTD)", description->interrupt_pin);
  unsigned msi = description->msi_vectors, payload = description->max_payload;
  if (msi && (!is_power_of_two(msi) || msi > 32))
    return bad(why, "%u MSI vectors; it takes 0, 1, 2, 4, 8, 16, 32", msi);
  if (payload && (!is_power_of_two(payload) || payload < 128 || payload > 4096))
    return bad(why, "maximum payload of %u bytes; it takes 128, 256, 512, 1024, 2048, 4096", payload);
  for (int index = 0; index < PCIE_LINK_BARS; index++) {
    int error = check_bar(description, index, why);
    if (error) return error;
    if (is_wide(description->bars[index].kind)) index++;
  }
  return check_msix(description, why);
}

/* --- program and suite --- */

/* What both say of one thing. */
typedef struct described_field {
  const char *name;
  uint32_t program, suite;
} described_field;

static int differs(pcie_link_text *why, const char *what, int index, unsigned long long program,
                   unsigned long long suite) {
  char place[8] = "";
  if (index >= 0) snprintf(place, sizeof place, " %d", index);
  bad(why, "%s%s is 0x%llx in the program and 0x%llx in the suite", what, place, program, suite);
  return PCIE_LINK_E_REFUSED;
}

static int compare(const described_field *fields, size_t count, pcie_link_text *why) {
  for (size_t index = 0; index < count; index++)
    if (fields[index].program != fields[index].suite)
      return differs(why, fields[index].name, -1, fields[index].program, fields[index].suite);
  return PCIE_LINK_OK;
}

/* The bytes that a maximum of 0 stands for. */
static unsigned payload_of(const pcie_link_description *description) {
  return description->max_payload ? description->max_payload : 512;
}

int pcie_link_description_match(const pcie_link_description *program, const pcie_link_description *suite,
                                pcie_link_text *why) {
  const described_field fields[] = {{"vendor id", program->vendor_id, suite->vendor_id},
                {"device id", program->device_id, suite->device_id},
                {"subsystem vendor id", program->subsystem_vendor_id, suite->subsystem_vendor_id},
                {"subsystem id", program->subsystem_id, suite->subsystem_id},
                {"class code", program->class_code, suite->class_code},
                {"revision", program->revision, suite->revision},
                {"interrupt pin", program->interrupt_pin, suite->interrupt_pin},
                {"number of MSI vectors", program->msi_vectors, suite->msi_vectors},
                {"number of MSI-X vectors", program->msix_vectors, suite->msix_vectors},
                {"maximum payload", payload_of(program), payload_of(suite)}};
  int error = compare(fields, sizeof fields / sizeof *fields, why);
  if (error) return error;
  for (int index = 0; index < PCIE_LINK_BARS; index++) {
    const pcie_link_bar *one = &program->bars[index], *other = &suite->bars[index];
    if (one->kind != other->kind) return differs(why, "the kind of BAR", index, one->kind, other->kind);
    if (one->bytes != other->bytes) return differs(why, "the size of BAR", index, one->bytes, other->bytes);
  }
  if (!program->msix_vectors) return PCIE_LINK_OK;
  const described_field places[] = {{"the BAR of the MSI-X table", program->msix_bar, suite->msix_bar},
                {"the offset of the MSI-X table", program->msix_offset, suite->msix_offset},
                {"the BAR of the MSI-X PBA", program->msix_pba_bar, suite->msix_pba_bar},
                {"the offset of the MSI-X PBA", program->msix_pba_offset, suite->msix_pba_offset}};
  return compare(places, sizeof places / sizeof *places, why);
}
