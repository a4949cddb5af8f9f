/* A host that drives an NVMe controller as a driver does at first: resets and enables it, asks by its admin
 * queue who it is, and takes the answer by an interrupt.
 *
 * Offsets and fields: NVM Express Base 2.0, 3.1.3 (properties), 3.3.3 (queue entries), 5.17 (Identify). */
#include <pcie_link.h>
#include <stdio.h>
#include <string.h>

enum { CC = 0x14, CSTS = 0x1c, AQA = 0x24, ASQ = 0x28, ACQ = 0x30 };
enum { SUBMISSION_TAIL = 0x1000, COMPLETION_HEAD = 0x1004 };
enum { ENTRIES = 4, SUBMISSIONS = 0x0, COMPLETIONS = 0x1000, ANSWER = 0x2000, MEMORY_BYTES = 0x3000 };
static const uint64_t MEMORY = 0x100000, INTERRUPT = 0xfee00000;

static pcie_link *host;
static uint8_t memory[MEMORY_BYTES];
static uint64_t registers;
static int interrupts;

static void interrupt(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link;
  if (address == INTERRUPT && data == 0x40) interrupts++;
}

static int failed(const char *what, int error) {
  printf("nvme: %s: %s: %s\n", what, pcie_link_strerror(error), pcie_link_error_text(host));
  return 1;
}

static int put(uint32_t offset, uint64_t value, size_t bytes) {
  return pcie_link_write(host, registers + offset, &value, bytes);
}

/* Waits until the controller is ready, or is not. */
static int become(uint32_t is_ready) {
  uint32_t status = !is_ready;
  for (int looks = 0; looks < 10000; looks++) {
    int error = pcie_link_read(host, registers + CSTS, &status, sizeof status, PCIE_LINK_DEFAULT);
    if (error < 0) return error;
    if ((status & 1) == is_ready) return PCIE_LINK_OK;
  }
  return PCIE_LINK_E_TIMEOUT;
}

static int enable(void) {
  int error = put(CC, 0, 4);
  if (error >= 0) error = become(0);
  if (error >= 0) error = put(AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1), 4);
  if (error >= 0) error = put(ASQ, MEMORY + SUBMISSIONS, 8);
  if (error >= 0) error = put(ACQ, MEMORY + COMPLETIONS, 8);
  /* Entries of 64 and 16 bytes, pages of 4 KiB. */
  if (error >= 0) error = put(CC, 4 << 20 | 6 << 16 | 1, 4);
  return error < 0 ? error : become(1);
}

/* Identify Controller: its data goes to ANSWER. */
static int identify(void) {
  uint32_t command[16] = {0x06 | 7 << 16};
  command[6] = (uint32_t)(MEMORY + ANSWER);
  command[10] = 1;
  memcpy(memory + SUBMISSIONS, command, sizeof command);
  int error = put(SUBMISSION_TAIL, 1, 4);
  while (error >= 0 && !interrupts) error = pcie_link_wait(host, 5000);
  return error;
}

int main(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST, .host.interrupt = interrupt};
  pcie_link_found found;
  setvbuf(stdout, NULL, _IOLBF, 0);
  int error = pcie_link_open(NULL, &options, &host);
  if (error >= 0) error = pcie_link_memory_add(host, MEMORY, memory, sizeof memory);
  if (error >= 0 && (error = pcie_link_enumerate(host, &found, 1)) == 0) error = PCIE_LINK_E_ABSENT;
  if (error < 0) return failed("set-up", error);
  registers = found.addresses[0];
  if (found.class_code != 0x010802) return failed("class code", PCIE_LINK_E_ABSENT);
  error = pcie_link_msix_allocate(host, &found, 0, INTERRUPT, 0x40);
  if (error >= 0) error = enable();
  if (error < 0) return failed("enable", error);
  error = identify();
  if (error < 0) return failed("identify", error);
  uint32_t completion[4];
  memcpy(completion, memory + COMPLETIONS, sizeof completion);
  printf("nvme: command %u ended with status 0x%x, phase %u\n", completion[3] & 0xffff, completion[3] >> 17,
         completion[3] >> 16 & 1);
  printf("nvme: model %.40s\n", memory + ANSWER + 24);
  error = put(COMPLETION_HEAD, 1, 4);
  if (error >= 0) error = put(CC, 0, 4);
  if (error >= 0) error = become(0);
  if (error < 0) return failed("disable", error);
  printf("nvme: done\n");
  pcie_link_close(host);
  return 0;
}
