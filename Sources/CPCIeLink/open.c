#define _GNU_SOURCE
#include "link.h"
#include "sockets.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MILLISECONDS = 10000, RETRY_MILLISECONDS = 5, ANSWER_DESCRIPTORS = 3 };
static const uint64_t COMPLETION_NANOSECONDS = 1000000000; /* when the broker names no other */
static const uint64_t GOODBYE_NANOSECONDS = 250000000;    /* for a broker that takes nothing to make room */

int link_fail(pcie_link *link, int error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(link->text.bytes, sizeof link->text.bytes, format, arguments);
  va_end(arguments);
  return error;
}

static int failed_call(pcie_link *link, const char *call, const char *what) {
  int number = errno;
  return link_fail(link, PCIE_LINK_E_SYSTEM, "%s %.160s: %s", call, what, strerror(number));
}

uint64_t link_timeout(const pcie_link *link, int milliseconds) {
  if (milliseconds == PCIE_LINK_DEFAULT) return link->completion_timeout;
  return milliseconds < 0 ? UINT64_MAX : (uint64_t)milliseconds * 1000000u;
}

uint64_t link_deadline(const pcie_link *link, int milliseconds) {
  uint64_t timeout = link_timeout(link, milliseconds);
  if (timeout == UINT64_MAX) return UINT64_MAX;
  return timeout ? pcie_link_clock() + timeout : 0;
}

/* --- the url --- */

/* unix:PATH#NODE into its two parts. */
static int parse_url(pcie_link *link, const char *url, char *path, size_t room, char *node) {
  static const char scheme[] = "unix:";
  const char *mark = strrchr(url, '#');
  if (strncmp(url, scheme, sizeof scheme - 1) || !mark)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "'%.100s' is no link; a link reads unix:PATH#NODE", url);
  const char *begin = url + sizeof scheme - 1;
  size_t length = (size_t)(mark - begin), name = strlen(mark + 1);
  if (length == 0 || length >= room)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "the path in '%.100s' has %zu bytes; it takes 1 to %zu",
                     url, length, room - 1);
  if (name == 0 || name >= PCIE_LINK_NODE_BYTES)
    return link_fail(link, PCIE_LINK_E_ARGUMENT,
                     "the node's name in '%.100s' has %zu bytes; it takes 1 to %d", url, name,
                     PCIE_LINK_NODE_BYTES - 1);
  memcpy(path, begin, length);
  path[length] = 0;
  memcpy(node, mark + 1, name + 1);
  return PCIE_LINK_OK;
}

/* --- the handshake --- */

static int milliseconds_left(uint64_t deadline) {
  uint64_t now = pcie_link_clock();
  return now < deadline ? (int)((deadline - now + 999999) / 1000000) : 0;
}

static int connect_to(pcie_link *link, const char *path, uint64_t deadline) {
  struct sockaddr_un address;
  socklen_t length;
  if (pcie_link_address(path, &address, &length))
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "the path %.100s is too long for a socket", path);
  link->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (link->socket < 0) return failed_call(link, "socket", path);
  while (connect(link->socket, (struct sockaddr *)&address, length) < 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN)
      return failed_call(link, "connect", path); /* EAGAIN: the listener's queue is full */
    if (!milliseconds_left(deadline))
      return link_fail(link, PCIE_LINK_E_TIMEOUT, "%.160s accepts nobody", path);
    poll(NULL, 0, RETRY_MILLISECONDS);
  }
  return PCIE_LINK_OK;
}

static int say_hello(pcie_link *link, const char *node) {
  pcie_link_hello hello;
  memset(&hello, 0, sizeof hello);
  pcie_link_preamble_fill(&hello.preamble, sizeof hello);
  hello.role = (uint32_t)link->role;
  hello.flags = link->raw ? PCIE_LINK_HELLO_RAW : 0;
  memcpy(hello.node, node, strlen(node));
  if (link->options.description) {
    hello.flags |= PCIE_LINK_HELLO_DESCRIBED;
    hello.description = link->description;
  }
  if (send(link->socket, &hello, sizeof hello, MSG_NOSIGNAL) < 0) return failed_call(link, "send", "hello");
  return PCIE_LINK_OK;
}

/* Waits for the answer. Gives the number of descriptors with it. */
static int hear_answer(pcie_link *link, uint64_t deadline, pcie_link_answer *answer, int *descriptors) {
  for (;;) {
    size_t count = 0;
    int taken =
        pcie_link_take(link->socket, answer, sizeof *answer, descriptors, ANSWER_DESCRIPTORS, &count);
    if (taken >= 0) {
      pcie_link_answer raw = *answer;
      int error = pcie_link_answer_parse(&raw, count, answer, &link->text);
      for (int index = 0; error && index < taken; index++) close(descriptors[index]);
      return error ? error : taken;
    }
    if (taken == PCIE_LINK_E_CLOSED)
      return link_fail(link, PCIE_LINK_E_REFUSED, "the broker closed the connection without an answer");
    if (taken == PCIE_LINK_E_DESCRIPTORS)
      return link_fail(link, taken, "the answer has more than %d descriptors", ANSWER_DESCRIPTORS);
    if (taken != PCIE_LINK_E_EMPTY) return failed_call(link, "recvmsg", "answer");
    struct pollfd socket = {.fd = link->socket, .events = POLLIN};
    int left = milliseconds_left(deadline);
    if (!left) return link_fail(link, PCIE_LINK_E_TIMEOUT, "the broker did not answer");
    poll(&socket, 1, left);
  }
}

/* --- memory --- */

/* Maps memory that nobody can shrink. */
static void *map_sealed(int descriptor, uint64_t bytes) {
  struct stat status;
  int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(descriptor, &status) < 0 ||
      (uint64_t)status.st_size < bytes)
    return NULL;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static int check_page(pcie_link *link, const pcie_link_page *page, uint32_t slots) {
  if (page->magic != PCIE_LINK_MAGIC || page->version != PCIE_LINK_VERSION ||
      page->layout != pcie_link_layout() || page->byte_order != PCIE_LINK_BYTE_ORDER ||
      page->page_bytes != PCIE_LINK_PAGE_BYTES || page->slot_bytes != PCIE_LINK_SLOT_BYTES ||
      page->slots != slots)
    return link_fail(link, PCIE_LINK_E_LAYOUT, "the first page of the memory contradicts the answer");
  return PCIE_LINK_OK;
}

static int map_memory(pcie_link *link, const pcie_link_answer *answer, const int *descriptors, int count) {
  if (count < 2)
    return link_fail(link, PCIE_LINK_E_DESCRIPTORS, "the answer has %d descriptors; it has 2 or 3", count);
  link->memory = map_sealed(descriptors[0], answer->region_bytes);
  if (!link->memory)
    return link_fail(link, PCIE_LINK_E_DESCRIPTORS,
                     "the memory is not sealed against shrinking, or below %llu bytes",
                     (unsigned long long)answer->region_bytes);
  link->memory_bytes = answer->region_bytes;
  if (count == 3 && !(link->hints = (uint8_t *)map_sealed(descriptors[2], PCIE_LINK_PAGE_BYTES)))
    return link_fail(link, PCIE_LINK_E_DESCRIPTORS, "the page of hints is not sealed against shrinking");
  pcie_link_page *page = (pcie_link_page *)link->memory;
  int error = check_page(link, page, answer->slots);
  if (error) return error;
  pcie_link_end_open(&link->end, link->memory, answer->slots, PCIE_LINK_TO_BROKER);
  link->end.doorbell = descriptors[1];
  link->end.hint = link->hints ? link->hints + answer->hint : NULL;
  __atomic_store_n(&page->program_life, PCIE_LINK_LIFE_RUNS, __ATOMIC_RELEASE);
  return PCIE_LINK_OK;
}

/* What the function is: what the program says, else what the answer does. */
static int take_description(pcie_link *link, const pcie_link_answer *answer) {
  int is_answered = answer->flags & PCIE_LINK_ANSWER_DESCRIBED;
  if (link->role == PCIE_LINK_HOST || link->raw)
    return is_answered ? link_fail(link, PCIE_LINK_E_MALFORMED,
                                   "the answer describes a function, and none is kept for this end")
                       : PCIE_LINK_OK;
  if (link->described)
    return is_answered ? pcie_link_description_match(&link->description, &answer->description, &link->text)
                       : PCIE_LINK_OK;
  if (!is_answered)
    return link_fail(link, PCIE_LINK_E_REFUSED, "neither the program nor the suite describes the function");
  link->description = answer->description;
  link->described = 1;
  return PCIE_LINK_OK;
}

static int join(pcie_link *link, const char *path, const char *node) {
  int timeout = link->options.open_timeout > 0 ? link->options.open_timeout : OPEN_MILLISECONDS;
  uint64_t deadline = pcie_link_clock() + (uint64_t)timeout * 1000000u;
  pcie_link_answer answer;
  int descriptors[ANSWER_DESCRIPTORS];
  int error = connect_to(link, path, deadline);
  if (!error) error = say_hello(link, node);
  if (error) return error;
  int count = hear_answer(link, deadline, &answer, descriptors);
  if (count < 0) return count;
  if (answer.status != PCIE_LINK_OK) {
    error = link_fail(link, answer.status < 0 ? answer.status : PCIE_LINK_E_REFUSED, "%s", answer.text);
  } else if (!link_function_valid(&answer.function)) {
    error = link_fail(link, PCIE_LINK_E_MALFORMED, "the answer has settings that cannot be");
  } else {
    error = take_description(link, &answer);
    if (!error) error = map_memory(link, &answer, descriptors, count);
  }
  link->doorbell = error || count < 2 ? -1 : descriptors[1];
  for (int index = 0; index < count; index++)
    if (descriptors[index] != link->doorbell) close(descriptors[index]);
  if (error) return error;
  link->function = answer.function;
  link->completion_timeout = answer.completion_timeout ? answer.completion_timeout : COMPLETION_NANOSECONDS;
  link->closed = 0;
  return PCIE_LINK_OK;
}

/* --- the public calls --- */

static int check_options(pcie_link *link) {
  if (link->role != PCIE_LINK_DEVICE && link->role != PCIE_LINK_HOST)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "role %d; the roles are %d and %d", link->role,
                     PCIE_LINK_DEVICE, PCIE_LINK_HOST);
  if (!link->options.description) return PCIE_LINK_OK;
  if (link->role == PCIE_LINK_HOST)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "a host has no description");
  return pcie_link_description_check(link->options.description, &link->text);
}

int pcie_link_open(const char *url, const pcie_link_options *options, pcie_link **opened) {
  char path[sizeof(((struct sockaddr_un *)0)->sun_path)], node[PCIE_LINK_NODE_BYTES];
  pcie_link *link = *opened = (pcie_link *)calloc(1, sizeof *link);
  if (!link) return PCIE_LINK_E_SYSTEM;
  link->socket = link->doorbell = -1;
  link->first = link->last = LINK_NONE;
  link->next_deadline = UINT64_MAX;
  link->closed = PCIE_LINK_E_CLOSED; /* until it is open */
  link->options = *options;
  if (options->description) {
    link->description = *options->description;
    link->described = 1;
  }
  link->role = options->role;
  link->raw = options->raw;
  link->interrupt_address = 0xfee00000;
  link->interrupt_bytes = 1 << 20;
  pcie_link_spin_open(&link->spin, 2);
  if (options->spin) link->spin.full = link->spin.bound = options->spin > 0 ? (uint64_t)options->spin : 0;
  if (!url) url = getenv("PCIE_LINK");
  if (!url)
    return link_fail(link, PCIE_LINK_E_ARGUMENT,
                     "PCIE_LINK is not set; the runner sets it to unix:PATH#NODE");
  int error = check_options(link);
  if (!error) error = parse_url(link, url, path, sizeof path, node);
  return error ? error : join(link, path, node);
}

void pcie_link_close(pcie_link *link) {
  if (!link) return;
  if (link->memory) {
    if (!link->closed) {
      link_say_goodbye(link, "closed by the program", GOODBYE_NANOSECONDS);
      link->closed = PCIE_LINK_E_CLOSED;
      link_fail_all(link, PCIE_LINK_E_CLOSED, 0);
    }
    pcie_link_page *page = (pcie_link_page *)link->memory;
    __atomic_store_n(&page->program_life, PCIE_LINK_LIFE_ENDED, __ATOMIC_RELEASE);
    munmap(link->memory, link->memory_bytes);
  }
  if (link->hints) munmap(link->hints, PCIE_LINK_PAGE_BYTES);
  if (link->doorbell >= 0) close(link->doorbell);
  if (link->socket >= 0) close(link->socket);
  free(link);
}

const char *pcie_link_error_text(const pcie_link *link) {
  return link ? link->text.bytes : "no memory for a link";
}
const pcie_link_description *pcie_link_described(const pcie_link *link) {
  int was_opened = link->completion_timeout != 0;
  return was_opened && link->described && !link->raw ? &link->description : NULL;
}
const pcie_link_function *pcie_link_settings(const pcie_link *link) { return &link->function; }
const pcie_link_counters *pcie_link_statistics(const pcie_link *link) { return &link->counters; }
