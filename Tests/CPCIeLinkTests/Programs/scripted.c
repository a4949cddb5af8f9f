/* One program at a time against a broker that does what each test wants: raw links, floods, late
 * completions, tags that rest, resets, nested handlers. Usage: scripted FOLDER */
#define _GNU_SOURCE
#include "../../../Sources/CPCIeLink/tlp.h"
#include "check.h"
#include "pcie_link.h"
#include "pcie_link_broker.h"
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 256, BAR_AT = 0xe0000000, REQUESTER = 0x100 };
static const pcie_link_description DESCRIPTION = {.vendor_id = 0x1234, .device_id = 1};

/* --- the broker --- */

static uint64_t completion_timeout;
static int program_socket; /* in the program: where it tells the test */
static pcie_link_region region;
static pcie_link_record record;
static uint8_t body[PCIE_LINK_BODY_MAX + 4];

/* Accepts the program, with a BAR at BAR_AT and leave to master the bus. */
static void welcome(int listener) {
  pcie_link_text why;
  pcie_link_hello hello;
  struct pollfd until = {.fd = listener, .events = POLLIN};
  CHECK(poll(&until, 1, 60000) == 1);
  until.fd = program_socket = pcie_link_accept(listener);
  CHECK(poll(&until, 1, 60000) == 1);
  CHECK_EQUAL(pcie_link_hello_receive(program_socket, &hello, &why), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_region_create(&region, SLOTS), PCIE_LINK_OK);
  pcie_link_terms terms = {
      .role = hello.role, .completion_timeout = completion_timeout};
  terms.function = (pcie_link_function){.bar_addresses = {BAR_AT},
                                        .requester_id = REQUESTER,
                                        .max_payload = 128,
                                        .max_read_request = 128,
                                        .completion_boundary = 64,
                                        .tags = 32,
                                        .bars_enabled = 1,
                                        .bus_master = 1,
                                        .link_up = 1};
  CHECK_EQUAL(pcie_link_welcome(program_socket, &region, &terms), PCIE_LINK_OK);
}

static void give(uint8_t kind, const void *bytes, uint32_t count) {
  CHECK_EQUAL(pcie_link_push(&region.end, kind, 0, 0, bytes, count, NULL, 0), PCIE_LINK_OK);
  pcie_link_publish(&region.end);
}

/* Waits for the program's next record. */
static void take(void) {
  struct pollfd bell = {.fd = region.doorbell, .events = POLLIN};
  for (;;) {
    int got = pcie_link_pop(&region.end, &record, body);
    CHECK(got >= 0);
    if (got) break;
    pcie_link_publish(&region.end);
    pcie_link_arm(&region.end, PCIE_LINK_ON_DOORBELL);
    if (!pcie_link_ready(&region.end)) CHECK(poll(&bell, 1, 60000) == 1);
    pcie_link_disarm(&region.end);
    pcie_link_doorbell_clear(region.doorbell);
  }
}

static tlp take_tlp(int kind) {
  tlp each;
  take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_TLP);
  CHECK_EQUAL(tlp_decode(&each, body, record.bytes), 0);
  CHECK(tlp_is(&each, kind));
  return each;
}

/* Completes a read of a DW with a value. */
static void complete(const tlp *request, uint32_t value) {
  uint8_t bytes[20];
  uint32_t header = tlp_completion(bytes, request, 0, TLP_STATUS_SC, 4, (uint32_t)request->address & 0x7f, 4);
  memcpy(bytes + header, &value, 4);
  give(PCIE_LINK_RECORD_TLP, bytes, header + 4);
}

static void ask(uint8_t tag) {
  uint32_t header[4];
  give(PCIE_LINK_RECORD_TLP, header, tlp_memory(header, TLP_MEMORY_READ, 0, tag, BAR_AT, 4));
}

/* --- a raw link --- */

static int states_seen;

static void state(void *context, pcie_link *link, int number) {
  (void)context, (void)link;
  states_seen = states_seen * 10 + number;
}

/* Every TLP comes as it is, news of the link in between; nothing is answered. */
static void raw_program(const char *url) {
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .raw = 1, .state = state};
  pcie_link *link;
  uint8_t tlp[PCIE_LINK_TLP_BYTES_MAX];
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp - 1, 0), PCIE_LINK_E_ARGUMENT);
  CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp, 0), PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(pcie_link_read(link, 0, tlp, 4, 0), PCIE_LINK_E_ROLE);
  CHECK_EQUAL(pcie_link_wait(link, 0), PCIE_LINK_E_ROLE);
  CHECK_EQUAL(pcie_link_send(link, (uint8_t[12]){0x4a}, 12, 0), PCIE_LINK_OK);
  for (int bytes = PCIE_LINK_TLP_BYTES_MIN; bytes <= PCIE_LINK_TLP_BYTES_MAX; bytes += 4) {
    CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp, 60000), bytes);
    CHECK(tlp[0] == (uint8_t)bytes && tlp[bytes - 1] == (uint8_t)(bytes / 4));
    CHECK_EQUAL(pcie_link_send(link, tlp, (size_t)bytes, 60000), PCIE_LINK_OK);
  }
  CHECK_EQUAL(pcie_link_receive(link, tlp, sizeof tlp, 60000), PCIE_LINK_E_CLOSED);
  CHECK_EQUAL(states_seen, PCIE_LINK_STATE_HOT_RESET * 10 + PCIE_LINK_STATE_UP);
  pcie_link_close(link);
}

static void raw_broker(void) {
  static const uint32_t states[] = {PCIE_LINK_STATE_HOT_RESET, PCIE_LINK_STATE_UP};
  uint8_t sent[PCIE_LINK_TLP_BYTES_MAX];
  take();
  CHECK(record.bytes == 12 && body[0] == 0x4a);
  for (uint32_t bytes = PCIE_LINK_TLP_BYTES_MIN; bytes <= PCIE_LINK_TLP_BYTES_MAX; bytes += 4) {
    memset(sent, 0x5a, bytes);
    sent[0] = (uint8_t)bytes;
    sent[bytes - 1] = (uint8_t)(bytes / 4);
    for (int index = 0; bytes == 1000 && index < 2; index++) give(PCIE_LINK_RECORD_STATE, &states[index], 4);
    give(PCIE_LINK_RECORD_TLP, sent, bytes);
    take();
    CHECK(record.bytes == bytes && memcmp(body, sent, bytes) == 0);
  }
  give(PCIE_LINK_RECORD_GOODBYE, "over", 4);
}

/* --- a flood --- */

enum { FLOOD = 20000 };

/* Sends until the ring is full, is told so, and goes on when there is room. */
static void flood_program(const char *url) {
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &DESCRIPTION};
  pcie_link *link;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  uint32_t number = 0;
  for (;; number++) {
    int error = pcie_link_send(link, (uint32_t[3]){0x60, 0, number}, 12, 0);
    if (error == PCIE_LINK_OK) continue;
    CHECK_EQUAL(error, PCIE_LINK_E_TIMEOUT);
    CHECK(strstr(pcie_link_error_text(link), "256 slots stayed full"));
    break;
  }
  CHECK_EQUAL(number, SLOTS - 1);
  CHECK_EQUAL(write(program_socket, "full", 4), 4);
  for (; number < FLOOD; number++)
    CHECK_EQUAL(pcie_link_send(link, (uint32_t[3]){0x60, 0, number}, 12, 60000), PCIE_LINK_OK);
  pcie_link_close(link);
}

/* Reads only once the program has found the ring full. */
static void flood_broker(int told) {
  char word[4];
  CHECK_EQUAL(read(told, word, sizeof word), sizeof word);
  for (uint32_t number = 0; number < FLOOD; number++) {
    uint32_t found;
    take();
    CHECK_EQUAL(record.bytes, 12);
    memcpy(&found, body + 8, 4);
    CHECK_EQUAL(found, number);
  }
  take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
}

/* --- a goodbye in a full ring --- */

static int read_nothing(void *context, pcie_link *link, int bar, uint64_t offset, void *data,
                        uint32_t bytes) {
  (void)context, (void)link, (void)bar, (void)offset, (void)data, (void)bytes;
  CHECK(0); /* a link that is being closed serves nobody */
  return PCIE_LINK_E_CA;
}

/* Closes the link while there is no room for the goodbye. */
static void farewell_program(const char *url) {
  pcie_link_description description = DESCRIPTION;
  description.bars[0] = (pcie_link_bar){.bytes = 4096, .kind = PCIE_LINK_BAR_MEMORY32};
  pcie_link_options options = {
      .role = PCIE_LINK_DEVICE, .description = &description, .device = {.read = read_nothing}};
  pcie_link *link;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  for (int number = 0; number < SLOTS - 1; number++)
    CHECK_EQUAL(pcie_link_send(link, (uint32_t[3]){0x60}, 12, 0), PCIE_LINK_OK);
  CHECK_EQUAL(write(program_socket, "full", 4), 4);
  pcie_link_close(link);
}

/* Takes what it was sent once the program waits for room. */
static void farewell_broker(int told) {
  char word[4];
  CHECK_EQUAL(read(told, word, sizeof word), sizeof word);
  ask(0);
  while (!__atomic_load_n(&region.end.in->producer_waits, __ATOMIC_SEQ_CST)) sched_yield();
  for (int number = 0; number < SLOTS; number++) take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
}

/* --- a link that is down --- */

/* A host's configuration requests say so, and notice by themselves that it is up again. */
static void down_program(const char *url) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  pcie_link *link;
  pcie_link_found found;
  uint32_t value = 0;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_wait(link, 60000), 1);
  CHECK_EQUAL(pcie_link_config_read(link, PCIE_LINK_FIRST_BUS << 8, 0, 4, &value), PCIE_LINK_E_DOWN);
  CHECK_EQUAL(value, UINT32_MAX);
  CHECK_EQUAL(pcie_link_config_write(link, PCIE_LINK_FIRST_BUS << 8, 4, 2, 0), PCIE_LINK_E_DOWN);
  CHECK_EQUAL(pcie_link_enumerate(link, &found, 1), PCIE_LINK_E_DOWN);
  CHECK(strstr(pcie_link_error_text(link), "link is down"));
  CHECK_EQUAL(write(program_socket, "down", 4), 4);
  int error;
  do error = pcie_link_config_read(link, PCIE_LINK_FIRST_BUS << 8, 0, 4, &value);
  while (error == PCIE_LINK_E_DOWN);
  CHECK_EQUAL(error, PCIE_LINK_E_UR);
  pcie_link_close(link);
}

static void down_broker(int told) {
  static const uint32_t down = PCIE_LINK_STATE_DOWN, up = PCIE_LINK_STATE_UP;
  uint8_t bytes[20];
  char word[4];
  give(PCIE_LINK_RECORD_STATE, &down, sizeof down);
  CHECK_EQUAL(read(told, word, sizeof word), sizeof word);
  give(PCIE_LINK_RECORD_STATE, &up, sizeof up);
  tlp request = take_tlp(TLP_CONFIG_READ);
  give(PCIE_LINK_RECORD_TLP, bytes, tlp_completion(bytes, &request, 0, TLP_STATUS_UR, 4, 0, 0));
  take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
}

/* --- late completions --- */

/* A read that timed out is over; its completion is unexpected, and its tag rests until that has come. */
static void late_program(const char *url) {
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &DESCRIPTION};
  pcie_link *link;
  uint32_t value = 0;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_read(link, 0x1000, &value, 4, 1), PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(pcie_link_write(link, 0x3000, &value, 4), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_read(link, 0x2000, &value, 4, 60000), PCIE_LINK_OK);
  CHECK_EQUAL(value, 22);
  CHECK_EQUAL(pcie_link_statistics(link)->timeouts, 1);
  CHECK_EQUAL(pcie_link_statistics(link)->unexpected_completions, 1);
  pcie_link_close(link);
}

static void late_broker(void) {
  tlp late = take_tlp(TLP_MEMORY_READ);
  CHECK_EQUAL(late.address, 0x1000);
  take_tlp(TLP_MEMORY_WRITE); /* the program has given up */
  tlp next = take_tlp(TLP_MEMORY_READ);
  CHECK(next.address == 0x2000 && next.tag != late.tag);
  complete(&late, 11);
  complete(&next, 22);
  take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
}

/* --- tags that rest --- */

static void done(void *context, pcie_link *link, int status) {
  (void)link;
  *(int *)context = status;
}

/* Once all tags rest, a read ends by its own time limit, or is sent when a tag may be used again. */
static void rest_program(const char *url, int in_loop) {
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &DESCRIPTION};
  pcie_link *link;
  uint8_t all[32 * 128];
  uint32_t value = 0;
  int status = 1;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_read(link, 0x1000, all, sizeof all, 1), PCIE_LINK_E_TIMEOUT);
  CHECK_EQUAL(pcie_link_read(link, 0x4000, &value, 4, 1), PCIE_LINK_E_TIMEOUT);
  if (in_loop) {
    struct pollfd loop = {.fd = pcie_link_fd(link), .events = POLLIN};
    CHECK_EQUAL(pcie_link_read_start(link, 0x2000, &value, 4, 60000, done, &status), PCIE_LINK_OK);
    while (status == 1) {
      CHECK(pcie_link_next_timeout(link) >= 0);
      CHECK(poll(&loop, 1, pcie_link_next_timeout(link)) >= 0);
      CHECK(pcie_link_poll(link) >= 0);
    }
  } else {
    status = pcie_link_read(link, 0x2000, &value, 4, 60000);
  }
  CHECK_EQUAL(status, PCIE_LINK_OK);
  CHECK_EQUAL(value, 22);
  pcie_link_close(link);
}

static void waiting_rest_program(const char *url) { rest_program(url, 0); }
static void looping_rest_program(const char *url) { rest_program(url, 1); }

static void rest_broker(void) {
  tlp each;
  for (int taken = 0; taken < 32; taken++) CHECK(take_tlp(TLP_MEMORY_READ).address < 0x2000);
  do each = take_tlp(TLP_MEMORY_READ); /* a slow program may get the one at 0x4000 sent */
  while (each.address != 0x2000);
  complete(&each, 22);
  take();
  CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
}

/* --- a reset of a device that always reads --- */

static int failures, resets;

/* Starts the next read as soon as one has ended. */
static void read_again(void *context, pcie_link *link, int status) {
  if (status == PCIE_LINK_E_CLOSED) return;
  CHECK_EQUAL(status, PCIE_LINK_E_DOWN);
  CHECK(++failures <= PCIE_LINK_TRANSFERS);
  CHECK_EQUAL(pcie_link_read_start(link, 0x5000, context, 4, 50000, read_again, context), PCIE_LINK_OK);
}

static void was_reset(void *context, pcie_link *link, int number) {
  static const uint8_t word[4];
  (void)context;
  CHECK_EQUAL(number, PCIE_LINK_STATE_FLR);
  CHECK_EQUAL(failures, PCIE_LINK_TRANSFERS);
  CHECK(pcie_link_next_timeout(link) >= 0); /* that of the new reads */
  CHECK_EQUAL(pcie_link_write(link, 0x3000, word, sizeof word), PCIE_LINK_OK);
  resets++;
}

/* A reset ends the reads that there were, and none that their ends have started. */
static void reset_program(const char *url) {
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &DESCRIPTION, .state = was_reset};
  pcie_link *link;
  uint32_t values[PCIE_LINK_TRANSFERS];
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  for (int index = 0; index < PCIE_LINK_TRANSFERS; index++)
    CHECK_EQUAL(pcie_link_read_start(link, 0x1000, &values[index], 4, 50000, read_again, &values[index]),
                PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_run(link), PCIE_LINK_E_CLOSED);
  CHECK_EQUAL(resets, 1);
  CHECK_EQUAL(pcie_link_statistics(link)->unexpected_completions, 32);
  pcie_link_close(link);
}

static void reset_broker(void) {
  static const uint32_t reset = PCIE_LINK_STATE_FLR;
  tlp each;
  uint8_t tags[32];
  for (int taken = 0; taken < 32; taken++) {
    each = take_tlp(TLP_MEMORY_READ);
    CHECK_EQUAL(each.address, 0x1000);
    tags[taken] = (uint8_t)each.tag;
  }
  give(PCIE_LINK_RECORD_STATE, &reset, sizeof reset);
  /* What was under way still comes, and is for none of the new reads. */
  for (int taken = 0; taken < 32; taken++) {
    each = (tlp){.requester = REQUESTER, .tag = tags[taken], .address = 0x5000};
    complete(&each, 0xdead);
  }
  do {
    take();
    CHECK_EQUAL(tlp_decode(&each, body, record.bytes), 0);
    CHECK(each.address == 0x5000 || each.address == 0x3000);
  } while (each.address != 0x3000);
  give(PCIE_LINK_RECORD_GOODBYE, "over", 4);
}

/* --- nested handlers --- */

static int depth, deepest, refusals;

/* Answers only after it has read the host's memory itself. */
static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context, (void)bar, (void)offset;
  if (++depth > deepest) deepest = depth;
  int error = pcie_link_read(link, 0x1000, data, bytes, 60000);
  depth--;
  if (error != PCIE_LINK_E_NESTED) return error;
  CHECK(strstr(pcie_link_error_text(link), "4 deep"));
  refusals++;
  return PCIE_LINK_E_CA;
}

static void nested_program(const char *url) {
  pcie_link_description description = DESCRIPTION;
  description.bars[0] = (pcie_link_bar){.bytes = 4096, .kind = PCIE_LINK_BAR_MEMORY32};
  pcie_link_options options = {
      .role = PCIE_LINK_DEVICE, .description = &description, .device = {.read = read_bar}};
  pcie_link *link;
  CHECK_EQUAL(pcie_link_open(url, &options, &link), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_run(link), PCIE_LINK_E_CLOSED);
  CHECK_EQUAL(deepest, PCIE_LINK_NESTING);
  CHECK_EQUAL(refusals, 1);
  pcie_link_close(link);
}

/* Asks the next question before it answers the last one, until the program says that it is enough. */
static void nested_broker(void) {
  tlp reads[PCIE_LINK_NESTING];
  for (int asked = 0; asked < PCIE_LINK_NESTING - 1; asked++) {
    ask((uint8_t)asked);
    reads[asked] = take_tlp(TLP_MEMORY_READ);
  }
  ask(PCIE_LINK_NESTING - 1);
  tlp refused = take_tlp(TLP_COMPLETION);
  CHECK(refused.tag == PCIE_LINK_NESTING - 1 && refused.status == TLP_STATUS_CA);
  for (int asked = PCIE_LINK_NESTING - 2; asked >= 0; asked--) {
    complete(&reads[asked], 100 + (uint32_t)asked);
    tlp answer = take_tlp(TLP_COMPLETION_DATA);
    CHECK(answer.tag == asked && answer.data[0] == 100 + asked);
  }
  give(PCIE_LINK_RECORD_GOODBYE, "over", 4);
}

/* --- all of them --- */

static void run(const char *folder, void (*program)(const char *url), void (*broker)(void),
                void (*told)(int pipe)) {
  char path[90], url[120];
  pcie_link_text why;
  int status, ends[2];
  snprintf(path, sizeof path, "%s/scripted.sock", folder);
  snprintf(url, sizeof url, "unix:%s#node", path);
  CHECK_EQUAL(pipe(ends), 0);
  int listener = pcie_link_listen(path, &why);
  CHECK(listener >= 0);
  pid_t child = fork();
  if (child == 0) {
    close(listener);
    alarm(100);
    program_socket = ends[1];
    program(url);
    _exit(0);
  }
  welcome(listener);
  if (broker) broker();
  if (told) told(ends[0]);
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  pcie_link_region_destroy(&region);
  close(program_socket), close(listener), close(ends[0]), close(ends[1]);
}

int main(int count, char **words) {
  CHECK_EQUAL(count, 2);
  alarm(100);
  completion_timeout = 20000000000u;
  run(words[1], raw_program, raw_broker, NULL);
  run(words[1], flood_program, NULL, flood_broker);
  run(words[1], farewell_program, NULL, farewell_broker);
  run(words[1], down_program, NULL, down_broker);
  run(words[1], late_program, late_broker, NULL);
  run(words[1], nested_program, nested_broker, NULL);
  run(words[1], reset_program, reset_broker, NULL);
  completion_timeout = 50000000; /* a tag rests eight times as long */
  run(words[1], waiting_rest_program, rest_broker, NULL);
  run(words[1], looping_rest_program, rest_broker, NULL);
  puts("scripted: passed");
  return 0;
}
