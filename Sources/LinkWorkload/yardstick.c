/* The least that two processes need to pass something through memory. */
#define _GNU_SOURCE
#include "workload.h"
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The rings have the size of a link's. What is copied has the working set of the transfers. */
enum { SLOTS = 256, CHUNKS = SLOTS * RECORD_BYTES / CHUNK_BYTES, DATA_BYTES = 131072 };
enum { BATCHES = 9, BATCH_NANOSECONDS = 400000 };

/* A line with its owner: a record is there while its last byte is the round's parity. */
struct slot {
  uint8_t bytes[RECORD_BYTES - 1];
  _Atomic uint8_t owner;
};

struct shared {
  _Alignas(128) struct slot there[SLOTS];
  _Alignas(128) struct slot back[SLOTS];
  /* Of STREAM and COPIES, each on lines of its own. */
  _Alignas(128) _Atomic uint64_t tail;
  _Alignas(128) _Atomic uint64_t head;
  _Alignas(128) uint8_t chunks[CHUNKS * CHUNK_BYTES];
};

static struct shared *shared;
static enum yardstick kind;
static pid_t other;
/* Steps of the next batch to the other process; it ends when this closes. */
static int orders[2];
static int sockets[2];
static uint64_t position; /* records so far, the same in both processes */

static inline void relax(void) {
  if (kind == YIELD) sched_yield();
  else __builtin_ia32_pause();
}

static inline uint8_t parity(uint64_t number) { return (number / SLOTS & 1) == 0 ? 1 : 2; }

static inline void give(struct slot *ring, uint64_t number, const uint8_t *record) {
  struct slot *slot = &ring[number % SLOTS];
  memcpy(slot->bytes, record, sizeof slot->bytes);
  atomic_store_explicit(&slot->owner, parity(number), memory_order_release);
}

static inline void take(struct slot *ring, uint64_t number, uint8_t *record) {
  struct slot *slot = &ring[number % SLOTS];
  while (atomic_load_explicit(&slot->owner, memory_order_acquire) != parity(number)) relax();
  memcpy(record, slot->bytes, sizeof slot->bytes);
}

static uint8_t data[DATA_BYTES]; /* of each process */

static unsigned unit(void) { return kind == COPIES ? CHUNK_BYTES : RECORD_BYTES; }
static uint64_t room(void) { return kind == COPIES ? CHUNKS : SLOTS; }
/* Where a record or chunk stands in shared memory, and where in its process's own. */
static uint8_t *shared_place(uint64_t number) { return shared->chunks + number % room() * unit(); }
static uint8_t *own_place(uint64_t number) { return data + number % (DATA_BYTES / CHUNK_BYTES) * unit(); }

/* A whole record through the socket; both sides sleep while there is none. */
static void through(ssize_t (*move)(int, void *, size_t), int end, uint8_t *record) {
  if (move(sockets[end], record, RECORD_BYTES) == RECORD_BYTES) return;
  perror("yardstick");
  exit(1);
}

static ssize_t put(int socket, void *bytes, size_t count) { return write(socket, bytes, count); }

static void answer(uint64_t steps) {
  uint8_t record[RECORD_BYTES];
  if (kind == SOCKET) {
    for (; steps > 0; steps--) {
      through(read, 1, record);
      through(put, 1, record);
    }
    return;
  }
  if (kind == RING || kind == YIELD) {
    for (; steps > 0; steps--, position++) {
      take(shared->there, position, record);
      give(shared->back, position, record);
    }
    return;
  }
  uint64_t tail = atomic_load(&shared->tail);
  for (; steps > 0; steps--, position++) {
    while (tail == position) {
      relax();
      tail = atomic_load_explicit(&shared->tail, memory_order_acquire);
    }
    memcpy(own_place(position), shared_place(position), unit());
    atomic_store_explicit(&shared->head, position + 1, memory_order_release);
  }
}

static void ask(uint64_t steps) {
  uint8_t record[RECORD_BYTES] = {1};
  if (kind == SOCKET) {
    for (; steps > 0; steps--) {
      through(put, 0, record);
      through(read, 0, record);
    }
    return;
  }
  if (kind == RING || kind == YIELD) {
    for (; steps > 0; steps--, position++) {
      give(shared->there, position, record);
      take(shared->back, position, record);
    }
    return;
  }
  uint64_t head = atomic_load(&shared->head);
  for (; steps > 0; steps--, position++) {
    while (position - head == room()) {
      relax();
      head = atomic_load_explicit(&shared->head, memory_order_acquire);
    }
    memcpy(shared_place(position), own_place(position), unit());
    atomic_store_explicit(&shared->tail, position + 1, memory_order_release);
  }
  while (atomic_load_explicit(&shared->head, memory_order_acquire) != position) relax();
}

void yardstick_open(enum yardstick chosen) {
  kind = chosen;
  if (kind == NONE) return;
  memset(data, 1, sizeof data); /* pages that nobody has written are all the same one */
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || pipe(orders) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0 ||
      (other = fork()) < 0) {
    perror("yardstick");
    exit(1);
  }
  if (other != 0) {
    close(orders[0]);
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(orders[1]);
  uint64_t steps;
  while (read(orders[0], &steps, sizeof steps) == sizeof steps) answer(steps);
  _exit(0);
}

static double batch(uint64_t steps) {
  if (write(orders[1], &steps, sizeof steps) != sizeof steps) {
    perror("yardstick");
    exit(1);
  }
  ask(1); /* Until the other process is awake. */
  uint64_t begun = now();
  ask(steps - 1);
  return (double)(now() - begun) / 1e9 / (double)(steps - 1);
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double yardstick_measure(void) {
  if (kind == NONE) return 0;
  uint64_t steps = 200 + (uint64_t)(BATCH_NANOSECONDS / 1e9 / batch(200));
  double values[BATCHES];
  for (unsigned i = 0; i < BATCHES; i++) values[i] = batch(steps);
  qsort(values, BATCHES, sizeof *values, compare);
  return values[BATCHES / 2];
}

void yardstick_close(void) {
  if (kind == NONE) return;
  close(orders[1]);
  waitpid(other, NULL, 0);
}

void burn(void) {
  static volatile unsigned turns;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) turns++;
}
