#define _GNU_SOURCE
#include "link.h"
#include <time.h>

/* --- transfers --- */

static void enqueue(pcie_link *link, int index) {
  link->transfers[index].queued = 1;
  link->transfers[index].next = LINK_NONE;
  if (link->last == LINK_NONE) {
    link->first = index;
  } else {
    link->transfers[link->last].next = index;
  }
  link->last = index;
}

static void dequeue_first(pcie_link *link) {
  link_transfer *head = &link->transfers[link->first];
  head->queued = 0;
  link->first = head->next;
  if (link->first == LINK_NONE) link->last = LINK_NONE;
}

static int take_transfer(pcie_link *link) {
  for (int index = 0; index < PCIE_LINK_TRANSFERS; index++) {
    if (link->transfers[index].used) continue;
    memset(&link->transfers[index], 0, sizeof link->transfers[index]);
    link->transfers[index].used = 1;
    return index;
  }
  return link_fail(link, PCIE_LINK_E_FULL, "%d reads are under way; that is the limit",
                   PCIE_LINK_TRANSFERS);
}

/* Ends a transfer when nothing of it is left to come. One in the queue stays until it has left it. */
static void settle(pcie_link *link, int index) {
  link_transfer *each = &link->transfers[index];
  if (each->outstanding || each->left || each->queued || each->finished) return;
  each->finished = 1;
  if (!each->done) return;
  pcie_link_done *done = each->done;
  each->used = 0;
  done(each->context, link, each->status);
}

/* Its callbacks may start new reads, which have something left to come, so that the walk has an end. */
static void settle_all(pcie_link *link) {
  for (int index = 0; index < PCIE_LINK_TRANSFERS; index++)
    if (link->transfers[index].used) settle(link, index);
}

/* Nothing more of it is requested; what is outstanding still comes. */
static void fail_transfer(pcie_link *link, int index, int error) {
  link_transfer *each = &link->transfers[index];
  if (each->status == PCIE_LINK_OK) each->status = error;
  each->left = 0;
}

/* --- tags --- */

static uint32_t tag_count(const pcie_link *link) {
  return link->function.tags < LINK_TAGS ? link->function.tags : LINK_TAGS;
}

static int take_tag(pcie_link *link) {
  uint32_t tags = tag_count(link);
  uint64_t now = 0; /* read only when it matters */
  if (link->tags_used >= tags) return LINK_NONE;
  for (uint32_t tried = 0; tried < tags; tried++) {
    uint32_t tag = (link->next_tag + tried) & (tags - 1); /* a power of two */
    link_request *each = &link->requests[tag];
    if (each->used) continue;
    /* The tag of a request that timed out rests, lest its late completion be taken for another's. */
    if (each->deadline && !now) now = pcie_link_clock();
    if (now < each->deadline) continue;
    each->deadline = 0;
    each->used = 1;
    link->tags_used++;
    link->next_tag = tag + 1;
    return (int)tag;
  }
  return LINK_NONE;
}

static void free_tag(pcie_link *link, link_request *each, uint64_t rests_until) {
  each->used = 0;
  each->deadline = rests_until;
  link->transfers[each->transfer].outstanding--;
  if (--link->tags_used == 0 && link->first == LINK_NONE) link->next_deadline = UINT64_MAX;
}

/* When the first of the resting tags may be used again; UINT64_MAX: none rests. */
static uint64_t end_of_rest(const pcie_link *link) {
  uint64_t first = UINT64_MAX;
  for (uint32_t tag = 0, tags = tag_count(link); tag < tags; tag++) {
    const link_request *each = &link->requests[tag];
    if (!each->used && each->deadline && each->deadline < first) first = each->deadline;
  }
  return first;
}

/* --- deadlines --- */

static void lower_deadline(pcie_link *link, uint64_t deadline) {
  if (deadline < link->next_deadline) link->next_deadline = deadline;
}

/* The clock as it was at its last tick: costs a fifth of the exact one. A tick is added, so that no limit
 * is early. */
static uint64_t coarse_clock(void) {
  enum { TICK = 10000000 };
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec + TICK;
}

void link_note_sent(pcie_link *link, link_request *each, uint64_t timeout) {
  link->sent_at = coarse_clock();
  each->deadline = timeout == UINT64_MAX ? UINT64_MAX : link->sent_at + timeout;
  lower_deadline(link, each->deadline);
}

/* When a transfer in the queue ends, for want of room or of a tag. As long as requests are sent, those in
 * front of its own too, it only has to wait for its turn. */
static uint64_t limit_in_queue(const pcie_link *link, const link_transfer *each) {
  uint64_t since = each->queued_at > link->sent_at ? each->queued_at : link->sent_at;
  return each->timeout == UINT64_MAX ? UINT64_MAX : since + each->timeout;
}

/* For a transfer that has to stay in the queue: there is something to wake for. */
static void note_queued(pcie_link *link, link_transfer *each) {
  each->queued_at = coarse_clock();
  lower_deadline(link, limit_in_queue(link, each));
  if (link->tags_used < tag_count(link)) lower_deadline(link, end_of_rest(link));
}

static uint64_t find_deadline(const pcie_link *link) {
  uint64_t first = link->first == LINK_NONE ? UINT64_MAX : end_of_rest(link);
  for (int tag = 0; tag < LINK_TAGS; tag++) {
    const link_request *each = &link->requests[tag];
    if (each->used && each->deadline < first) first = each->deadline;
  }
  for (int index = link->first; index != LINK_NONE; index = link->transfers[index].next) {
    uint64_t limit = limit_in_queue(link, &link->transfers[index]);
    if (limit < first) first = limit;
  }
  return first;
}

/* --- sending --- */

/* Sends the next request of the first transfer; E_EMPTY without a tag for it, E_FULL in a full ring. */
static int send_next(pcie_link *link) {
  int index = link->first;
  link_transfer *each = &link->transfers[index];
  uint32_t limit = link->function.max_read_request, piece = limit - (uint32_t)(each->address & (limit - 1));
  if (piece > each->left) piece = (uint32_t)each->left;
  int tag = take_tag(link);
  if (tag == LINK_NONE) {
    link->end.wants_room = 0; /* room is of no use without a tag: no news of it */
    return PCIE_LINK_E_EMPTY;
  }
  int error = link_push_memory(link, TLP_MEMORY_READ, (uint8_t)tag, each->address, piece, NULL, 0);
  if (error) {
    link->requests[tag].used = 0;
    link->tags_used--;
    return error;
  }
  link_request *sent = &link->requests[tag];
  sent->into = each->buffer;
  sent->bytes = piece;
  sent->lower_address = (uint32_t)(each->address & 0x7f);
  sent->transfer = (int16_t)index;
  sent->is_config = 0;
  link_note_sent(link, sent, each->timeout);
  each->address += piece;
  each->buffer += piece;
  each->left -= piece;
  each->outstanding++;
  return PCIE_LINK_OK;
}

void link_send_requests(pcie_link *link) {
  while (link->first != LINK_NONE) {
    int index = link->first;
    if (link->transfers[index].left && send_next(link) != PCIE_LINK_OK) return;
    if (link->transfers[index].left) continue;
    dequeue_first(link);
    link->depth++; /* callbacks are handlers */
    settle(link, index);
    link->depth--;
  }
}

int link_read_start(pcie_link *link, uint64_t address, void *buffer, size_t bytes, uint64_t timeout,
                    pcie_link_done *done, void *context) {
  int index = take_transfer(link);
  if (index < 0) return index;
  link_transfer *each = &link->transfers[index];
  each->address = address;
  each->buffer = (uint8_t *)buffer;
  each->left = bytes;
  each->timeout = timeout;
  each->done = done;
  each->context = context;
  enqueue(link, index);
  link_send_requests(link);
  if (each->queued) note_queued(link, each);
  return index;
}

/* Takes a tag, and serves the other side until there is one. */
static int await_tag(pcie_link *link) {
  uint64_t limit = link_deadline(link, PCIE_LINK_DEFAULT);
  int tag;
  while ((tag = take_tag(link)) == LINK_NONE) {
    if (pcie_link_clock() >= limit) return link_fail(link, PCIE_LINK_E_TIMEOUT, "no tag became free");
    uint64_t until = end_of_rest(link);
    if (link->next_deadline < until) until = link->next_deadline;
    int served = link_serve_until(link, limit < until ? limit : until, NULL);
    if (served < 0) return served;
    link_expire(link);
  }
  return tag;
}

int link_config_start(pcie_link *link, int kind, uint16_t target, uint32_t offset, uint32_t bytes,
                      uint8_t *data) {
  int tag = await_tag(link);
  if (tag < 0) return tag;
  int index = take_transfer(link);
  if (index < 0) {
    link->requests[tag].used = 0;
    link->tags_used--;
    return index;
  }
  link_request *sent = &link->requests[tag];
  int is_write = kind & TLP_DATA;
  sent->into = is_write ? NULL : data;
  sent->bytes = is_write ? 0 : 4;
  sent->lower_address = 0;
  sent->transfer = (int16_t)index;
  sent->is_config = 1;
  link->transfers[index].outstanding = 1;
  link_note_sent(link, sent, link->completion_timeout);
  uint8_t header[TLP_HEADER_MAX];
  uint32_t size =
      tlp_config(header, kind, link->function.requester_id, (uint8_t)tag, target, offset, bytes);
  int error =
      link_push(link, PCIE_LINK_RECORD_TLP, header, size, data, is_write ? 4 : 0, link->completion_timeout);
  if (error == PCIE_LINK_OK) return index;
  if (sent->used && sent->transfer == index) free_tag(link, sent, 0);
  link->transfers[index].used = 0;
  return error;
}

/* --- completing --- */

static int error_of(int status) {
  switch (status) {
  case TLP_STATUS_UR:
    return PCIE_LINK_E_UR;
  case TLP_STATUS_CRS:
    return PCIE_LINK_E_CRS;
  case TLP_STATUS_CA:
    return PCIE_LINK_E_CA;
  default:
    return PCIE_LINK_E_UR; /* reserved values count as Unsupported Request: 2.3.2 */
  }
}

/* Stores the data of a successful completion. Gives an error when it does not continue the request. */
static int store(link_request *each, const tlp *completion) {
  if (!each->bytes) return completion->data ? PCIE_LINK_E_POISONED : PCIE_LINK_OK;
  if (!completion->data) return PCIE_LINK_E_POISONED;
  uint32_t offset = each->lower_address & 3, piece = completion->length * 4 - offset;
  if (completion->byte_count != each->bytes || completion->lower_address != (each->lower_address & 0x7f))
    return PCIE_LINK_E_POISONED;
  if (piece > each->bytes) piece = each->bytes;
  memcpy(each->into, completion->data + offset, piece);
  each->into += piece;
  each->lower_address += piece;
  each->bytes -= piece;
  return completion->poisoned ? PCIE_LINK_E_POISONED : PCIE_LINK_OK;
}

void link_complete(pcie_link *link, const tlp *completion) {
  link_request *each = &link->requests[completion->tag];
  if (!each->used || completion->requester != link->function.requester_id || completion->second & 0x88) {
    if (!each->used) each->deadline = 0; /* the late completion has come: the tag is free again */
    link->counters.unexpected_completions++;
    return;
  }
  int index = each->transfer;
  int error = completion->status == TLP_STATUS_SC ? store(each, completion) : error_of(completion->status);
  if (error) fail_transfer(link, index, error);
  if (!error && each->bytes) return;
  free_tag(link, each, 0);
  settle(link, index);
}

/* Takes out of the queue what has nothing to send any more, or has waited too long. */
static void clear_queue(pcie_link *link, uint64_t now) {
  int index = link->first;
  link->first = link->last = LINK_NONE;
  while (index != LINK_NONE) {
    link_transfer *each = &link->transfers[index];
    int next = each->next;
    if (each->left && limit_in_queue(link, each) <= now) {
      link->counters.timeouts++;
      fail_transfer(link, index, PCIE_LINK_E_TIMEOUT);
    }
    each->queued = 0;
    if (each->left) enqueue(link, index);
    index = next;
  }
}

/* Callbacks come last: they may start reads, and wait. */
void link_expire(pcie_link *link) {
  if (link->next_deadline == UINT64_MAX) return;
  uint64_t now = pcie_link_clock();
  if (now < link->next_deadline) return;
  for (int tag = 0; tag < LINK_TAGS; tag++) {
    link_request *each = &link->requests[tag];
    if (each->deadline > now) continue;
    if (each->used) {
      link->counters.timeouts++;
      fail_transfer(link, each->transfer, PCIE_LINK_E_TIMEOUT);
      free_tag(link, each, now + 8 * link->completion_timeout);
    } else {
      each->deadline = 0;
    }
  }
  clear_queue(link, now);
  link->next_deadline = find_deadline(link);
  link->depth++;
  settle_all(link);
  link->depth--;
  link_send_requests(link);
}

void link_fail_all(pcie_link *link, int error, int rests) {
  uint64_t limit = rests ? pcie_link_clock() + link->completion_timeout : 0;
  for (int index = link->first; index != LINK_NONE; index = link->transfers[index].next)
    fail_transfer(link, index, error);
  clear_queue(link, 0);
  for (int tag = 0; tag < LINK_TAGS; tag++) {
    link_request *each = &link->requests[tag];
    if (!each->used) continue;
    fail_transfer(link, each->transfer, error);
    free_tag(link, each, each->deadline < limit ? each->deadline : limit);
  }
  link->next_deadline = UINT64_MAX;
  settle_all(link);
}

int link_await(pcie_link *link, int index) {
  link_transfer *each = &link->transfers[index];
  while (!each->finished) {
    int served = link_serve_until(link, link->next_deadline, &each->finished);
    if (served >= 0) link_expire(link); /* else the link is broken, and has ended every link_transfer */
  }
  int status = each->status;
  each->used = 0;
  return status;
}
