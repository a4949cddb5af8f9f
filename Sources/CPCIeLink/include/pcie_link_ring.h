/* The shared memory of a link, and the two rings in it. Private to CPCIeLink and the broker; not
 * installed.
 *
 * One memfd holds page 0 (who made it and how it is laid out), page 1 (the counters of both rings) and the
 * slots of both. A ring has one producer and one consumer, each with a counter of slots that runs freely
 * over 32 bits.
 *
 * A record fills one slot of 64 bytes or several that are contiguous: 16 bytes of head, then the body. A
 * record never wraps; a record of kind SKIP fills the rest of the ring instead. The first eight bytes of
 * the head are one word, written last; they hold the counter of that slot plus 1, so that the consumer
 * finds a record with one look at the line that it reads anyway. Payload cannot pass for a record: before
 * records are published, the slot behind them, at which the consumer will look next, gets a word that is
 * none; for that it is always kept free.
 *
 * Records are published in batches: those pushed since the last publication stay hidden behind the word of
 * the first, which is written last.
 *
 * Trust. Whatever the other process can write is read once into private memory, and checked there. Nothing
 * found there can make these functions read or write outside the ring, loop, or wait. The first breach is
 * kept in `broken`, and every later call gives it again.
 *
 * Sleeping. Only the side that waits writes its own waiter word: a mode, and in the upper bits a count of
 * its sleeps, so that the other side wakes it once for each sleep and not once for each record. The order
 * on both sides is: write (record or waiter word), full fence, read (waiter word or record). The futex is
 * the word that the sleeper waits for, so that the kernel refuses to let it sleep through a change. A
 * producer that cleared the waiter word would wipe out the next sleep's word when it is late, and both
 * would sleep for ever.
 *
 * The end of a link is one thread's; these functions are not atomic against themselves. */
#ifndef PCIE_LINK_RING_H
#define PCIE_LINK_RING_H
#include "pcie_link.h"
#include <assert.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PCIE_LINK_PAGE_BYTES = 4096,
  PCIE_LINK_SLOT_BYTES = 64,
  PCIE_LINK_HEAD_BYTES = 16,
  PCIE_LINK_INLINE_BYTES = PCIE_LINK_SLOT_BYTES - PCIE_LINK_HEAD_BYTES,
  PCIE_LINK_BODY_MAX = PCIE_LINK_TLP_BYTES_MAX,
  PCIE_LINK_SLOTS_MIN =
      256, /* a record takes at most half a ring, or it could meet an offset where it never fits */
  PCIE_LINK_SLOTS_MAX = 65536,
  PCIE_LINK_SLOTS_DEFAULT = 256,
  /* The consumer gives slots back in lots of these; what it keeps, with the free slot and the longest
   * record and its skip, is less than a ring, so that it never keeps the producer of one record waiting. */
  PCIE_LINK_RETURN_SLOTS = 64,
  /* After so many records in a row, the line so far ahead is fetched. */
  PCIE_LINK_STREAM = 8,
  PCIE_LINK_AHEAD = 3
};

enum { PCIE_LINK_TO_BROKER = 0, PCIE_LINK_TO_PROGRAM = 1 };

/* Kinds of records. */
enum {
  PCIE_LINK_RECORD_TLP = 1,       /* both ways: a TLP as pcie_link_send takes it */
  PCIE_LINK_RECORD_INTERRUPT = 2, /* to the broker: pcie_link_interrupt_record */
  PCIE_LINK_RECORD_STATE = 3,     /* to the program: a PCIE_LINK_STATE_* in 4 bytes */
  PCIE_LINK_RECORD_FUNCTION = 4,  /* to the program: pcie_link_function */
  PCIE_LINK_RECORD_GOODBYE = 5,   /* both ways: text of at most 256 bytes, without a zero byte */
  PCIE_LINK_RECORD_SKIP = 6       /* the rest of the ring; never popped */
};

/* Flags of a TLP record. */
enum {
  PCIE_LINK_FLAG_BAD_LCRC = 1,  /* the receiver is to treat the TLP as one with a wrong LCRC */
  PCIE_LINK_FLAG_NULLIFIED = 2, /* sent with an inverted LCRC and EDB */
  PCIE_LINK_FLAG_DIGEST = 4     /* the TLP ends with an ECRC, whatever its TD bit says */
};

typedef struct pcie_link_interrupt_record {
  uint32_t kind; /* PCIE_LINK_MSIX and so on */
  uint32_t number;
} pcie_link_interrupt_record;

/* The head of a record in a slot; the body follows. */
typedef struct pcie_link_record {
  uint8_t kind;
  uint8_t flags;
  uint16_t bytes;    /* of the body */
  uint32_t sequence; /* the counter at this slot, plus 1 */
  uint64_t time;     /* when it was sent, in nanoseconds of the sender's monotonic clock; 0: not told */
} pcie_link_record;
static_assert(sizeof(pcie_link_record) == PCIE_LINK_HEAD_BYTES, "layout");

/* The counters of one ring, each on a pair of cache lines of its own. */
typedef struct pcie_link_lane {
  uint32_t head; /* written by the consumer: slots given back */
  uint8_t head_line[124];
  uint32_t consumer_waits; /* written by the consumer only */
  uint8_t consumer_line[124];
  uint32_t producer_waits; /* written by the producer only */
  uint8_t producer_line[124];
} pcie_link_lane;
static_assert(offsetof(pcie_link_lane, consumer_waits) == 128 &&
                  offsetof(pcie_link_lane, producer_waits) == 256 && sizeof(pcie_link_lane) == 384,
              "layout");

/* Page 0. */
typedef struct pcie_link_page {
  uint64_t magic;
  uint32_t version;
  uint32_t layout; /* pcie_link_layout */
  uint32_t byte_order;
  uint32_t page_bytes;
  uint32_t slot_bytes;
  uint32_t slots; /* of each ring */
  uint64_t region_bytes;
  uint8_t first_line[88];
  uint32_t broker_life; /* PCIE_LINK_LIFE_*; written by the broker */
  uint8_t broker_line[124];
  uint32_t program_life; /* written by the program */
  uint8_t program_line[124];
} pcie_link_page;
static_assert(offsetof(pcie_link_page, broker_life) == 128 && sizeof(pcie_link_page) == 384, "layout");

enum { PCIE_LINK_LIFE_UNBORN = 0, PCIE_LINK_LIFE_RUNS = 1, PCIE_LINK_LIFE_ENDED = 2 };

/* How a side waits; the lower two bits of its waiter word. */
enum {
  PCIE_LINK_AWAKE = 0,
  PCIE_LINK_ON_FUTEX = 1,
  PCIE_LINK_ON_DOORBELL = 2 /* the program on its socket, the broker on its eventfd */
};

/* One end of a link: the producer of one ring and the consumer of the other. Private memory of its process.
 */
typedef struct pcie_link_end {
  pcie_link_lane *out, *in;
  uint8_t *out_slots, *in_slots;
  uint32_t slots;                  /* of each ring */
  uint32_t tail;                   /* filled by us */
  uint32_t published;              /* of those, seen by the other side */
  uint32_t out_head;               /* what the consumer of `out` had given back when we last looked */
  uint32_t cleaned;                /* the slots from `tail` to here hold words that are no records */
  uint64_t first_word;             /* the word of the first record that is not published */
  uint32_t head;                   /* taken by us */
  uint32_t returned;               /* given back by us */
  uint32_t run;                    /* records taken since the last look that found none */
  uint32_t seen;                   /* what stood in place of the next record when we last looked */
  uint32_t sleeps;                 /* counts our waiter words */
  uint32_t woken_data, woken_room; /* the waiter words of the other side that we have answered */
  int doorbell;                    /* wakes the other side; -1: it cannot be woken so */
  int doorbell_is_socket;
  int woke; /* the other side slept when we published last, so that its answer takes a wake-up longer */
  int held_back;  /* records are no news for now; the owner's to set */
  int wants_room; /* the last push found the ring full */
  uint8_t *hint; /* set to 1 after publishing, for a broker with many links; NULL: none */
  int broken;    /* 0, PCIE_LINK_E_COUNTER or PCIE_LINK_E_RECORD */
} pcie_link_end;

/* Places an end over mapped memory. `out` is PCIE_LINK_TO_BROKER or PCIE_LINK_TO_PROGRAM; doorbell -1, hint
 * NULL. */
void pcie_link_end_open(pcie_link_end *end, void *memory, uint32_t slots, int out);
/* Wakes the other side, whose waiter word was read as `word` (not 0). `futex` is what it sleeps
 * on: the place of a record, or the counter of slots given back. */
void pcie_link_wake(pcie_link_end *end, uint32_t word, uint32_t *futex);
/* Whether a record of this kind and size may come in this direction. */
int pcie_link_record_allowed(int direction, const pcie_link_record *record, const void *body);
/* Slots that a body takes. */
static inline uint32_t pcie_link_slots_for(uint32_t bytes) {
  return bytes <= PCIE_LINK_INLINE_BYTES
             ? 1
             : 1 + (bytes - PCIE_LINK_INLINE_BYTES + PCIE_LINK_SLOT_BYTES - 1) / PCIE_LINK_SLOT_BYTES;
}

/* A slot of a ring, and the word in front of it. */
static inline uint8_t *pcie_link_slot(const pcie_link_end *end, uint8_t *ring, uint32_t counter) {
  return ring + (size_t)(counter & (end->slots - 1)) * PCIE_LINK_SLOT_BYTES;
}
static inline uint64_t *pcie_link_word(uint8_t *slot) { return (uint64_t *)(void *)slot; }
static inline uint32_t *pcie_link_futex(uint8_t *slot) { return (uint32_t *)(void *)(slot + 4); }

/* --- producing --- */

/* Whether `needed` slots are free; E_FULL if not. */
static inline int pcie_link_room(pcie_link_end *end, uint32_t needed) {
  uint32_t used = end->tail - end->out_head, limit = end->slots - 1;
  if (limit - used >= needed) return PCIE_LINK_OK;
  uint32_t head = __atomic_load_n(&end->out->head, __ATOMIC_SEQ_CST);
  /* Given back what it never got: what is not published it cannot have. */
  if (head - end->out_head > end->published - end->out_head) return end->broken = PCIE_LINK_E_COUNTER;
  end->out_head = head;
  return limit - (end->tail - head) >= needed ? PCIE_LINK_OK : PCIE_LINK_E_FULL;
}

static inline void pcie_link_copy(uint8_t *to, const void *from, uint32_t bytes) {
  if (bytes == 4) {
    memcpy(to, from, 4);
  } else if (bytes == 12) {
    memcpy(to, from, 12);
  } else if (bytes == 16) {
    memcpy(to, from, 16);
  } else if (bytes) {
    memcpy(to, from, bytes);
  }
}

/* Puts a word that is no record, the counter itself, into a free slot; those from `tail` to it are now
 * clean, or about to be filled. */
static inline void pcie_link_clean(pcie_link_end *end, uint32_t counter) {
  uint8_t *slot = pcie_link_slot(end, end->out_slots, counter);
  __atomic_store_n(pcie_link_word(slot), (uint64_t)counter << 32, __ATOMIC_RELAXED);
  end->cleaned = counter + 1;
}

/* Puts the word of a record into its slot, or aside when it is the one that hides the batch. */
static inline void pcie_link_put_word(pcie_link_end *end, uint8_t *slot, uint32_t kind, uint32_t flags,
                                      uint32_t bytes) {
  uint64_t word = kind | flags << 8 | (uint64_t)bytes << 16 | (uint64_t)(uint32_t)(end->tail + 1) << 32;
  if (end->tail == end->published) {
    end->first_word = word;
  } else {
    __atomic_store_n(pcie_link_word(slot), word, __ATOMIC_RELAXED);
  }
}

/* Adds a record whose body begins with `first`; *rest is where the other bytes are to be put before it is
 * published. It is seen by the other side after pcie_link_publish. At most PCIE_LINK_BODY_MAX bytes. Errors:
 * E_FULL, E_ARGUMENT, `broken`. */
static inline int pcie_link_push_head(pcie_link_end *end, uint8_t kind, uint8_t flags, uint64_t time,
                                      const void *first, uint32_t first_bytes, uint32_t rest_bytes,
                                      uint8_t **rest) {
  if (end->broken) return end->broken;
  if (first_bytes > PCIE_LINK_BODY_MAX || rest_bytes > PCIE_LINK_BODY_MAX - first_bytes)
    return PCIE_LINK_E_ARGUMENT;
  uint32_t bytes = first_bytes + rest_bytes, needed = pcie_link_slots_for(bytes);
  uint32_t left = end->slots - (end->tail & (end->slots - 1)), skip = left < needed ? left : 0;
  int room = pcie_link_room(end, skip + needed);
  end->wants_room = room == PCIE_LINK_E_FULL;
  if (room != PCIE_LINK_OK) return room;
  uint8_t *slot = pcie_link_slot(end, end->out_slots, end->tail);
  if (end->cleaned - end->tail <= skip + needed) pcie_link_clean(end, end->tail + skip + needed);
  if (skip) {
    pcie_link_put_word(end, slot, PCIE_LINK_RECORD_SKIP, 0, 0);
    end->tail += skip;
    slot = end->out_slots;
  }
  memcpy(slot + 8, &time, sizeof time);
  pcie_link_copy(slot + PCIE_LINK_HEAD_BYTES, first, first_bytes);
  *rest = slot + PCIE_LINK_HEAD_BYTES + first_bytes;
  pcie_link_put_word(end, slot, kind, flags, bytes);
  end->tail += needed;
  return PCIE_LINK_OK;
}

/* Adds a record whose body is two pieces, a TLP's header and payload say; either may be empty. */
static inline int pcie_link_push(pcie_link_end *end, uint8_t kind, uint8_t flags, uint64_t time,
                                 const void *first, uint32_t first_bytes, const void *second,
                                 uint32_t second_bytes) {
  uint8_t *rest = NULL;
  int error = pcie_link_push_head(end, kind, flags, time, first, first_bytes, second_bytes, &rest);
  if (error == PCIE_LINK_OK) pcie_link_copy(rest, second, second_bytes);
  return error;
}

/* Lets the other side see what was pushed. Gives its waiter word: not 0 means that pcie_link_wake is due,
 * with *futex; 0 when it is awake, or has been woken for this sleep. */
static inline uint32_t pcie_link_publish_quietly(pcie_link_end *end, uint32_t **futex) {
  if (end->tail == end->published) return 0;
  uint8_t *slot = pcie_link_slot(end, end->out_slots, end->published);
  *futex = pcie_link_futex(slot);
  __atomic_exchange_n(pcie_link_word(slot), end->first_word,
                      __ATOMIC_SEQ_CST); /* store and full fence in one */
  end->published = end->tail;
  if (end->hint) __atomic_store_n(end->hint, 1, __ATOMIC_RELEASE);
  /* For the next record, while the other side handles this one: the line has to be fetched. */
  if (end->cleaned == end->tail + 1 && end->tail - end->out_head < end->slots - 1)
    pcie_link_clean(end, end->tail + 1);
  uint32_t word = __atomic_load_n(&end->out->consumer_waits, __ATOMIC_SEQ_CST);
  if ((word & 3) == PCIE_LINK_AWAKE || word == end->woken_data) return 0;
  return end->woken_data = word;
}

/* Lets the other side see what was pushed, and wakes it if it sleeps. */
static inline void pcie_link_publish(pcie_link_end *end) {
  uint32_t *futex = NULL, word = pcie_link_publish_quietly(end, &futex);
  if (word) pcie_link_wake(end, word, futex);
}

/* --- consuming --- */

/* Gives taken slots back, and wakes the producer if it waits for room. */
static inline void pcie_link_give_back(pcie_link_end *end) {
  end->returned = end->head;
  __atomic_exchange_n(&end->in->head, end->head, __ATOMIC_SEQ_CST);
  uint32_t word = __atomic_load_n(&end->in->producer_waits, __ATOMIC_SEQ_CST);
  if ((word & 3) == PCIE_LINK_AWAKE || word == end->woken_room) return;
  end->woken_room = word;
  pcie_link_wake(end, word, &end->in->head);
}

/* Whether a record waits: 1 or 0, or `broken`. */
static inline int pcie_link_ready(pcie_link_end *end) {
  if (end->broken) return end->broken;
  uint8_t *slot = pcie_link_slot(end, end->in_slots, end->head);
  end->seen = __atomic_load_n(pcie_link_futex(slot), __ATOMIC_SEQ_CST);
  if (end->seen == end->head + 1) return 1;
  end->run = 0;
  return 0;
}

/* Whether slots have come back that a push lacked, or the end is broken. Reads only. */
static inline int pcie_link_has_room_back(const pcie_link_end *end) {
  if (end->wants_room && __atomic_load_n(&end->out->head, __ATOMIC_SEQ_CST) != end->out_head) return 1;
  return end->broken != 0;
}

/* The same, or whether a record waits. */
static inline int pcie_link_has_news(const pcie_link_end *end) {
  uint8_t *slot = pcie_link_slot(end, end->in_slots, end->head);
  uint32_t seen = __atomic_load_n(pcie_link_futex(slot), __ATOMIC_SEQ_CST);
  if (seen == end->head + 1 && !end->held_back) return 1;
  return pcie_link_has_room_back(end);
}

/* Copies the next record out of the ring: 1 with *record and its body, 0 when there is none, or `broken`.
 * `body` has room for PCIE_LINK_BODY_MAX bytes; what lies beyond record->bytes is undefined. A record has
 * been checked as pcie_link_record_allowed says. Slots go back by themselves. */
static inline int pcie_link_pop(pcie_link_end *end, pcie_link_record *record, void *body) {
  if (end->broken) return end->broken;
  for (int skipped = 0;; skipped = 1) {
    uint8_t *slot = pcie_link_slot(end, end->in_slots, end->head);
    uint64_t word = __atomic_load_n(pcie_link_word(slot), __ATOMIC_ACQUIRE);
    end->seen = (uint32_t)(word >> 32);
    if (end->seen != end->head + 1) {
      end->run = 0;
      return 0;
    }
    record->kind = (uint8_t)word;
    record->flags = (uint8_t)(word >> 8);
    record->bytes = (uint16_t)(word >> 16);
    record->sequence = end->seen;
    uint32_t needed = pcie_link_slots_for(record->bytes),
             left = end->slots - (end->head & (end->slots - 1));
    if (record->kind == PCIE_LINK_RECORD_SKIP) {
      if (skipped || left == end->slots) return end->broken = PCIE_LINK_E_RECORD;
      end->head += left;
      continue;
    }
    if (record->bytes > PCIE_LINK_BODY_MAX || needed > left) return end->broken = PCIE_LINK_E_RECORD;
    memcpy(&record->time, slot + 8, sizeof record->time);
    memcpy(body, slot + PCIE_LINK_HEAD_BYTES, PCIE_LINK_INLINE_BYTES);
    if (record->bytes > PCIE_LINK_INLINE_BYTES)
      memcpy((uint8_t *)body + PCIE_LINK_INLINE_BYTES, slot + PCIE_LINK_SLOT_BYTES,
             record->bytes - PCIE_LINK_INLINE_BYTES);
    end->head += needed;
    /* The line of the next record comes while this one is handled, and in a stream those behind it, too. Else
     * they would be taken from the producer, who is about to write them. */
    __builtin_prefetch(pcie_link_slot(end, end->in_slots, end->head));
    if (++end->run >= PCIE_LINK_STREAM)
      __builtin_prefetch(pcie_link_slot(end, end->in_slots, end->head + PCIE_LINK_AHEAD));
    int is_tlp = record->kind == PCIE_LINK_RECORD_TLP && record->bytes >= PCIE_LINK_TLP_BYTES_MIN &&
                 (record->bytes & 3) == 0;
    int direction = end->in < end->out ? PCIE_LINK_TO_BROKER : PCIE_LINK_TO_PROGRAM;
    if (!is_tlp && !pcie_link_record_allowed(direction, record, body))
      return end->broken = PCIE_LINK_E_RECORD;
    if (end->head - end->returned >= PCIE_LINK_RETURN_SLOTS) pcie_link_give_back(end);
    return 1;
  }
}

/* --- sleeping --- */

/* Announces one sleep for records. Then look with pcie_link_ready once more, and only then sleep. Each
 * sleep needs an announcement of its own: the other side answers it once, and may do so for a record that
 * was taken before, so that whoever was woken and found nothing, or has cleared the doorbell, announces
 * the next sleep anew. */
static inline void pcie_link_arm(pcie_link_end *end, uint32_t mode) {
  __atomic_exchange_n(&end->in->consumer_waits, ++end->sleeps << 2 | mode, __ATOMIC_SEQ_CST);
}
static inline void pcie_link_disarm(pcie_link_end *end) {
  __atomic_store_n(&end->in->consumer_waits, PCIE_LINK_AWAKE, __ATOMIC_RELAXED);
}
/* The same for room in the other ring: look with pcie_link_room once more before sleeping. */
static inline void pcie_link_arm_room(pcie_link_end *end, uint32_t mode) {
  __atomic_exchange_n(&end->out->producer_waits, ++end->sleeps << 2 | mode, __ATOMIC_SEQ_CST);
}
static inline void pcie_link_disarm_room(pcie_link_end *end) {
  __atomic_store_n(&end->out->producer_waits, PCIE_LINK_AWAKE, __ATOMIC_RELAXED);
}
/* Sleeps until a record, or room, has come since the last look, at most so long. */
void pcie_link_sleep(pcie_link_end *end, uint64_t nanoseconds);
void pcie_link_sleep_room(pcie_link_end *end, uint64_t nanoseconds);

/* --- spinning --- */

/* A wake-up takes some 50 microseconds. Who has just woken the other side spins that long too: else both
 * would sleep for each other's wake-ups for ever, once one of them had slept. */
enum { PCIE_LINK_WAKE_NANOSECONDS = 80000 };

/* How long to spin before sleeping, found out while waiting. */
typedef struct pcie_link_spin {
  uint64_t full;    /* nanoseconds that a spin may take; 0: never */
  uint64_t bound;   /* what it may take now */
  uint64_t history; /* bit n: the wait n back ended asleep */
  uint32_t waits;
  uint32_t asleep; /* bits set in history */
  uint32_t awake;  /* waits that ended awake and that are not in the history yet */
} pcie_link_spin;

/* The processors that this process may use: the least of its affinity mask and its cgroup's quota; at
 * least 1. */
int pcie_link_processors(void);
/* Spins up to 4 microseconds if there is a processor for each of so many threads that wait for one another.
 */
void pcie_link_spin_open(pcie_link_spin *spin, int threads);
/* Says how a wait ended. More than half of the last 64 asleep: no more spinning, tried anew each 1024
 * waits. */
void pcie_link_spin_ended(pcie_link_spin *spin, int asleep);
/* Says that a wait ended awake, which goes into the history with the next that is told as above: who has
 * just got an answer has better things to do. */
static inline void pcie_link_spin_hit(pcie_link_spin *spin) {
  if (spin->bound) {
    spin->awake++;
  } else {
    pcie_link_spin_ended(spin, 0);
  }
}
/* Nanoseconds of the monotonic clock. */
uint64_t pcie_link_clock(void);
static inline void pcie_link_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield" ::: "memory");
#endif
}
/* Spins and yields within the bound until pcie_link_has_news: whether it has. */
int pcie_link_spin_for_news(pcie_link_spin *spin, pcie_link_end *end);
/* The same until pcie_link_has_room_back. */
int pcie_link_spin_for_room(pcie_link_spin *spin, pcie_link_end *end);

#ifdef __cplusplus
}
#endif
#endif
