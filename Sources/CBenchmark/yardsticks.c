#include "cbenchmark.h"
#include <string.h>

enum { RECORD_BYTES = 64, RING_SLOTS = 64, HEAP_SLOTS = 64, COPY_BYTES = 4096, TRANSFER_BYTES = 64 * 1024 };

/* Tells the compiler that memory is read and written here, so that no step is taken out. */
static inline void touch(void *memory) { __asm__ volatile("" : : "r"(memory) : "memory"); }

typedef struct {
  uint8_t bytes[RECORD_BYTES];
} record;

static struct {
  record slots[RING_SLOTS];
  unsigned head, tail;
} ring;

typedef struct {
  uint64_t time, sequence, event;
} entry;

static struct {
  entry entries[HEAP_SLOTS];
  unsigned count;
  uint64_t sequence;
} heap;

static int precedes(const entry *left, const entry *right) {
  return left->time != right->time ? left->time < right->time : left->sequence < right->sequence;
}

static void heap_push(uint64_t time, uint64_t event) {
  entry added = {time, heap.sequence++, event};
  unsigned index = heap.count++;
  while (index > 0 && precedes(&added, &heap.entries[(index - 1) / 2])) {
    heap.entries[index] = heap.entries[(index - 1) / 2];
    index = (index - 1) / 2;
  }
  heap.entries[index] = added;
}

static entry heap_pop(void) {
  entry first = heap.entries[0], last = heap.entries[--heap.count];
  unsigned index = 0, child;
  while ((child = 2 * index + 1) < heap.count) {
    if (child + 1 < heap.count && precedes(&heap.entries[child + 1], &heap.entries[child])) child++;
    if (!precedes(&heap.entries[child], &last)) break;
    heap.entries[index] = heap.entries[child];
    index = child;
  }
  heap.entries[index] = last;
  return first;
}

void bench_queue_steps(uint64_t steps, unsigned tlps, unsigned events) {
  record sent = {{0}}, received;
  uint64_t now = 0;
  heap.count = 0;
  heap_push(UINT64_MAX, 0); /* a timer that stands all the time, as that of a completion timeout does */
  for (uint64_t step = 0; step < steps; step++) {
    for (unsigned index = 0; index < events; index++) {
      heap_push(now + 100 + index, index);
      touch(&heap);
    }
    for (unsigned index = 0; index < events; index++) {
      now = heap_pop().time;
      touch(&heap);
    }
    for (unsigned index = 0; index < tlps; index++) {
      memcpy(&sent.bytes, &now, sizeof now);
      ring.slots[ring.head++ % RING_SLOTS] = sent;
      touch(&ring);
      received = ring.slots[ring.tail++ % RING_SLOTS];
      touch(&received);
    }
  }
}

void bench_copy_steps(uint64_t steps) {
  static uint8_t source[COPY_BYTES], target[COPY_BYTES];
  for (uint64_t step = 0; step < steps; step++) {
    touch(source);
    memcpy(target, source, COPY_BYTES);
    touch(target);
  }
}

void bench_transfer_steps(uint64_t steps) {
  static uint8_t source[TRANSFER_BYTES], target[TRANSFER_BYTES];
  for (uint64_t step = 0; step < steps; step++) {
    touch(source);
    memcpy(target, source, TRANSFER_BYTES);
    touch(target);
  }
}
