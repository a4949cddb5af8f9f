/* Drives a DMA engine, be it a model or a program: a scatter list, each piece with its interrupt. */
#include "engine.h"
#include "platform.h"
#include "scatter.h"

enum { VECTORS = 2, INTERRUPT_MILLISECONDS = 5000 };

static uint8_t memory[2 * SCATTER_HALF_BYTES];
static uint64_t memory_address;
static volatile uint32_t interrupts[VECTORS];

static void interrupt(int vector) {
  if (vector < VECTORS) interrupts[vector]++;
}

static int failed(const char *what, int result) {
  if (result == PLATFORM_DOWN)
    platform_print("dma: link down");
  else
    platform_print("dma: FATAL ERROR: %s: %s", what, platform_problem());
  return result;
}

static int set(uint32_t offset, uint32_t value) {
  return platform_bar_write(ENGINE_BAR, offset, &value, sizeof value);
}

static int set_address(uint32_t offset, uint64_t address) {
  int result = set(offset, (uint32_t)address);
  return result < 0 ? result : set(offset + 4, (uint32_t)(address >> 32));
}

/* Gives a command, and waits for the interrupt that ends it. */
static int perform(enum engine_command command, uint32_t vector) {
  uint32_t before = interrupts[vector];
  int result = set(ENGINE_KIND, ENGINE_KIND_MSIX);
  if (result >= 0) result = set(ENGINE_NUMBER, vector + 1);
  if (result >= 0) result = set(ENGINE_COMMAND, command);
  if (result < 0) return failed("give a command", result);
  result = platform_await(&interrupts[vector], before, INTERRUPT_MILLISECONDS);
  return result < 0 ? failed("wait for the interrupt", result) : 0;
}

static int copy(const struct segment *segment) {
  uint32_t status;
  int result = set_address(ENGINE_SOURCE, memory_address + segment->source);
  if (result >= 0)
    result = set_address(ENGINE_TARGET, memory_address + SCATTER_HALF_BYTES + segment->target);
  if (result >= 0) result = set(ENGINE_SIZE, segment->bytes);
  if (result < 0) return failed("describe a segment", result);
  result = perform(ENGINE_COPY, 0);
  if (result < 0) return result;
  result = platform_bar_read(ENGINE_BAR, ENGINE_STATUS, &status, sizeof status);
  if (result < 0) return failed("read the status", result);
  if (status == (ENGINE_COPY_DONE | ENGINE_INTERRUPT_RAISED)) return 0;
  platform_print("dma: FATAL ERROR: status 0x%x after %u bytes from %u", status, segment->bytes,
                 segment->source);
  return PLATFORM_FAILED;
}

static int copy_all(void) {
  scatter_prepare(memory, 1);
  for (int index = 0; index < SCATTER_SEGMENTS; index++) {
    int result = copy(&scatter_list[index]);
    if (result < 0) return result;
  }
  uint32_t wrong = scatter_check(memory);
  if (wrong != SCATTER_HALF_BYTES) {
    platform_print("dma: FATAL ERROR: byte %u of the target is wrong", wrong);
    return PLATFORM_FAILED;
  }
  platform_print("dma: %d segments are copied", SCATTER_SEGMENTS);
  return 0;
}

static int set_up(void) {
  struct platform_function found;
  int result = platform_lend(memory, sizeof memory, &memory_address);
  if (result >= 0) result = platform_find(&found);
  if (result >= 0) result = platform_vectors_connect(VECTORS);
  if (result < 0) return failed("set up", result);
  platform_print("dma: %04x:%04x is set up", found.vendor, found.device);
  return 0;
}

int application(void) {
  int result = platform_host_open(interrupt);
  if (result < 0) failed("open", result);
  if (result >= 0) result = set_up();
  if (result >= 0) result = copy_all();
  if (result >= 0) result = perform(ENGINE_RAISE, VECTORS - 1);
  if (result >= 0) platform_print("dma: done");
  platform_close();
  return result < 0;
}
