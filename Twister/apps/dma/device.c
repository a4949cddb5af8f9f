/* A DMA engine as a program. */
#include "checksum.h"
#include "engine.h"
#include "platform.h"
#include <string.h>

enum { VENDOR = 0x1234, DEVICE = 1, CLASS = 0xff0000, VECTORS = 8, SIZE_MAX_BYTES = 65536 };

static uint32_t registers[ENGINE_BAR_BYTES / 4];
static uint8_t buffer[SIZE_MAX_BYTES];

static uint32_t get(enum engine_register name) { return registers[name / 4]; }
static void set(enum engine_register name, uint32_t value) { registers[name / 4] = value; }

static uint64_t address(enum engine_register low) {
  return (uint64_t)registers[low / 4 + 1] << 32 | registers[low / 4];
}

/* --- work --- */

/* WRITE sends bytes of its own; READ and COPY fetch theirs. */
static bool fill_buffer(uint32_t command, uint32_t bytes) {
  if (!(command & ENGINE_WRITE)) return platform_dma_read(address(ENGINE_SOURCE), buffer, bytes) >= 0;
  for (uint32_t index = 0; index < bytes; index++) buffer[index] = (uint8_t)(index * 13 + 5);
  return true;
}

static bool transfer(uint32_t command) {
  uint32_t bytes = get(ENGINE_SIZE);
  if (bytes > SIZE_MAX_BYTES || !fill_buffer(command, bytes)) return false;
  uint32_t sum = checksum(buffer, bytes);
  if (command & ENGINE_READ) return sum == get(ENGINE_CHECKSUM);
  set(ENGINE_CHECKSUM, sum);
  return platform_dma_write(address(ENGINE_TARGET), buffer, bytes) >= 0;
}

static void perform(uint32_t command) {
  static const struct {
    uint32_t command, done, failed;
    const char *name;
  } transfers[] = {
      {ENGINE_WRITE, ENGINE_WRITE_DONE, ENGINE_WRITE_FAILED, "WRITE"},
      {ENGINE_READ, ENGINE_READ_DONE, ENGINE_READ_FAILED, "READ"},
      {ENGINE_COPY, ENGINE_COPY_DONE, ENGINE_COPY_FAILED, "COPY"},
  };
  uint32_t status = ENGINE_INTERRUPT_RAISED;
  for (size_t index = 0; index < sizeof transfers / sizeof *transfers; index++) {
    if (!(command & transfers[index].command)) continue;
    bool is_done = transfer(transfers[index].command);
    status |= is_done ? transfers[index].done : transfers[index].failed;
    set(ENGINE_STATUS, status);
    platform_print("dma: %s of %u bytes %s", transfers[index].name, get(ENGINE_SIZE),
                   is_done ? "is done" : "failed");
    break;
  }
  set(ENGINE_STATUS, status);
  platform_raise((int)get(ENGINE_NUMBER) - 1);
}

/* A command that comes meanwhile waits in its register. */
static void work(void) {
  uint32_t command;
  while ((command = get(ENGINE_COMMAND)) != 0) {
    set(ENGINE_COMMAND, 0);
    set(ENGINE_STATUS, 0);
    perform(command);
  }
}

/* --- the BAR --- */

static int read_bar(int bar, uint64_t offset, void *data, size_t bytes) {
  if (bar != ENGINE_BAR) return PLATFORM_REFUSED;
  memcpy(data, (const uint8_t *)registers + offset, bytes);
  return 0;
}

static int write_bar(int bar, uint64_t offset, const void *data, size_t bytes) {
  if (bar != ENGINE_BAR) return PLATFORM_REFUSED;
  memcpy((uint8_t *)registers + offset, data, bytes);
  return 0;
}

static void changed(enum platform_change change) {
  platform_print("dma: %s", platform_change_text(change));
  memset(registers, 0, sizeof registers);
}

int application(void) {
  static const struct platform_device device = {.vendor = VENDOR,
                                                .device = DEVICE,
                                                .class_code = CLASS,
                                                .vectors = VECTORS,
                                                .bar_bytes = {[ENGINE_BAR] = ENGINE_BAR_BYTES},
                                                .read = read_bar,
                                                .write = write_bar};
  platform_on_change(changed);
  int result = platform_device_open(&device);
  if (result < 0) {
    platform_print("dma: FATAL ERROR: open: %s", platform_problem());
  } else {
    platform_print("dma: device is ready");
    while ((result = platform_wait()) != PLATFORM_GONE) work();
  }
  platform_close();
  return result < 0 && result != PLATFORM_GONE;
}
