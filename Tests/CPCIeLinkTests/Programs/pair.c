/* A device program and a host program over a small broker, three processes. Usage: pair FOLDER */
#define _GNU_SOURCE
#include "check.h"
#include "pcie_link.h"
#include "small_broker.h"
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The device's registers, in the upper part of BAR 0. */
enum {
  SOURCE = 0xf000,
  TARGET = 0xf008,
  LENGTH = 0xf010,
  COMMAND = 0xf014,
  STATUS = 0xf018,
  FETCH = 0xf020
};
enum { COPY = 1, COPY_IN_PIECES = 2, RAISE = 3, LOWER = 4, DIE = 5, MISBEHAVE = 6 };
enum { BAR0_BYTES = 0x10000, BAR2_BYTES = 0x100000, MEMORY_BYTES = 0x100000, PIECE = 4096 };
static const uint64_t MEMORY_AT = 0x100000000u, MESSAGES_AT = 0xfee00000u;

/* --- the device --- */

static uint8_t bar0[BAR0_BYTES], bar2[BAR2_BYTES], buffer[MEMORY_BYTES];
static uint32_t pieces;
static int piece_status;

static uint64_t get(uint32_t offset, size_t bytes) {
  uint64_t value = 0;
  memcpy(&value, bar0 + offset, bytes);
  return value;
}

static void finish(pcie_link *link, int status, int vector) {
  int32_t stored = status;
  memcpy(bar0 + STATUS, &stored, 4);
  CHECK_EQUAL(pcie_link_interrupt(link, PCIE_LINK_MSIX, vector), PCIE_LINK_OK);
}

static void piece_done(void *context, pcie_link *link, int status) {
  (void)context;
  if (status) piece_status = status;
  if (--pieces) return;
  int error = pcie_link_write(link, get(TARGET, 8), buffer, get(LENGTH, 4));
  finish(link, piece_status ? piece_status : error, 1);
}

static void copy_in_pieces(pcie_link *link) {
  uint32_t length = (uint32_t)get(LENGTH, 4);
  piece_status = 0;
  pieces = (length + PIECE - 1) / PIECE;
  CHECK(pieces > 32 && pieces <= PCIE_LINK_TRANSFERS);
  for (uint32_t from = 0; from < length; from += PIECE) {
    uint32_t count = length - from < PIECE ? length - from : PIECE;
    CHECK_EQUAL(pcie_link_read_start(link, get(SOURCE, 8) + from, buffer + from, count, PCIE_LINK_DEFAULT,
                                     piece_done, NULL),
                PCIE_LINK_OK);
  }
}

static void command(pcie_link *link, uint32_t number) {
  /* A completion that nobody asked for; without its data it is malformed. */
  static const uint8_t stray[16] = {0x4a, 0, 0, 1, 0, 0, 0, 4, 0, 0, 200, 0};
  switch (number) {
  case COPY: {
    int status = pcie_link_read(link, get(SOURCE, 8), buffer, get(LENGTH, 4), PCIE_LINK_DEFAULT);
    if (!status) status = pcie_link_write(link, get(TARGET, 8), buffer, get(LENGTH, 4));
    finish(link, status, 0);
    break;
  }
  case COPY_IN_PIECES:
    copy_in_pieces(link);
    break;
  case RAISE:
    CHECK_EQUAL(pcie_link_interrupt(link, PCIE_LINK_INTX_ASSERT, 0), PCIE_LINK_OK);
    break;
  case LOWER:
    CHECK_EQUAL(pcie_link_interrupt(link, PCIE_LINK_INTX_DEASSERT, 0), PCIE_LINK_OK);
    break;
  case MISBEHAVE:
    CHECK_EQUAL(pcie_link_send(link, stray, 16, 1000), PCIE_LINK_OK);
    CHECK_EQUAL(pcie_link_send(link, stray, 12, 1000), PCIE_LINK_OK);
    CHECK_EQUAL(pcie_link_send(link, stray, 13, 1000), PCIE_LINK_E_ARGUMENT);
    break;
  default:
    _exit(number == DIE ? 0 : 1);
  }
}

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  CHECK(context == bar0 && (bar == 0 || bar == 2 || bar == 4));
  if (bar == 4) return PCIE_LINK_E_CA;
  if (bar == 0 && offset == FETCH) /* answers only after it has read the host's memory itself */
    return pcie_link_read(link, get(SOURCE, 8), data, bytes, PCIE_LINK_DEFAULT);
  memcpy(data, (bar ? bar2 : bar0) + offset, bytes);
  return PCIE_LINK_OK;
}

static int write_bar(void *context, pcie_link *link, int bar, uint64_t offset, const void *data,
                     uint32_t bytes) {
  CHECK(context == bar0 && (bar == 0 || bar == 2 || bar == 4));
  if (bar == 4) return PCIE_LINK_OK;
  memcpy((bar ? bar2 : bar0) + offset, data, bytes);
  if (bar == 0 && offset == COMMAND) command(link, (uint32_t)get(COMMAND, 4));
  return PCIE_LINK_OK;
}

static int device(const char *url) {
  pcie_link_description description = {.vendor_id = 0x1234,
                                       .device_id = 0x5678,
                                       .class_code = 0x058000,
                                       .msix_vectors = 4,
                                       .msix_bar = 1,
                                       .msix_pba_bar = 1,
                                       .msix_pba_offset = 0x800,
                                       .interrupt_pin = 1};
  description.bars[0] = (pcie_link_bar){BAR0_BYTES, PCIE_LINK_BAR_MEMORY32, 0};
  description.bars[1] = (pcie_link_bar){4096, PCIE_LINK_BAR_MEMORY32, 0};
  description.bars[2] = (pcie_link_bar){BAR2_BYTES, PCIE_LINK_BAR_MEMORY64, 0};
  description.bars[4] = (pcie_link_bar){64, PCIE_LINK_BAR_IO, 0};
  pcie_link_options options = {.role = PCIE_LINK_DEVICE,
                               .description = &description,
                               .device = {.read = read_bar, .write = write_bar},
                               .context = bar0};
  pcie_link *link;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  uint32_t word;
  CHECK_EQUAL(pcie_link_read(link, MEMORY_AT, &word, 4, 10), PCIE_LINK_E_DISABLED);
  CHECK_EQUAL(pcie_link_config_read(link, 0x100, 0, 4, &word), PCIE_LINK_E_ROLE);
  CHECK_EQUAL(pcie_link_interrupt(link, PCIE_LINK_MSIX, 4), PCIE_LINK_E_ARGUMENT);
  int result = pcie_link_run(link);
  pcie_link_close(link);
  return result == PCIE_LINK_E_CLOSED ? 0 : 1;
}

/* --- the host --- */

static uint8_t memory[MEMORY_BYTES], expected[MEMORY_BYTES];
static int interrupts[4], line, state_seen = -1;

static void on_interrupt(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link;
  CHECK(address == MESSAGES_AT + 0x10 && data >= 0x40 && data < 0x44);
  interrupts[data - 0x40]++;
}

static void on_intx(void *context, pcie_link *link, int pin, int asserted) {
  (void)context, (void)link;
  CHECK_EQUAL(pin, 1);
  line += asserted ? 1 : -1;
}

static void on_state(void *context, pcie_link *link, int state) {
  (void)context, (void)link;
  state_seen = state;
}

static void set(pcie_link *link, uint64_t address, uint64_t value, size_t bytes) {
  CHECK_EQUAL(pcie_link_write(link, address, &value, bytes), PCIE_LINK_OK);
}

static uint32_t read32(pcie_link *link, uint64_t address) {
  uint32_t value = 0;
  CHECK_EQUAL(pcie_link_read(link, address, &value, 4, PCIE_LINK_DEFAULT), PCIE_LINK_OK);
  return value;
}

static void finds_the_function(pcie_link *link, pcie_link_found *found) {
  pcie_link_found all[8];
  CHECK_EQUAL(pcie_link_enumerate(link, all, 8), 1);
  *found = all[0];
  CHECK(found->vendor_id == 0x1234 && found->device_id == 0x5678 && found->class_code == 0x058000);
  CHECK(found->bars[0].bytes == BAR0_BYTES && found->bars[0].kind == PCIE_LINK_BAR_MEMORY32);
  CHECK(found->bars[2].bytes == BAR2_BYTES && found->bars[2].kind == PCIE_LINK_BAR_MEMORY64);
  CHECK(found->bars[4].bytes == 64 && found->bars[4].kind == PCIE_LINK_BAR_IO);
  CHECK(found->addresses[0] == 0xe0000000 && found->addresses[2] == (uint64_t)1 << 38);
  CHECK(found->msix_vectors == 4 && found->msix_table_bar == 1);
  uint32_t value;
  CHECK_EQUAL(pcie_link_config_read(link, pcie_link_bdf(1, 1, 0), 0, 4, &value), PCIE_LINK_E_UR);
  CHECK_EQUAL(value, UINT32_MAX);
  CHECK_EQUAL(pcie_link_config_read(link, pcie_link_bdf(1, 0, 0), 2, 2, &value), PCIE_LINK_OK);
  CHECK_EQUAL(value, 0x5678);
  CHECK_EQUAL(pcie_link_config_read(link, pcie_link_bdf(1, 0, 0), 3, 2, &value), PCIE_LINK_E_ARGUMENT);
  for (int vector = 0; vector < 4; vector++)
    CHECK_EQUAL(pcie_link_msix_allocate(link, found, vector, MESSAGES_AT + 0x10, 0x40 + (uint32_t)vector),
                PCIE_LINK_OK);
}

static void moves_every_size(pcie_link *link, const pcie_link_found *found) {
  static const size_t sizes[] = {1,   2,   3,   4,   5,   7,    8,    16,   63,   64,
                                 127, 128, 255, 256, 257, 1000, 4096, 5000, 65536};
  for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
    for (uint64_t offset = 0; offset < 5; offset++) {
      uint64_t address = found->addresses[2] + offset + 3 * 4096 - 8;
      for (size_t byte = 0; byte < sizes[index]; byte++)
        expected[byte] = (uint8_t)(byte * 7 + index + offset);
      CHECK_EQUAL(pcie_link_write(link, address, expected, sizes[index]), PCIE_LINK_OK);
      memset(buffer, 0, sizes[index] + 8);
      CHECK_EQUAL(pcie_link_read(link, address, buffer, sizes[index], PCIE_LINK_DEFAULT), PCIE_LINK_OK);
      CHECK(memcmp(buffer, expected, sizes[index]) == 0 && buffer[sizes[index]] == 0);
    }
  }
}

/* Has the device copy host memory, and waits for its interrupt. */
static int copies(pcie_link *link, uint64_t bar, int how, uint64_t from, uint64_t to, uint32_t bytes) {
  int vector = how == COPY ? 0 : 1, before = interrupts[vector];
  set(link, bar + SOURCE, from, 8);
  set(link, bar + TARGET, to, 8);
  set(link, bar + LENGTH, bytes, 4);
  set(link, bar + COMMAND, (uint64_t)how, 4);
  while (interrupts[vector] == before) CHECK(pcie_link_wait(link, 30000) > 0);
  return (int)read32(link, bar + STATUS);
}

static void device_copies(pcie_link *link, const pcie_link_found *found) {
  uint64_t bar = found->addresses[0];
  for (size_t index = 0; index < MEMORY_BYTES; index++)
    memory[index] = (uint8_t)(index * 13 + (index >> 8));
  for (int offset = 0; offset < 4; offset++) {
    uint32_t bytes = 9001 + (uint32_t)offset;
    CHECK_EQUAL(copies(link, bar, COPY, MEMORY_AT + 100 + (uint64_t)offset, MEMORY_AT + 0x40003, bytes), 0);
    CHECK(memcmp(memory + 100 + offset, memory + 0x40003, bytes) == 0);
  }
  uint32_t bytes = 50 * PIECE + 17; /* more pieces at once than tags */
  CHECK_EQUAL(copies(link, bar, COPY_IN_PIECES, MEMORY_AT + 1, MEMORY_AT + 0x80002, bytes), 0);
  CHECK(memcmp(memory + 1, memory + 0x80002, bytes) == 0);
  CHECK_EQUAL(copies(link, bar, COPY, MEMORY_AT + MEMORY_BYTES, MEMORY_AT, 64), PCIE_LINK_E_UR);
  CHECK_EQUAL(copies(link, bar, COPY, 0x1000, MEMORY_AT, 64), PCIE_LINK_E_UR);
  set(link, bar + SOURCE, MEMORY_AT + 8, 8);
  uint32_t word;
  memcpy(&word, memory + 8, 4);
  CHECK_EQUAL(read32(link, bar + FETCH), word); /* served while the read was under way */
}

static void reports_what_fails(pcie_link *link, const pcie_link_found *found) {
  uint32_t value;
  CHECK_EQUAL(pcie_link_read(link, 0xd0000000, &value, 4, PCIE_LINK_DEFAULT), PCIE_LINK_E_UR);
  CHECK(strstr(pcie_link_error_text(link), "0xd0000000"));
  CHECK_EQUAL(pcie_link_read(link, UINT64_MAX, &value, 4, PCIE_LINK_DEFAULT), PCIE_LINK_E_ARGUMENT);
  CHECK_EQUAL(pcie_link_memory_add(link, MEMORY_AT + 8, memory, 8), PCIE_LINK_E_ARGUMENT);
  CHECK_EQUAL(pcie_link_memory_remove(link, 8), PCIE_LINK_E_ABSENT);
  CHECK_EQUAL(pcie_link_receive(link, memory, sizeof memory, 0), PCIE_LINK_E_ROLE);
  CHECK_EQUAL(pcie_link_interrupt(link, PCIE_LINK_MSIX, 0), PCIE_LINK_E_ROLE);
  CHECK_EQUAL(pcie_link_wait(link, 0), PCIE_LINK_E_TIMEOUT);
  set(link, found->addresses[0] + COMMAND, MISBEHAVE, 4);
  read32(link, found->addresses[0] + STATUS);
  CHECK_EQUAL(pcie_link_statistics(link)->unexpected_completions, 1);
  CHECK_EQUAL(pcie_link_statistics(link)->malformed, 1);
}

static void hears_interrupts(pcie_link *link, const pcie_link_found *found) {
  uint64_t bar = found->addresses[0], entry = found->addresses[1];
  set(link, bar + COMMAND, RAISE, 4);
  while (line != 1) CHECK(pcie_link_wait(link, 30000) > 0);
  set(link, bar + COMMAND, LOWER, 4);
  while (line != 0) CHECK(pcie_link_wait(link, 30000) > 0);
  int before = interrupts[0];
  set(link, entry + 12, 1, 4); /* masked: it waits */
  set(link, bar + SOURCE, MEMORY_AT, 8);
  set(link, bar + LENGTH, 0, 4);
  set(link, bar + COMMAND, COPY, 4);
  read32(link, bar + STATUS);
  CHECK_EQUAL(interrupts[0], before);
  set(link, entry + 12, 0, 4);
  while (interrupts[0] == before) CHECK(pcie_link_wait(link, 30000) > 0);
}

/* The same in an event loop: the descriptor alone says when to poll. */
static void works_in_a_loop(pcie_link *link, const pcie_link_found *found) {
  uint64_t bar = found->addresses[0];
  struct pollfd loop = {.fd = pcie_link_fd(link), .events = POLLIN};
  for (int round = 0; round < 200; round++) {
    int before = interrupts[0];
    set(link, bar + LENGTH, 300, 4);
    set(link, bar + COMMAND, COPY, 4);
    if (round % 3 == 0) read32(link, bar + STATUS);
    while (interrupts[0] == before) {
      CHECK(poll(&loop, 1, 30000) == 1);
      CHECK(pcie_link_poll(link) >= 0);
    }
  }
  CHECK_EQUAL(pcie_link_next_timeout(link), -1);
}

static int host(const char *url) {
  pcie_link_options options = {
      .role = PCIE_LINK_HOST, .host = {.interrupt = on_interrupt, .intx = on_intx}, .state = on_state};
  pcie_link *link;
  pcie_link_found found;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_memory_add(link, MEMORY_AT, memory, MEMORY_BYTES), PCIE_LINK_OK);
  finds_the_function(link, &found);
  moves_every_size(link, &found);
  device_copies(link, &found);
  reports_what_fails(link, &found);
  hears_interrupts(link, &found);
  works_in_a_loop(link, &found);
  set(link, found.addresses[0] + COMMAND, DIE, 4);
  uint32_t value;
  int error = pcie_link_read(link, found.addresses[0], &value, 4, PCIE_LINK_FOREVER);
  CHECK(error == PCIE_LINK_E_DOWN || error == PCIE_LINK_E_UR);
  while (state_seen < 0) CHECK(pcie_link_wait(link, 30000) > 0);
  CHECK_EQUAL(state_seen, PCIE_LINK_STATE_DOWN);
  CHECK_EQUAL(pcie_link_write(link, found.addresses[0], &value, 4), PCIE_LINK_E_DOWN);
  pcie_link_close(link);
  return 0;
}

/* Runs a device and a host over a broker whose payload and read requests have these sizes. */
static void run(const char *folder, uint16_t payload, uint16_t read_request) {
  char path[90], url[120];
  pcie_link_text why;
  snprintf(path, sizeof path, "%s/pair.sock", folder);
  snprintf(url, sizeof url, "unix:%s#node", path);
  int listener = pcie_link_listen(path, &why), status;
  CHECK(listener >= 0);
  pid_t children[2];
  for (int index = 0; index < 2; index++) {
    children[index] = fork();
    if (children[index]) continue;
    close(listener);
    alarm(100);
    _exit(index ? host(url) : device(url));
  }
  small_broker(listener, payload, read_request);
  close(listener);
  for (int index = 0; index < 2; index++)
    CHECK(waitpid(children[index], &status, 0) == children[index] && status == 0);
}

int main(int count, char **words) {
  CHECK_EQUAL(count, 2);
  alarm(100);
  run(words[1], 256, 512);
  puts("pair: passed");
  return 0;
}
