/* The device of the pipe: a buffer, registers, and work that they order. */
#include "server.h"
#include "command.h"
#include "platform.h"
#include <string.h>

struct server server;
static bool is_over;

/* --- registers --- */

uint32_t server_register(enum pipe_register name) { return server.registers[name / 4]; }
void server_set_register(enum pipe_register name, uint32_t value) { server.registers[name / 4] = value; }

/* A number of the flood counts when it is the next one. */
static void take_flood(uint32_t before) {
  uint32_t number = server_register(PIPE_FLOOD);
  if (number != 0 && number != before + 1) server_set_register(PIPE_FLOOD, before);
}

static void latch_ring(void) {
  server.ring_address = (uint64_t)server_register(PIPE_HIGH) << 32 | server_register(PIPE_LOW);
}

static int write_registers(uint64_t offset, const void *data, size_t bytes) {
  /* Software writes whole registers; a part of one is for nobody. */
  if (offset % 4 || bytes != 4) return PLATFORM_REFUSED;
  uint32_t flood = server_register(PIPE_FLOOD);
  memcpy((uint8_t *)server.registers + offset, data, bytes);
  server_set_register(PIPE_MAGIC, PIPE_MAGIC_VALUE);
  if (offset == PIPE_FLOOD) take_flood(flood);
  if (offset == PIPE_LATCH) latch_ring();
  if (offset == PIPE_COMMAND) server_set_register(PIPE_STATUS, PIPE_BUSY);
  return 0;
}

static int read_bar(int bar, uint64_t offset, void *data, size_t bytes) {
  const void *from = bar == PIPE_BUFFER_BAR ? server.buffer : (const void *)server.registers;
  memcpy(data, (const uint8_t *)from + offset, bytes);
  return 0;
}

static int write_bar(int bar, uint64_t offset, const void *data, size_t bytes) {
  if (bar == PIPE_REGISTER_BAR) return write_registers(offset, data, bytes);
  memcpy(server.buffer + offset, data, bytes);
  return 0;
}

/* --- commands of the console --- */

static int raise_vector(uint32_t vector) {
  int result = platform_raise((int)vector);
  if (result < 0)
    platform_print("pipe: cannot raise %u: %s", vector, platform_problem());
  else
    platform_print("pipe: raised %u", vector);
  return result;
}

static int quit(uint32_t number) {
  (void)number;
  is_over = true;
  return 0;
}

static const struct command commands[] = {
    {"pipe raise", raise_vector, 0},
    {"pipe flood", server_flood, 10000},
    {"pipe quit", quit, 0},
};

/* --- the life of the server --- */

/* Whatever happens to the link or the function, the registers begin anew. */
static void changed(enum platform_change change) {
  platform_print("pipe: %s", platform_change_text(change));
  memset(server.registers, 0, sizeof server.registers);
  server_set_register(PIPE_MAGIC, PIPE_MAGIC_VALUE);
  server.ring_address = 0;
}

static int serve(void) {
  char line[PLATFORM_LINE_BYTES];
  while (!is_over) {
    int result = platform_wait();
    if (result == PLATFORM_GONE) return result;
    server_work();
    while (!is_over && platform_line(line))
      command_perform(line, commands, sizeof commands / sizeof *commands);
  }
  return 0;
}

int application(void) {
  static const struct platform_device device = {
      .vendor = PIPE_VENDOR,
      .device = PIPE_DEVICE,
      .class_code = PIPE_CLASS,
      .vectors = PIPE_VECTORS,
      .bar_bytes = {[PIPE_REGISTER_BAR] = PIPE_REGISTER_BYTES, [PIPE_BUFFER_BAR] = PIPE_BUFFER_BYTES},
      .read = read_bar,
      .write = write_bar,
  };
  server_set_register(PIPE_MAGIC, PIPE_MAGIC_VALUE);
  platform_on_change(changed);
  int result = platform_device_open(&device);
  if (result < 0) {
    platform_print("pipe: FATAL ERROR: start: %s", platform_problem());
  } else {
    platform_print("pipe: server is ready");
    if (serve() < 0) platform_print("pipe: link gone");
  }
  platform_close();
  return result < 0;
}
