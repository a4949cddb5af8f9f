#define _GNU_SOURCE
#include "link.h"
#include "sockets.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

enum { FUTEX_NANOSECONDS = 10000000, RECORDS_PER_POLL = 4096, IDLE_POLLS_PER_LOOK = 256 };

/* --- the end of a link --- */

/* The link is of no more use: every transfer ends. */
static int break_link(pcie_link *link, int error, const char *why) {
  if (!link->closed) {
    link->closed = error;
    link->function.link_up = 0;
    link_fail_all(link, error, 0);
    link_fail(link, error, "%s", why);
  }
  return link->closed;
}

static int broken_ring(pcie_link *link) {
  return break_link(link, link->end.broken, pcie_link_strerror(link->end.broken));
}

/* Takes doorbells off the socket, and notices that the broker has gone. */
static int look_at_socket(pcie_link *link) {
  link->needs_arming = 1;
  if (pcie_link_socket_drain(link->socket) != PCIE_LINK_E_CLOSED || pcie_link_ready(&link->end) > 0)
    return PCIE_LINK_OK; /* what it said last is read first */
  return break_link(link, PCIE_LINK_E_CLOSED, "the broker has closed the link");
}

/* Notices that, and leaves doorbells where they are. */
static int look_for_hangup(pcie_link *link) {
  struct pollfd socket = {.fd = link->socket};
  if (poll(&socket, 1, 0) <= 0 || pcie_link_ready(&link->end) > 0) return PCIE_LINK_OK;
  return break_link(link, PCIE_LINK_E_CLOSED, "the broker has closed the link");
}

/* --- handling records --- */

static void change_state(pcie_link *link, const uint8_t *body) {
  uint32_t state;
  memcpy(&state, body, sizeof state);
  if (state != PCIE_LINK_STATE_FLR) link->function.link_up = state == PCIE_LINK_STATE_UP;
  if (state != PCIE_LINK_STATE_UP) {
    /* Completions may still be under way to a function that was reset, and no link that was down has any. */
    link_fail_all(link, PCIE_LINK_E_DOWN, state == PCIE_LINK_STATE_FLR);
  }
  if (link->options.state) link->options.state(link->options.context, link, (int)state);
}

static int power_of_two_within(uint32_t value, uint32_t least, uint32_t most) {
  return value >= least && value <= most && !(value & (value - 1));
}

static int change_function(pcie_link *link, const uint8_t *body) {
  pcie_link_function function;
  memcpy(&function, body, sizeof function);
  if (!link_function_valid(&function))
    return break_link(link, PCIE_LINK_E_RECORD, "settings that cannot be");
  link->function = function;
  return PCIE_LINK_OK;
}

int link_function_valid(const pcie_link_function *function) {
  return power_of_two_within(function->max_payload, 128, 4096) &&
         power_of_two_within(function->max_read_request, 128, 4096) &&
         power_of_two_within(function->completion_boundary, 64, 128) &&
         power_of_two_within(function->tags, 1, 256);
}

static int serve_tlp(pcie_link *link, const uint8_t *body, uint32_t bytes) {
  tlp each;
  if (tlp_decode(&each, body, bytes) < 0) {
    link->counters.malformed++;
    return PCIE_LINK_OK;
  }
  if (tlp_is_completion(&each)) {
    link_complete(link, &each);
    return PCIE_LINK_OK;
  }
  return link->role == PCIE_LINK_DEVICE ? link_serve_device(link, &each) : link_serve_host(link, &each);
}

static int handle(pcie_link *link, const pcie_link_record *record, const uint8_t *body) {
  link->counters.received++;
  switch (record->kind) {
  case PCIE_LINK_RECORD_TLP:
    return serve_tlp(link, body, record->bytes);
  case PCIE_LINK_RECORD_STATE:
    change_state(link, body);
    return PCIE_LINK_OK;
  case PCIE_LINK_RECORD_FUNCTION:
    return change_function(link, body);
  default: { /* a goodbye */
    char text[300];
    snprintf(text, sizeof text, "the broker says goodbye: %.*s", (int)record->bytes, (const char *)body);
    return break_link(link, PCIE_LINK_E_CLOSED, text);
  }
  }
}

/* Handles what waits, until *enough if that is told. The number of records, or an error that ends the
 * link. Each look at the place of the next record may have to fetch a line from the other side, so an
 * answer is published, and a call returns, before that. */
static int serve_now(pcie_link *link, const uint8_t *enough) {
  pcie_link_end *end = &link->end;
  uint8_t body[(PCIE_LINK_BODY_MAX + 7) & ~7];
  int count = 0;
  link->depth++;
  while (!link->closed && count < RECORDS_PER_POLL && !(enough && *enough)) {
    pcie_link_record record;
    if (pcie_link_pop(end, &record, body) <= 0) break;
    count++;
    if (handle(link, &record, body) < 0 && link->closed) break;
    if (link->first != LINK_NONE) link_send_requests(link);
    pcie_link_publish(end);
  }
  link->depth--;
  pcie_link_publish(end);
  if (end->broken) return broken_ring(link);
  if (count) {
    link->idle_polls = 0;
  } else if (++link->idle_polls % IDLE_POLLS_PER_LOOK == 0) {
    look_at_socket(link);
  }
  return link->closed ? link->closed : count;
}

int link_spin_for_record(pcie_link *link, pcie_link_record *record, uint8_t *body) {
  if (!pcie_link_spin_for_news(&link->spin, &link->end)) return 0;
  pcie_link_spin_hit(&link->spin);
  link->end.run = 0;
  int count = pcie_link_pop(&link->end, record, body);
  if (count < 0) return broken_ring(link);
  if (count) link->idle_polls = 0;
  return count;
}

void link_serve_record(pcie_link *link, const pcie_link_record *record, const uint8_t *body) {
  link->depth++;
  handle(link, record, body);
  if (!link->closed && link->first != LINK_NONE) link_send_requests(link);
  link->depth--;
  pcie_link_publish(&link->end);
}

/* --- waiting --- */

static void poll_socket(pcie_link *link, uint64_t nanoseconds) {
  struct pollfd socket = {.fd = link->socket, .events = POLLIN};
  struct timespec limit = {.tv_sec = (time_t)(nanoseconds / 1000000000u),
                           .tv_nsec = (long)(nanoseconds % 1000000000u)};
  ppoll(&socket, 1, nanoseconds == UINT64_MAX ? NULL : &limit, NULL);
}

static uint64_t left_until(uint64_t deadline) {
  if (deadline == UINT64_MAX) return UINT64_MAX;
  uint64_t now = pcie_link_clock();
  return now < deadline ? deadline - now : 0;
}

enum { RECORD = 1, ROOM = 2 };

/* A RECORD, ROOM for requests that lacked it, 0 for neither, or the error of a broken ring. */
static int look_at_ring(pcie_link *link) {
  pcie_link_end *end = &link->end;
  int ready = pcie_link_ready(end);
  if (link->first == LINK_NONE) end->wants_room = 0;
  if (ready || !end->wants_room) return ready;
  return __atomic_load_n(&end->out->head, __ATOMIC_SEQ_CST) == end->out_head ? 0 : ROOM;
}

/* Gets ready for a sleep, and looks once more. */
static int arm(pcie_link *link, int mode) {
  pcie_link_arm(&link->end, (uint32_t)mode);
  if (link->end.wants_room) pcie_link_arm_room(&link->end, (uint32_t)mode);
  return look_at_ring(link);
}

static void disarm(pcie_link *link) {
  link->needs_arming = 1;
  if (!link->send_stalled) pcie_link_disarm_room(&link->end);
  pcie_link_disarm(&link->end);
}

/* Waits for a RECORD or ROOM: 0 when the time is over, or an error that ends the link. First on the futex,
 * from which the other side wakes a sleeper soonest; then on the socket, which also tells of a broker's
 * death, and of room. */
static int wait_for_record(pcie_link *link, uint64_t deadline) {
  pcie_link_end *end = &link->end;
  pcie_link_publish(end);
  int ready = look_at_ring(link);
  if (!ready && deadline == 0 && ++link->idle_polls % IDLE_POLLS_PER_LOOK == 0 && look_at_socket(link))
    return link->closed;
  if (ready || deadline == 0) return ready < 0 ? broken_ring(link) : ready;
  if (pcie_link_spin_for_news(&link->spin, end)) ready = look_at_ring(link);
  if (ready) pcie_link_spin_ended(&link->spin, 0);
  for (int slept = 0; !ready; slept = 1) {
    uint64_t left = left_until(deadline);
    if (!left) break;
    if (!slept) {
      link->counters.slept++;
      pcie_link_spin_ended(&link->spin, 1);
    }
    int on_socket = slept || end->wants_room;
    if ((ready = arm(link, on_socket ? PCIE_LINK_ON_DOORBELL : PCIE_LINK_ON_FUTEX)) == 0) {
      if (on_socket) {
        poll_socket(link, left);
      } else {
        pcie_link_sleep(end, left < FUTEX_NANOSECONDS ? left : FUTEX_NANOSECONDS);
      }
      ready = look_at_ring(link);
    }
    disarm(link);
    if (!ready && look_at_socket(link)) return link->closed;
    if (!ready) ready = look_at_ring(link);
  }
  return ready < 0 ? broken_ring(link) : ready;
}

int link_serve_until(pcie_link *link, uint64_t deadline, const uint8_t *enough) {
  /* Another push may have found room since, which then is not waited for any more. */
  if (link->first != LINK_NONE) link_send_requests(link);
  if (link->closed) return link->closed;
  if (enough && *enough) return 0;
  int ready = wait_for_record(link, deadline);
  if (ready != ROOM) return ready <= 0 ? ready : serve_now(link, enough);
  link_send_requests(link);
  pcie_link_publish(&link->end);
  return 0;
}

/* Whether the other side is served while we wait for room: it may wait for room itself. */
static int may_serve(const pcie_link *link) { return !link->raw && link->depth < PCIE_LINK_NESTING; }

/* Sleeps until there is room, or a record if those are served. Else on the futex, for the doorbell belongs to
 * records then. */
static void wait_for_room(pcie_link *link, uint32_t slots, uint64_t left) {
  pcie_link_end *end = &link->end;
  if (!may_serve(link)) {
    pcie_link_arm_room(end, PCIE_LINK_ON_FUTEX);
    if (pcie_link_room(end, slots) == PCIE_LINK_E_FULL)
      pcie_link_sleep_room(end, left < FUTEX_NANOSECONDS ? left : FUTEX_NANOSECONDS);
    pcie_link_disarm_room(end);
    return;
  }
  pcie_link_arm_room(end, PCIE_LINK_ON_DOORBELL);
  pcie_link_arm(end, PCIE_LINK_ON_DOORBELL);
  if (pcie_link_room(end, slots) == PCIE_LINK_E_FULL && !pcie_link_ready(end)) poll_socket(link, left);
  disarm(link);
}

int link_push(pcie_link *link, uint8_t kind, const void *first, uint32_t first_bytes, const void *second,
              uint32_t second_bytes, uint64_t timeout) {
  pcie_link_end *end = &link->end;
  /* A record that would wrap needs the rest of the ring too. */
  uint32_t slots = pcie_link_slots_for(first_bytes + second_bytes);
  uint64_t deadline = 0; /* read the clock only when it matters */
  for (;;) {
    if (link->closed) return link->closed;
    int error = link_push_now(link, kind, first, first_bytes, second, second_bytes);
    if (error == PCIE_LINK_OK) return error;
    if (error != PCIE_LINK_E_FULL) return end->broken ? broken_ring(link) : error;
    pcie_link_publish(end);
    if (may_serve(link) && serve_now(link, NULL) < 0) return link->closed;
    if (!deadline) deadline = timeout == UINT64_MAX ? timeout : pcie_link_clock() + timeout;
    uint64_t left = left_until(deadline);
    if (!left) return link_fail(link, PCIE_LINK_E_TIMEOUT, "the ring of %u slots stayed full", end->slots);
    int is_there = may_serve(link) ? pcie_link_spin_for_news(&link->spin, end)
                                   : pcie_link_spin_for_room(&link->spin, end);
    pcie_link_spin_ended(&link->spin, !is_there);
    if (is_there) continue;
    uint32_t rest = end->slots - (end->tail & (end->slots - 1));
    wait_for_room(link, rest < slots ? rest + slots : slots, left);
    if (may_serve(link) ? look_at_socket(link) : look_for_hangup(link)) return link->closed;
  }
}

void link_say_goodbye(pcie_link *link, const char *text, uint64_t timeout) {
  link->depth = PCIE_LINK_NESTING; /* while it waits for room no handler runs any more */
  link_push(link, PCIE_LINK_RECORD_GOODBYE, text, (uint32_t)strlen(text), NULL, 0, timeout);
  pcie_link_publish(&link->end);
}

/* --- the public calls --- */

int link_enter(pcie_link *link) {
  if (link->closed) return link->closed;
  return link->depth < PCIE_LINK_NESTING
             ? PCIE_LINK_OK
             : link_fail(link, PCIE_LINK_E_NESTED, "handlers wait in handlers %d deep; that is the limit",
                         link->depth);
}

int pcie_link_poll(pcie_link *link) {
  int count = link_enter(link), more;
  if (count < 0) return count;
  if (link->in_loop && look_at_socket(link)) return link->closed;
  if (link->in_loop) disarm(link);
  if (link->first != LINK_NONE) link_send_requests(link);
  count = link->raw ? 0 : serve_now(link, NULL);
  if (count < 0) return count;
  link_expire(link);
  pcie_link_publish(&link->end);
  if (!link->in_loop || link->depth) return count;
  for (;;) {
    more = arm(link, PCIE_LINK_ON_DOORBELL);
    if (more < 0) return broken_ring(link);
    if (!more) link->needs_arming = 0;
    if (!more || link->raw) return count;
    disarm(link);
    if (more == ROOM) link_send_requests(link);
    more = serve_now(link, NULL);
    if (more < 0) return more;
    count += more;
  }
}

int link_leave(pcie_link *link, int result) {
  if (!link->in_loop || link->depth || link->closed) return result;
  int served = pcie_link_poll(link);
  return served < 0 && result >= 0 ? served : result;
}

int link_leave_sent(pcie_link *link, int result) {
  pcie_link_publish(&link->end);
  if (!link->in_loop || link->depth || link->closed || link->raw) return result;
  while (!link->needs_arming && link->first != LINK_NONE) {
    link_send_requests(link);
    pcie_link_publish(&link->end);
    if (!link->end.wants_room) break;
    pcie_link_arm_room(&link->end, PCIE_LINK_ON_DOORBELL);
    if (look_at_ring(link) != ROOM) break;
  }
  return link->needs_arming ? link_leave(link, result) : result;
}

int pcie_link_wait(pcie_link *link, int timeout) {
  int error = link_enter(link);
  if (error) return error;
  if (link->raw) return link_fail(link, PCIE_LINK_E_ROLE, "a raw link waits in pcie_link_receive");
  uint64_t deadline = link_deadline(link, timeout);
  for (;;) {
    int count =
        link_serve_until(link, deadline < link->next_deadline ? deadline : link->next_deadline, NULL);
    if (count >= 0) link_expire(link);
    if (count) return link_leave(link, count);
    if (!left_until(deadline)) return link_leave(link, PCIE_LINK_E_TIMEOUT);
  }
}

int pcie_link_run(pcie_link *link) {
  int result = PCIE_LINK_OK;
  link->stopped = 0;
  while (!link->stopped && result >= 0) result = pcie_link_wait(link, PCIE_LINK_FOREVER);
  return result < 0 ? result : PCIE_LINK_OK;
}

void pcie_link_stop(pcie_link *link) { link->stopped = 1; }

int pcie_link_fd(pcie_link *link) {
  if (!link->in_loop) {
    link->in_loop = 1;
    link_leave(link, PCIE_LINK_OK);
  }
  return link->socket;
}

int pcie_link_next_timeout(pcie_link *link) {
  if (link->next_deadline == UINT64_MAX) return -1;
  uint64_t left = (left_until(link->next_deadline) + 999999) / 1000000;
  return left > INT32_MAX ? INT32_MAX : (int)left;
}

int pcie_link_send(pcie_link *link, const void *bytes, size_t count, int timeout) {
  if (count < PCIE_LINK_TLP_BYTES_MIN || count > PCIE_LINK_TLP_BYTES_MAX || count % 4)
    return link_fail(link, PCIE_LINK_E_ARGUMENT,
                     "a TLP of %zu bytes; it takes a multiple of 4 from %d to %d", count,
                     PCIE_LINK_TLP_BYTES_MIN, PCIE_LINK_TLP_BYTES_MAX);
  if (!link->closed && !link->function.link_up)
    return link_fail(link, PCIE_LINK_E_DOWN, "a TLP while the link is down");
  int error =
      link_push(link, PCIE_LINK_RECORD_TLP, bytes, (uint32_t)count, NULL, 0, link_timeout(link, timeout));
  /* In an event loop the descriptor tells when there is room. */
  link->send_stalled = 0;
  while (error == PCIE_LINK_E_TIMEOUT && link->in_loop && link->raw) {
    pcie_link_arm_room(&link->end, PCIE_LINK_ON_DOORBELL);
    link->send_stalled = 1;
    if (!pcie_link_has_room_back(&link->end)) break;
    error = link_push(link, PCIE_LINK_RECORD_TLP, bytes, (uint32_t)count, NULL, 0, 0);
    link->send_stalled = 0;
  }
  return link_leave_sent(link, error);
}

int pcie_link_receive(pcie_link *link, void *bytes, size_t capacity, int timeout) {
  uint8_t body[(PCIE_LINK_BODY_MAX + 7) & ~7];
  pcie_link_record record;
  if (!link->raw) return link_fail(link, PCIE_LINK_E_ROLE, "TLPs are received from raw links");
  if (capacity < PCIE_LINK_TLP_BYTES_MAX)
    return link_fail(link, PCIE_LINK_E_ARGUMENT, "room for %zu bytes; a TLP may have %d", capacity,
                     PCIE_LINK_TLP_BYTES_MAX);
  uint64_t deadline = link_deadline(link, timeout);
  for (;;) {
    if (link->closed) return link->closed;
    int ready = wait_for_record(link, deadline); /* never for room, as a raw link queues no requests */
    if (ready < 0) return ready;
    if (!ready) {
      int error = link_leave(link, PCIE_LINK_E_TIMEOUT);
      if (!link->in_loop || pcie_link_ready(&link->end) <= 0) return error;
      continue; /* it came before the doorbell was armed, which nothing rings for it */
    }
    if (pcie_link_pop(&link->end, &record, body) < 0) return broken_ring(link);
    if (record.kind == PCIE_LINK_RECORD_TLP) break;
    int error = handle(link, &record, body);
    if (error < 0) return error;
  }
  link->counters.received++;
  memcpy(bytes, body, record.bytes);
  return link_leave(link, record.bytes);
}
