/* The broker's side of a link: the shared memory and the handshake. Not installed.
 *
 * In this order: pcie_link_listen; for each that connects pcie_link_accept; pcie_link_hello_receive when
 * its socket can be read; then either pcie_link_refuse, or pcie_link_region_create and pcie_link_welcome.
 * From then on records go through pcie_link_region.end (pcie_link_ring.h). The program's death is a hang-up
 * of the socket, its wish to leave a goodbye record; its doorbell is pcie_link_region.doorbell, which only
 * ever needs pcie_link_doorbell_clear.
 *
 * No function here waits, whatever the program does. */
#ifndef PCIE_LINK_BROKER_H
#define PCIE_LINK_BROKER_H
#include "pcie_link_ring.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  PCIE_LINK_NODE_BYTES = 64, /* a node's name with its zero byte */
  PCIE_LINK_TEXT_BYTES = 256 /* a text with its zero byte */
};
/* First in page 0, hello and answer: "PCIeLink" on the wire of a little-endian machine. */
static const uint64_t PCIE_LINK_MAGIC = 0x6b6e694c65494350u;
static const uint32_t PCIE_LINK_BYTE_ORDER = 0x01020304u;

/* A text that says what was wrong. */
typedef struct pcie_link_text {
  char bytes[PCIE_LINK_TEXT_BYTES];
} pcie_link_text;
static inline const char *pcie_link_text_string(const pcie_link_text *text) { return text->bytes; }

/* A hash of every offset and size that both sides rely on. */
uint32_t pcie_link_layout(void);

/* How hello and answer begin. */
typedef struct pcie_link_preamble {
  uint64_t magic;
  uint32_t version;
  uint32_t layout;
  uint32_t byte_order;
  uint32_t bytes; /* of the whole message */
} pcie_link_preamble;

enum { PCIE_LINK_HELLO_DESCRIBED = 1, PCIE_LINK_HELLO_RAW = 2, PCIE_LINK_ANSWER_DESCRIBED = 1 };

/* What a program says first: one message of this size, without descriptors. */
typedef struct pcie_link_hello {
  pcie_link_preamble preamble;
  uint32_t role;  /* PCIE_LINK_DEVICE or PCIE_LINK_HOST */
  uint32_t flags; /* PCIE_LINK_HELLO_* */
  char node[PCIE_LINK_NODE_BYTES];
  pcie_link_description description; /* only with HELLO_DESCRIBED */
} pcie_link_hello;
static_assert(sizeof(pcie_link_bar) == 16 && sizeof(pcie_link_description) == 128, "layout");
static_assert(sizeof(pcie_link_hello) == 24 + 8 + 64 + 128, "layout");
static inline const char *pcie_link_hello_node(const pcie_link_hello *hello) { return hello->node; }
static inline pcie_link_bar pcie_link_description_bar(const pcie_link_description *description, int index) {
  return description->bars[index];
}

/* What the broker answers: one message of this size; when status is PCIE_LINK_OK with two descriptors,
 * memory and the broker's doorbell, or with three, then with the page of hints. */
typedef struct pcie_link_answer {
  pcie_link_preamble preamble;
  int32_t status; /* PCIE_LINK_OK, or why not: PCIE_LINK_E_REFUSED, VERSION, LAYOUT, MALFORMED, DESCRIPTORS,
                     ABSENT */
  uint32_t role;
  uint32_t flags; /* PCIE_LINK_ANSWER_* */
  uint32_t slots;
  uint64_t region_bytes;
  uint64_t completion_timeout; /* nanoseconds */
  uint32_t hint;               /* index of the program's byte in the page of hints */
  uint32_t reserved;
  pcie_link_function function; /* where it begins: link up or down, limits, requester id */
  pcie_link_description description; /* only with ANSWER_DESCRIBED: what the suite makes of the device */
  char text[PCIE_LINK_TEXT_BYTES];
} pcie_link_answer;
static_assert(sizeof(pcie_link_function) == 72, "layout");
static_assert(sizeof(pcie_link_answer) == 24 + 40 + 72 + 128 + 256, "layout");

/* --- parsing --- */

/* Whether a description can be built: ids, classes, BARs, MSI-X tables inside their BARs. E_ARGUMENT with
 * the reason. */
int pcie_link_description_check(const pcie_link_description *description, pcie_link_text *why);
/* Whether program and suite describe the same function. E_REFUSED with the first thing that differs. */
int pcie_link_description_match(const pcie_link_description *program, const pcie_link_description *suite,
                                pcie_link_text *why);
/* Reads a hello from bytes that anyone may have sent. Errors with the reason: E_MALFORMED, E_VERSION,
 * E_LAYOUT, E_ARGUMENT (a description that cannot be built). */
int pcie_link_hello_parse(const void *bytes, size_t count, pcie_link_hello *hello, pcie_link_text *why);
/* The same for an answer; used by the program. A description in it that cannot be built is E_MALFORMED. */
int pcie_link_answer_parse(const void *bytes, size_t count, pcie_link_answer *answer, pcie_link_text *why);

/* --- sockets --- */

/* Listens at a path (or @name), in place of a dead listener's file. A descriptor, or E_SYSTEM, or
 * E_ARGUMENT for a path that is too long, or E_REFUSED when somebody alive listens there. */
int pcie_link_listen(const char *path, pcie_link_text *why);
/* The next that connects: a descriptor, or E_EMPTY, or E_SYSTEM. */
int pcie_link_accept(int listener);
/* Takes the hello of a connection: E_EMPTY when it has not come, E_CLOSED when the program has gone,
 * E_DESCRIPTORS when it sends descriptors (they are closed), E_SYSTEM, and those of pcie_link_hello_parse.
 */
int pcie_link_hello_receive(int socket, pcie_link_hello *hello, pcie_link_text *why);
/* Sends an answer without memory, with a status and a text that says why. The socket stays the caller's. */
int pcie_link_refuse(int socket, int status, const char *text);
/* The process at the other end of a socket, or a negative error. */
int pcie_link_peer_pid(int socket);
/* Takes doorbells of the other side off the program's socket. 1 when there were some, 0 when none, E_CLOSED
 * when it has hung up. The broker uses it to learn of a hang-up. */
int pcie_link_socket_drain(int socket);

/* --- memory --- */

/* The memory of a link in the broker. */
typedef struct pcie_link_region {
  void *memory;
  uint64_t bytes;
  int descriptor;    /* the memfd, sealed against shrinking, growing and unsealing */
  int doorbell;      /* eventfd; rung by the program when the broker has armed PCIE_LINK_ON_DOORBELL */
  pcie_link_end end; /* the broker's end */
} pcie_link_region;

/* `slots` for each ring: a power of two, PCIE_LINK_SLOTS_MIN to _MAX. Errors: E_ARGUMENT, E_SYSTEM. */
int pcie_link_region_create(pcie_link_region *region, uint32_t slots);
/* Unmaps and closes; says in page 0 that the broker has ended. Harmless on a region of zero bytes. */
void pcie_link_region_destroy(pcie_link_region *region);
/* PCIE_LINK_LIFE_* of the program, as it claims. */
uint32_t pcie_link_region_program_life(const pcie_link_region *region);
/* Forgets what was rung; then announce the next sleep anew, by pcie_link_arm. Never blocks, whatever the
 * program has done to the descriptor. */
void pcie_link_doorbell_clear(int doorbell);

/* Page of hints: a byte for each of up to 4096 links, set by its program after it has published. The broker
 * looks at eight links with one load. A hint may be lost or wiped by another program, so look at every ring
 * now and then, and always before sleeping. */
typedef struct pcie_link_hints {
  uint8_t *bytes;
  int descriptor;
  uint32_t reserved;
} pcie_link_hints;
int pcie_link_hints_create(pcie_link_hints *hints);
void pcie_link_hints_destroy(pcie_link_hints *hints);
/* The next link at or after `first` and below `count` whose hint is set, and clears it; `count` when there
 * is none. */
static inline uint32_t pcie_link_hints_next(const pcie_link_hints *hints, uint32_t first, uint32_t count) {
  for (uint32_t index = first; index < count;) {
    if (index % 8 == 0 && count - index >= 8) {
      const uint64_t *eight = (const uint64_t *)(const void *)(hints->bytes + index);
      if (__atomic_load_n(eight, __ATOMIC_RELAXED) == 0) {
        index += 8;
        continue;
      }
    }
    if (__atomic_load_n(hints->bytes + index, __ATOMIC_RELAXED) != 0) {
      __atomic_exchange_n(hints->bytes + index, 0, __ATOMIC_SEQ_CST); /* before the ring is looked at */
      return index;
    }
    index++;
  }
  return count;
}

/* The ends that one thread serves, looked at by one call; they must not move. */
typedef struct pcie_link_watch {
  pcie_link_end *const *ends;
  uint32_t count;
  uint32_t last; /* the one that was ready last: most likely the next one too */
} pcie_link_watch;
/* An end with a record, or with room that it lacked, or that is broken; -1 when there is none. It looks at
 * the last one always and at all others when `all` is not 0. */
static inline int pcie_link_watch_look(pcie_link_watch *watch, int all) {
  if (watch->last < watch->count && pcie_link_has_news(watch->ends[watch->last])) return (int)watch->last;
  if (!all) return -1;
  for (uint32_t index = 0; index < watch->count; index++) {
    if (!pcie_link_has_news(watch->ends[index])) continue;
    watch->last = index;
    return (int)index;
  }
  return -1;
}

/* The same, looking again for some hundred nanoseconds. */
static inline int pcie_link_watch_linger(pcie_link_watch *watch) {
  for (int looks = 0; watch->count && looks < 32; looks++) {
    int index = pcie_link_watch_look(watch, looks % 8 == 7);
    if (index >= 0) return index;
    pcie_link_pause();
  }
  return -1;
}

/* Whether a program slept when it was published to last; told once. */
static inline int pcie_link_watch_take_woken(const pcie_link_watch *watch) {
  int woke = 0;
  for (uint32_t index = 0; index < watch->count; index++) {
    woke |= watch->ends[index]->woke;
    watch->ends[index]->woke = 0;
  }
  return woke;
}

/* How a link is to begin. */
typedef struct pcie_link_terms {
  pcie_link_function function;
  uint64_t completion_timeout;  /* nanoseconds */
  const pcie_link_hints *hints; /* NULL: none */
  uint32_t hint;
  uint32_t role;                            /* as in the hello */
  const pcie_link_description *description; /* of a device that brings none; NULL: none */
} pcie_link_terms;

/* Answers a hello with the region's memory. The region's end then wakes the program through this socket,
 * which stays the caller's and must stay open as long. Errors: E_SYSTEM, E_CLOSED. */
int pcie_link_welcome(int socket, pcie_link_region *region, const pcie_link_terms *terms);

#ifdef __cplusplus
}
#endif
#endif
