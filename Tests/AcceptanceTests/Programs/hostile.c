/* A device program that does what no program should: one way for each word of its argument. */
#define _GNU_SOURCE
#include "../../../Sources/CPCIeLink/link.h"
#include "../../../Sources/CPCIeLink/sockets.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pcie_link_description describe(void) {
  pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1, .class_code = 0xff0000};
  description.bars[0] = (pcie_link_bar){.bytes = 65536, .kind = PCIE_LINK_BAR_MEMORY32};
  return description;
}

static void say(const char *text) { printf("hostile: %s\n", text); }

static void stay(void) {
  for (;;) poll(NULL, 0, -1);
}

/* --- before the link: hellos by hand --- */

static int link_socket;

static void connect_by_hand(void) {
  char url[200], *path = url + strlen("unix:");
  struct sockaddr_un address;
  socklen_t length;
  snprintf(url, sizeof url, "%s", getenv("PCIE_LINK"));
  *strrchr(url, '#') = 0;
  link_socket = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  if (pcie_link_address(path, &address, &length) ||
      connect(link_socket, (struct sockaddr *)&address, length) < 0)
    say("cannot connect");
}

/* A hello with nothing wrong in it, and room behind it. */
static uint8_t message[4 * sizeof(pcie_link_hello)];

static pcie_link_hello *make_hello(void) {
  pcie_link_hello *hello = (pcie_link_hello *)(void *)message;
  pcie_link_preamble_fill(&hello->preamble, sizeof *hello);
  hello->role = PCIE_LINK_DEVICE;
  hello->flags = PCIE_LINK_HELLO_DESCRIBED;
  hello->description = describe();
  snprintf(hello->node, sizeof hello->node, "%s", strrchr(getenv("PCIE_LINK"), '#') + 1);
  return hello;
}

/* Sends the hello with descriptors, and says what the broker makes of it. */
static int send_hello(size_t bytes, int descriptors, int received[3]) {
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int[16]))];
  } control = {0};
  struct iovec part = {.iov_base = message, .iov_len = bytes};
  struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
  pcie_link_answer answer;
  size_t count = 0;
  if (descriptors) {
    head.msg_control = control.bytes;
    head.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)descriptors);
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)descriptors);
  }
  say("says hello");
  sendmsg(link_socket, &head, MSG_NOSIGNAL);
  poll(&(struct pollfd){.fd = link_socket, .events = POLLIN}, 1, -1);
  int taken = pcie_link_take(link_socket, &answer, sizeof answer, received, 3, &count);
  if (taken >= 0 && answer.status) printf("hostile: is told: %.200s\n", answer.text);
  return taken;
}

/* Connects ever again and says nothing. */
static void crowd(void) {
  for (int callers = 1; callers < 1000; callers++) connect_by_hand();
  say("is 1000");
  stay();
}

/* Connects and hangs up, ever again, in so many processes that somebody always waits at the door. */
static void knock(void) {
  for (int processes = 1; processes < 16; processes *= 2) fork();
  for (;;) {
    connect_by_hand();
    close(link_socket);
  }
}

static void speak(const char *way) {
  int received[3];
  size_t bytes = sizeof(pcie_link_hello);
  if (strcmp(way, "knock") == 0) knock();
  connect_by_hand();
  pcie_link_hello *hello = make_hello();
  if (strcmp(way, "silence") == 0) stay();
  if (strcmp(way, "crowd") == 0) crowd();
  if (strcmp(way, "version") == 0) hello->preamble.version = 99;
  if (strcmp(way, "layout") == 0) hello->preamble.layout ^= 1;
  if (strcmp(way, "noise") == 0) memset(message, 0xa5, sizeof message);
  if (strcmp(way, "half") == 0) bytes /= 2;
  if (strcmp(way, "long") == 0) bytes = sizeof message;
  if (strcmp(way, "huge-bar") == 0) hello->description.bars[0].bytes = (uint64_t)1 << 50;
  send_hello(bytes, strcmp(way, "descriptors") == 0 ? 16 : 0, received);
  stay();
}

/* Shrinks the memory of the link under the broker's feet, if it may. */
static void shrink(void) {
  int received[3];
  connect_by_hand();
  make_hello();
  if (send_hello(sizeof(pcie_link_hello), 0, received) >= 2)
    say(ftruncate(received[0], 4096) < 0 ? strerror(errno) : "the memory is shrunk");
  stay();
}

/* --- on the link --- */

/* Writes a record's first word by hand. */
static void forge(pcie_link_end *end, uint32_t kind, uint32_t bytes) {
  end->first_word = kind | (uint64_t)bytes << 16 | (uint64_t)(end->tail + 1) << 32;
  end->tail++;
  pcie_link_publish(end);
}

/* Writes to the host's memory for ever, and reads nothing. */
static void flood(pcie_link_end *end) {
  static const uint8_t write[16] = {0x40, 0, 0, 1, 0, 0, 0, 0x0f, 0, 0, 0x10, 0, 1, 2, 3, 4};
  for (;;) {
    if (pcie_link_push(end, PCIE_LINK_RECORD_TLP, 0, 0, write, sizeof write, NULL, 0) < 0) sched_yield();
    pcie_link_publish(end);
  }
}

static void misuse(pcie_link *link, const char *way) {
  /* Prefixes, and nothing behind them. */
  static const uint8_t prefixes[12] = {0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0};
  pcie_link_end *end = &link->end;
  if (strcmp(way, "garbage") == 0) pcie_link_send(link, prefixes, sizeof prefixes, PCIE_LINK_DEFAULT);
  if (strcmp(way, "length") == 0) forge(end, PCIE_LINK_RECORD_TLP, 65532);
  if (strcmp(way, "kind") == 0) forge(end, 200, 12);
  if (strcmp(way, "flood") == 0) flood(end);
  if (strcmp(way, "counter") == 0 || strcmp(way, "counter-and-flood") == 0) {
    __atomic_store_n(&end->in->head, end->head + 100000, __ATOMIC_SEQ_CST);
    if (strcmp(way, "counter") != 0) flood(end);
    stay();
  }
  if (strcmp(way, "mid-tlp") == 0) {
    pcie_link_push(end, PCIE_LINK_RECORD_TLP, 0, 0, prefixes, sizeof prefixes, NULL, 0);
    _exit(0);
  }
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "", *stage = count > 2 ? arguments[2] : "link";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(way, "shrink") == 0) shrink();
  if (strcmp(stage, "hello") == 0) speak(way);
  pcie_link_description description = describe();
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description};
  options.raw = strcmp(way, "raw") == 0;
  pcie_link *link;
  int error = pcie_link_open(NULL, &options, &link);
  if (error == PCIE_LINK_OK) {
    say("ready");
    misuse(link, way);
    error = pcie_link_run(link);
  }
  printf("hostile: %s %s\n", pcie_link_strerror(error), pcie_link_error_text(link));
  pcie_link_close(link);
  return error == PCIE_LINK_E_CLOSED || error == PCIE_LINK_OK ? 0 : 1;
}
