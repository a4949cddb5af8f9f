#define _GNU_SOURCE
#include "include/pcie_link_broker.h"
#include <errno.h>
#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "counters and heads are little-endian");

void pcie_link_end_open(pcie_link_end *end, void *memory, uint32_t slots, int out) {
  uint8_t *base = (uint8_t *)memory;
  pcie_link_lane *lanes = (pcie_link_lane *)(void *)(base + PCIE_LINK_PAGE_BYTES);
  uint8_t *first = base + (size_t)2 * PCIE_LINK_PAGE_BYTES;
  size_t ring = (size_t)slots * PCIE_LINK_SLOT_BYTES;
  memset(end, 0, sizeof *end);
  end->out = &lanes[out];
  end->in = &lanes[1 - out];
  end->out_slots = first + (out ? ring : 0);
  end->in_slots = first + (out ? 0 : ring);
  end->slots = slots;
  end->doorbell = -1;
}

/* Shared between processes, so never FUTEX_PRIVATE_FLAG. */
static long futex(uint32_t *word, int operation, uint32_t value, const struct timespec *limit) {
  return syscall(SYS_futex, word, operation, value, limit, NULL, 0);
}

void pcie_link_wake(pcie_link_end *end, uint32_t word, uint32_t *at) {
  static const uint64_t one = 1;
  int mode = word & 3;
  end->woke = 1;
  if (mode == PCIE_LINK_ON_FUTEX) {
    futex(at, FUTEX_WAKE, 1, NULL);
  } else if (mode == PCIE_LINK_ON_DOORBELL && end->doorbell >= 0) {
    /* A full socket or eventfd has a doorbell in it already. The broker rings by the socket, for a program
     * could make an eventfd block. */
    ssize_t done = end->doorbell_is_socket ? send(end->doorbell, &one, 1, MSG_DONTWAIT | MSG_NOSIGNAL)
                                           : write(end->doorbell, &one, sizeof one);
    (void)done;
  }
}

static void sleep_on(uint32_t *at, uint32_t seen, uint64_t nanoseconds) {
  struct timespec limit = {.tv_sec = (time_t)(nanoseconds / 1000000000u),
                           .tv_nsec = (long)(nanoseconds % 1000000000u)};
  futex(at, FUTEX_WAIT, seen, &limit); /* whatever ends it, the caller looks at the ring */
}

void pcie_link_sleep(pcie_link_end *end, uint64_t nanoseconds) {
  sleep_on(pcie_link_futex(pcie_link_slot(end, end->in_slots, end->head)), end->seen, nanoseconds);
}

void pcie_link_sleep_room(pcie_link_end *end, uint64_t nanoseconds) {
  sleep_on(&end->out->head, end->out_head, nanoseconds);
}

static int interrupt_allowed(const void *body) {
  pcie_link_interrupt_record interrupt;
  memcpy(&interrupt, body, sizeof interrupt);
  switch (interrupt.kind) {
  case PCIE_LINK_MSIX:
    return interrupt.number < 2048;
  case PCIE_LINK_MSI:
    return interrupt.number < 32;
  case PCIE_LINK_INTX_ASSERT:
  case PCIE_LINK_INTX_DEASSERT:
    return interrupt.number == 0;
  default:
    return 0;
  }
}

static int state_allowed(const void *body) {
  uint32_t state;
  memcpy(&state, body, sizeof state);
  return state <= PCIE_LINK_STATE_FLR;
}

int pcie_link_record_allowed(int direction, const pcie_link_record *record, const void *body) {
  uint32_t bytes = record->bytes;
  int to_broker = direction == PCIE_LINK_TO_BROKER;
  switch (record->kind) {
  case PCIE_LINK_RECORD_TLP:
    return bytes >= PCIE_LINK_TLP_BYTES_MIN && bytes <= PCIE_LINK_TLP_BYTES_MAX && bytes % 4 == 0;
  case PCIE_LINK_RECORD_INTERRUPT:
    return to_broker && bytes == sizeof(pcie_link_interrupt_record) && interrupt_allowed(body);
  case PCIE_LINK_RECORD_STATE:
    return !to_broker && bytes == 4 && state_allowed(body);
  case PCIE_LINK_RECORD_FUNCTION:
    return !to_broker && bytes == sizeof(pcie_link_function);
  case PCIE_LINK_RECORD_GOODBYE:
    return bytes <= 256 && !memchr(body, 0, bytes);
  default:
    return 0;
  }
}
