/* The program's side of a link, in private. */
#ifndef PCIE_LINK_PRIVATE_H
#define PCIE_LINK_PRIVATE_H
#include "include/pcie_link_broker.h"
#include "tlp.h"

enum { LINK_TAGS = 256, LINK_NONE = -1 };

/* A read under way, in as many requests as it takes. */
typedef struct link_transfer {
  uint64_t address; /* of the next link_request */
  uint8_t *buffer;
  size_t left;          /* bytes not requested yet */
  uint64_t timeout;     /* nanoseconds, of each link_request, and of waiting for a tag or room */
  uint64_t queued_at;
  pcie_link_done *done; /* NULL: somebody waits for `finished` */
  void *context;
  uint32_t outstanding; /* requests */
  int status;
  int next; /* in the queue of those that have requests to send */
  uint8_t used, queued, finished;
} link_transfer;

/* A request that waits for its completions. */
typedef struct link_request {
  uint8_t *into;
  uint64_t deadline; /* of the request; after a timeout, when the tag may be used again */
  uint32_t bytes;    /* still to come; 0 for a request that brings no data */
  uint32_t lower_address;
  int16_t transfer;
  uint8_t used;
  uint8_t is_config;
} link_request;

typedef struct link_region {
  uint64_t address, bytes;
  uint8_t *memory;
} link_region;

struct pcie_link {
  /* Set when the link is opened. */
  int socket, doorbell, role, raw;
  pcie_link_options options;
  int described; /* by the program or the suite */
  pcie_link_description description;
  uint64_t completion_timeout; /* nanoseconds */
  void *memory;
  uint64_t memory_bytes;
  uint8_t *hints;
  /* The rings, and how to wait at them. */
  pcie_link_end end;
  pcie_link_spin spin;
  int depth; /* of handlers */
  int stopped, closed, in_loop;
  int needs_arming; /* in an event loop: a doorbell may have been taken, or prevented */
  uint32_t idle_polls;
  int send_stalled; /* a raw program waits at its descriptor for room */
  /* What software has set. */
  pcie_link_function function;
  /* Requests of ours. */
  link_transfer transfers[PCIE_LINK_TRANSFERS];
  int first, last; /* queue of transfers that have requests to send */
  link_request requests[LINK_TAGS];
  uint32_t next_tag, tags_used;
  uint64_t next_deadline; /* no request ends before; UINT64_MAX: none */
  uint64_t sent_at;       /* the last request */
  /* Requests of the other side. */
  link_region regions[PCIE_LINK_REGIONS];
  int region_count;
  uint64_t interrupt_address, interrupt_bytes;
  pcie_link_counters counters;
  pcie_link_text text;
};

/* Keeps a text and gives the code. */
int link_fail(pcie_link *link, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
uint64_t link_timeout(const pcie_link *link, int milliseconds);
/* The instant at which a timeout ends; UINT64_MAX: never. */
uint64_t link_deadline(const pcie_link *link, int milliseconds);

/* --- serve.c --- */

/* Adds a record, and waits for room at most `timeout` nanoseconds. Meanwhile the other side is served. */
int link_push(pcie_link *link, uint8_t kind, const void *first, uint32_t first_bytes, const void *second,
              uint32_t second_bytes, uint64_t timeout);
static inline int link_push_now(pcie_link *link, uint8_t kind, const void *first, uint32_t first_bytes,
                                const void *second, uint32_t second_bytes) {
  int error = pcie_link_push(&link->end, kind, 0, 0, first, first_bytes, second, second_bytes);
  if (error == PCIE_LINK_OK) link->counters.sent++;
  return error;
}
int link_function_valid(const pcie_link_function *function);
/* Waits for a record until an instant; serves what comes, until *enough if that is told. The number of
 * records, 0 when the time is over. */
int link_serve_until(pcie_link *link, uint64_t deadline, const uint8_t *enough);
/* Takes a record that comes soon: 1 with it, 0 when none does, or the error that ends the link. What was
 * pushed has been published. */
int link_spin_for_record(pcie_link *link, pcie_link_record *record, uint8_t *body);
/* Handles one. */
void link_serve_record(pcie_link *link, const pcie_link_record *record, const uint8_t *body);
/* After a call that waited: for event loops, everything is served and the doorbell armed. Gives `result`. */
int link_leave(pcie_link *link, int result);
/* After a call that only sends, and waits for room at most: the same if it had to, else nobody is served, and
 * the doorbell armed for the room that requests lack. */
int link_leave_sent(pcie_link *link, int result);
/* Says goodbye; waits for room at most `timeout` nanoseconds, and serves nobody any more. */
void link_say_goodbye(pcie_link *link, const char *text, uint64_t timeout);
/* Whether a call may wait now. */
int link_enter(pcie_link *link);

/* Adds a memory request and what it writes, if there is room now. */
static inline int link_push_memory(pcie_link *link, int kind, uint8_t tag, uint64_t address, uint32_t bytes,
                                   const void *data, uint32_t data_bytes) {
  uint32_t header[4];
  uint32_t size = tlp_memory(header, kind, link->function.requester_id, tag, address, bytes);
  /* Each with a size that is known, so that the header need not be in memory first. */
  return size == 12 ? link_push_now(link, PCIE_LINK_RECORD_TLP, header, 12, data, data_bytes)
                    : link_push_now(link, PCIE_LINK_RECORD_TLP, header, 16, data, data_bytes);
}

/* --- request.c --- */

/* A read is started: the number of its transfer, or an error. */
int link_read_start(pcie_link *link, uint64_t address, void *buffer, size_t bytes, uint64_t timeout,
                    pcie_link_done *done, void *context);
/* Sends what tags and room allow. */
void link_send_requests(pcie_link *link);
/* One configuration request; `data` takes what is read. The number of its transfer, or an error. */
int link_config_start(pcie_link *link, int kind, uint16_t target, uint32_t offset, uint32_t bytes,
                      uint8_t *data);
/* Notes when a request was sent, and when it ends without an answer. */
void link_note_sent(pcie_link *link, link_request *each, uint64_t timeout);
/* Waits for a transfer and gives its status. */
int link_await(pcie_link *link, int transfer);
void link_complete(pcie_link *link, const tlp *completion);
/* Ends the requests whose time is over. */
void link_expire(pcie_link *link);
/* Ends every transfer with an error; with `rests` their completions may still come. */
void link_fail_all(pcie_link *link, int error, int rests);

/* --- answer.c, device.c, host.c --- */

/* Completes a request with data that begins at its first enabled byte, split by maximum payload size. `data`
 * points at the DW of that byte. */
int link_answer_data(pcie_link *link, const tlp *request, const uint8_t *data, uint32_t lower_address,
                     uint32_t bytes);
/* Completes a request without data; a posted one is counted only. */
int link_answer_status(pcie_link *link, const tlp *request, int error);
/* The next run of enabled bytes of a request from `*begin` on: its end, or 0 when there is none. */
uint32_t link_enabled_run(const tlp *request, uint32_t *begin);
/* The bytes from the first enabled one to the last, and where the first is; 0 when none is. */
uint32_t link_enabled_span(const tlp *request, uint32_t *first);
int link_serve_device(pcie_link *link, const tlp *request);
int link_serve_host(pcie_link *link, const tlp *request);
#endif
