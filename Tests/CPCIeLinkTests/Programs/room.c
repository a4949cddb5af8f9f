/* Requests that find the ring full: they are sent when there is room, and do not wait for ever; and in an
 * event loop the descriptor tells of what comes afterwards.
 * Usage: room FOLDER
 *
 * The broker here is a thread that leaves the ring alone until the host sleeps. */
#define _GNU_SOURCE
#include "check.h"
#include "pcie_link_broker.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

enum { SLOTS = 256, WRITES = SLOTS - 1, TAGS = 32, INTERRUPTS_AT = 0xfee00000 };

/* Whether the broker ever takes what is in the ring. */
static int takes;
static int listener;
static volatile int is_full, is_over, is_written, is_taken;
static pcie_link_region region;

/* Waits until the host's thread sleeps in the kernel. */
static void until_asleep(void) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
  for (;;) {
    int file = open(path, O_RDONLY);
    ssize_t count = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[count > 0 ? count : 0] = 0;
    char *state = strrchr(text, ')');
    if (state && state[2] == 'S') return;
    poll(NULL, 0, 1);
  }
}

static void give(const void *bytes, uint32_t count) {
  CHECK_EQUAL(pcie_link_push(&region.end, PCIE_LINK_RECORD_TLP, 0, 0, bytes, count, NULL, 0), PCIE_LINK_OK);
  pcie_link_publish(&region.end);
}

/* Answers a read of four bytes with 0x12345678. */
static void answer(const uint8_t *request) {
  uint8_t completion[16] = {0x4a, 0, 0, 1, 0, 0, 0, 4, request[4], request[5], request[6], 0,
                            0x78, 0x56, 0x34, 0x12};
  give(completion, sizeof completion);
}

/* Takes so many records; *last has the last one. */
static void take(int count, uint8_t *last) {
  while (count) {
    pcie_link_record record;
    int got = pcie_link_pop(&region.end, &record, last);
    CHECK(got >= 0);
    if (got == 0) poll(NULL, 0, 1);
    count -= got;
  }
}

static void serve_reads(void) {
  uint8_t last[PCIE_LINK_BODY_MAX];
  while (!is_full) poll(NULL, 0, 1);
  until_asleep();
  if (!takes) return;
  take(WRITES + 1, last);
  answer(last);
}

/* An interrupt that comes while the host sleeps in its loop, after a write that had to wait. */
static void serve_writes(void) {
  static const uint8_t interrupt[20] = {0x40, 0, 0, 1, 0, 0, 0, 15, 0xfe, 0xe0, 0, 0, 42};
  uint8_t last[PCIE_LINK_BODY_MAX];
  while (!is_full) poll(NULL, 0, 1);
  until_asleep();
  take(WRITES + 1, last);
  while (!is_written) poll(NULL, 0, 1);
  until_asleep();
  give(interrupt, 16);
}

static void serve_starved(void) {
  uint8_t last[PCIE_LINK_BODY_MAX];
  while (!is_full) poll(NULL, 0, 1);
  take(WRITES, last);
  is_taken = 1;
}

/* Makes room, and answers the read that comes behind a write. */
static void serve_overtaken(void) {
  uint8_t last[PCIE_LINK_BODY_MAX];
  while (!is_full) poll(NULL, 0, 1);
  take(WRITES, last);
  is_taken = 1;
  take(2, last);
  answer(last);
}

static void (*serve)(void);

static void *broker(void *nothing) {
  pcie_link_text why;
  pcie_link_hello hello;
  struct pollfd until = {.fd = listener, .events = POLLIN};
  CHECK(poll(&until, 1, 60000) == 1);
  int socket = pcie_link_accept(listener);
  until.fd = socket;
  CHECK(poll(&until, 1, 60000) == 1);
  CHECK_EQUAL(pcie_link_hello_receive(socket, &hello, &why), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_region_create(&region, SLOTS), PCIE_LINK_OK);
  pcie_link_terms terms = {.function = {.max_payload = 256,
                                        .max_read_request = 512,
                                        .completion_boundary = 64,
                                        .tags = TAGS,
                                        .link_up = 1,
                                        .bus_master = 1},
                           .role = hello.role,
                           .completion_timeout = takes ? 60000000000u : 50000000u};
  CHECK_EQUAL(pcie_link_welcome(socket, &region, &terms), PCIE_LINK_OK);
  serve();
  while (!is_over) poll(NULL, 0, 1);
  close(socket);
  pcie_link_region_destroy(&region);
  return nothing;
}

static void done(void *context, pcie_link *link, int status) {
  (void)link;
  *(int *)context = status;
}

/* The read in a call that waits, or in an event loop. */
static int read_at_full_ring(pcie_link *link, uint32_t *value, int in_loop) {
  if (!in_loop) {
    is_full = 1;
    return pcie_link_read(link, 0x1000, value, 4, PCIE_LINK_DEFAULT);
  }
  int status = 1;
  struct pollfd loop = {.fd = pcie_link_fd(link), .events = POLLIN};
  CHECK_EQUAL(pcie_link_read_start(link, 0x1000, value, 4, PCIE_LINK_DEFAULT, done, &status), PCIE_LINK_OK);
  is_full = 1;
  while (status == 1) {
    CHECK(poll(&loop, 1, pcie_link_next_timeout(link)) >= 0);
    CHECK(pcie_link_poll(link) >= 0);
  }
  return status;
}

static void fill(pcie_link *link) {
  uint32_t word = 7;
  for (int index = 0; index < WRITES; index++)
    CHECK_EQUAL(pcie_link_write(link, 0x2000, &word, sizeof word), PCIE_LINK_OK);
}

static void read_and_wait(pcie_link *link, int in_loop) {
  uint32_t value = 0;
  fill(link);
  CHECK_EQUAL(read_at_full_ring(link, &value, in_loop), takes ? PCIE_LINK_OK : PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(value, takes ? 0x12345678u : 0u);
}

static void read_waiting(pcie_link *link) { read_and_wait(link, 0); }
static void read_looping(pcie_link *link) { read_and_wait(link, 1); }

static int interrupts;

static void interrupted(void *context, pcie_link *link, uint64_t address, uint32_t data) {
  (void)context, (void)link;
  CHECK_EQUAL(address, INTERRUPTS_AT);
  CHECK_EQUAL(data, 42);
  interrupts++;
}

/* A write that had to wait leaves the doorbell armed. */
static void write_looping(pcie_link *link) {
  uint32_t word = 7;
  struct pollfd loop = {.fd = pcie_link_fd(link), .events = POLLIN};
  fill(link);
  is_full = 1;
  CHECK_EQUAL(pcie_link_write(link, 0x2000, &word, sizeof word), PCIE_LINK_OK);
  is_written = 1;
  while (!interrupts) {
    CHECK_EQUAL(poll(&loop, 1, 60000), 1);
    CHECK(pcie_link_poll(link) >= 0);
  }
}

static void done_never(void *context, pcie_link *link, int status) {
  (void)context, (void)link;
  CHECK_EQUAL(status, PCIE_LINK_E_CLOSED);
}

/* Room is no news for a read that lacks a tag, not even after something else lacked room. */
static void starve_looping(pcie_link *link) {
  static uint32_t values[TAGS + 1];
  uint32_t word[3] = {0x60};
  for (int index = 0; index <= TAGS; index++)
    CHECK_EQUAL(
        pcie_link_read_start(link, 0x1000, &values[index], 4, PCIE_LINK_DEFAULT, done_never, NULL), 0);
  CHECK(pcie_link_fd(link) >= 0);
  int error;
  while ((error = pcie_link_send(link, word, sizeof word, 0)) == PCIE_LINK_OK) continue;
  CHECK_EQUAL(error, PCIE_LINK_E_TIMEOUT);
  is_full = 1;
  while (!is_taken) poll(NULL, 0, 1);
  CHECK_EQUAL(pcie_link_poll(link), 0);
}

/* A write finds the room that a read has waited for: the read is sent all the same. */
static void overtake(pcie_link *link) {
  uint32_t value = 0, word = 7;
  int status = 1;
  fill(link);
  CHECK_EQUAL(pcie_link_read_start(link, 0x1000, &value, 4, PCIE_LINK_DEFAULT, done, &status), PCIE_LINK_OK);
  is_full = 1;
  while (!is_taken) poll(NULL, 0, 1);
  CHECK_EQUAL(pcie_link_write(link, 0x2000, &word, sizeof word), PCIE_LINK_OK);
  while (status == 1) CHECK(pcie_link_wait(link, PCIE_LINK_FOREVER) >= 0);
  CHECK_EQUAL(status, PCIE_LINK_OK);
  CHECK_EQUAL(value, 0x12345678);
}

/* A raw program whose send finds the ring full sleeps at its descriptor until there is room. */
static void send_looping(pcie_link *link) {
  static const uint8_t write[16] = {0x40, 0, 0, 1, 0, 0, 0, 15, 0, 0, 0x20};
  static uint8_t tlp[PCIE_LINK_TLP_BYTES_MAX];
  struct pollfd loop = {.fd = pcie_link_fd(link), .events = POLLIN};
  for (int index = 0; index < WRITES; index++)
    CHECK_EQUAL(pcie_link_send(link, write, sizeof write, 0), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_send(link, write, sizeof write, 0), PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp, 0), PCIE_LINK_E_TIMEOUT);
  is_full = 1;
  int status;
  do {
    CHECK_EQUAL(poll(&loop, 1, 60000), 1);
    CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp, 0), PCIE_LINK_E_TIMEOUT);
    status = pcie_link_send(link, write, sizeof write, 0);
  } while (status == PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(status, PCIE_LINK_OK);
}

static void serve_sends(void) {
  uint8_t last[PCIE_LINK_BODY_MAX];
  while (!is_full) poll(NULL, 0, 1);
  until_asleep();
  take(WRITES + 1, last);
}

static int is_raw;

static void run(const char *folder, int broker_takes, void (*broker_serves)(void),
                void (*program)(pcie_link *link)) {
  char path[90], url[120];
  pcie_link_text why;
  pthread_t thread;
  pcie_link_options options = {
      .role = PCIE_LINK_HOST, .raw = is_raw, .host.interrupt = interrupted};
  pcie_link *link;
  snprintf(path, sizeof path, "%s/room.sock", folder);
  snprintf(url, sizeof url, "unix:%s#node", path);
  takes = broker_takes;
  serve = broker_serves;
  is_full = is_over = is_written = is_taken = 0;
  listener = pcie_link_listen(path, &why);
  CHECK(listener >= 0);
  CHECK(pthread_create(&thread, NULL, broker, NULL) == 0);
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  program(link);
  is_over = 1;
  CHECK(pthread_join(thread, NULL) == 0);
  pcie_link_close(link);
  close(listener);
}

int main(int count, char **words) {
  CHECK_EQUAL(count, 2);
  alarm(100);
  for (int broker_takes = 0; broker_takes < 2; broker_takes++) {
    run(words[1], broker_takes, serve_reads, read_waiting);
    run(words[1], broker_takes, serve_reads, read_looping);
  }
  run(words[1], 1, serve_writes, write_looping);
  run(words[1], 1, serve_starved, starve_looping);
  run(words[1], 1, serve_overtaken, overtake);
  is_raw = 1;
  run(words[1], 1, serve_sends, send_looping);
  puts("room: passed");
  return 0;
}
