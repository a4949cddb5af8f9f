#define _GNU_SOURCE
#include "include/pcie_link_broker.h"
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Memory of a fixed size: nobody can shrink it under a reader. */
static int sealed_memory(const char *name, uint64_t bytes, int *descriptor, void **memory) {
  int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return PCIE_LINK_E_SYSTEM;
  void *mapped = MAP_FAILED;
  if (ftruncate(file, (off_t)bytes) == 0 &&
      fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  if (mapped == MAP_FAILED) {
    close(file);
    return PCIE_LINK_E_SYSTEM;
  }
  *descriptor = file;
  *memory = mapped;
  return PCIE_LINK_OK;
}

static pcie_link_page *page_of(const pcie_link_region *region) { return (pcie_link_page *)region->memory; }

int pcie_link_region_create(pcie_link_region *region, uint32_t slots) {
  memset(region, 0, sizeof *region);
  region->descriptor = region->doorbell = -1;
  if (slots < PCIE_LINK_SLOTS_MIN || slots > PCIE_LINK_SLOTS_MAX || (slots & (slots - 1)))
    return PCIE_LINK_E_ARGUMENT;
  uint64_t bytes = (uint64_t)2 * PCIE_LINK_PAGE_BYTES + (uint64_t)2 * slots * PCIE_LINK_SLOT_BYTES;
  int doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (doorbell < 0) return PCIE_LINK_E_SYSTEM;
  if (sealed_memory("pcie-link", bytes, &region->descriptor, &region->memory) != PCIE_LINK_OK) {
    close(doorbell);
    return PCIE_LINK_E_SYSTEM;
  }
  region->doorbell = doorbell;
  region->bytes = bytes;
  pcie_link_page *page = page_of(region);
  page->magic = PCIE_LINK_MAGIC;
  page->version = PCIE_LINK_VERSION;
  page->layout = pcie_link_layout();
  page->byte_order = PCIE_LINK_BYTE_ORDER;
  page->page_bytes = PCIE_LINK_PAGE_BYTES;
  page->slot_bytes = PCIE_LINK_SLOT_BYTES;
  page->slots = slots;
  page->region_bytes = bytes;
  page->broker_life = PCIE_LINK_LIFE_RUNS;
  pcie_link_end_open(&region->end, region->memory, slots, PCIE_LINK_TO_PROGRAM);
  return PCIE_LINK_OK;
}

void pcie_link_region_destroy(pcie_link_region *region) {
  if (!region->bytes) return;
  __atomic_store_n(&page_of(region)->broker_life, PCIE_LINK_LIFE_ENDED, __ATOMIC_RELEASE);
  munmap(region->memory, region->bytes);
  close(region->descriptor);
  close(region->doorbell);
  memset(region, 0, sizeof *region);
  region->descriptor = region->doorbell = -1;
}

uint32_t pcie_link_region_program_life(const pcie_link_region *region) {
  return __atomic_load_n(&page_of(region)->program_life, __ATOMIC_ACQUIRE);
}

void pcie_link_doorbell_clear(int doorbell) {
  /* The program can take O_NONBLOCK away from the eventfd, which it shares, and empty it before this read. */
  uint64_t count;
  struct iovec into = {.iov_base = &count, .iov_len = sizeof count};
  ssize_t done = preadv2(doorbell, &into, 1, -1, RWF_NOWAIT);
  (void)done;
}

int pcie_link_hints_create(pcie_link_hints *hints) {
  void *memory = NULL;
  hints->descriptor = -1;
  hints->reserved = 0;
  int error = sealed_memory("pcie-link-hints", PCIE_LINK_PAGE_BYTES, &hints->descriptor, &memory);
  hints->bytes = (uint8_t *)memory;
  return error;
}

void pcie_link_hints_destroy(pcie_link_hints *hints) {
  if (!hints->bytes) return;
  munmap(hints->bytes, PCIE_LINK_PAGE_BYTES);
  close(hints->descriptor);
  hints->bytes = NULL;
  hints->descriptor = -1;
}
