/* Sleeping at the rings. Usage: wakeup product|mutant|stress
 *
 * product: a producer that is late between its look at the waiter word and its wake does not make the
 *          consumer miss the next record.
 * mutant:  the same with a producer that clears the waiter word, as is often done: the consumer has to sleep
 *          on, or this program could not find such a fault.
 * stress:  two threads that sleep at every chance, by futex on one side and by doorbell on the other, in full
 *          and in empty rings. For the thread sanitizer. */
#define _GNU_SOURCE
#include "check.h"
#include "pcie_link_broker.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

static const uint64_t SECOND = 1000000000u;
static pcie_link_region region;
static pcie_link_end program;
static uint8_t sent[16], seen[PCIE_LINK_BODY_MAX];
static pcie_link_record record;

static void open_both(void) {
  CHECK_EQUAL(pcie_link_region_create(&region, 256), PCIE_LINK_OK);
  pcie_link_end_open(&program, region.memory, 256, PCIE_LINK_TO_BROKER);
  program.doorbell = region.doorbell;
}

/* --- the late producer --- */

static uint64_t limit, slept;
static pid_t sleeper;

static void *sleep_once(void *nothing) {
  __atomic_store_n(&sleeper, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
  uint64_t start = pcie_link_clock();
  pcie_link_sleep(&program, limit);
  slept = pcie_link_clock() - start;
  return nothing;
}

/* Waits until the other thread sleeps in the kernel. */
static void until_asleep(void) {
  char path[64], text[256];
  for (;;) {
    pid_t thread = __atomic_load_n(&sleeper, __ATOMIC_SEQ_CST);
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    int file = thread ? open(path, O_RDONLY) : -1;
    ssize_t count = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    text[count > 0 ? count : 0] = 0;
    char *state = strrchr(text, ')');
    if (state && state[2] == 'S') return;
    poll(NULL, 0, 1);
  }
}

/* The program consumes, the broker produces and is late. */
static void late_producer(int clears) {
  pthread_t consumer;
  open_both();
  pcie_link_arm(&program, PCIE_LINK_ON_FUTEX);
  CHECK_EQUAL(pcie_link_ready(&program), 0);
  CHECK_EQUAL(pcie_link_push(&region.end, PCIE_LINK_RECORD_TLP, 0, 0, sent, 12, NULL, 0), PCIE_LINK_OK);
  uint32_t *futex = NULL, word = pcie_link_publish_quietly(&region.end, &futex);
  CHECK(word != 0); /* here the producer is held up */
  CHECK_EQUAL(pcie_link_pop(&program, &record, seen), 1);
  pcie_link_disarm(&program);
  pcie_link_arm(&program, PCIE_LINK_ON_FUTEX);
  CHECK_EQUAL(pcie_link_ready(&program), 0);
  if (clears) __atomic_store_n(&region.end.out->consumer_waits, PCIE_LINK_AWAKE, __ATOMIC_SEQ_CST);
  pcie_link_wake(&region.end, word, futex); /* nobody sleeps yet */
  limit = clears ? SECOND / 2 : 60 * SECOND;
  CHECK(pthread_create(&consumer, NULL, sleep_once, NULL) == 0);
  until_asleep();
  CHECK_EQUAL(pcie_link_push(&region.end, PCIE_LINK_RECORD_TLP, 0, 0, sent, 12, NULL, 0), PCIE_LINK_OK);
  pcie_link_publish(&region.end);
  CHECK(pthread_join(consumer, NULL) == 0);
  CHECK_EQUAL(pcie_link_ready(&program), 1);
  CHECK_EQUAL(slept >= limit, clears); /* the mutant's consumer is woken by its limit only */
  pcie_link_region_destroy(&region);
}

/* --- stress --- */

enum { RECORDS = 20000 };

/* Sleeps without a spin, by futex or by doorbell; a sleep that reaches its limit has been forgotten. */
static void sleep_for_record(pcie_link_end *end, int doorbell) {
  uint64_t start = pcie_link_clock();
  for (;;) {
    pcie_link_arm(end, doorbell < 0 ? PCIE_LINK_ON_FUTEX : PCIE_LINK_ON_DOORBELL);
    if (pcie_link_ready(end)) break;
    CHECK(pcie_link_clock() - start < 20 * SECOND);
    struct pollfd bell = {.fd = doorbell, .events = POLLIN};
    if (doorbell < 0) {
      pcie_link_sleep(end, 30 * SECOND);
    } else {
      poll(&bell, 1, 30000);
      pcie_link_doorbell_clear(doorbell);
    }
  }
  pcie_link_disarm(end);
}

static void send_record(pcie_link_end *end, uint32_t number) {
  uint32_t words[4] = {number, number, number, number};
  while (pcie_link_push(end, PCIE_LINK_RECORD_TLP, 0, 0, words, 12 + 4 * (number & 1), NULL, 0) ==
         PCIE_LINK_E_FULL) {
    pcie_link_publish(end);
    pcie_link_arm_room(end, PCIE_LINK_ON_FUTEX);
    uint64_t start = pcie_link_clock();
    if (pcie_link_room(end, 1) == PCIE_LINK_E_FULL) pcie_link_sleep_room(end, 30 * SECOND);
    CHECK(pcie_link_clock() - start < 20 * SECOND);
    pcie_link_disarm_room(end);
  }
}

static void take_record(pcie_link_end *end, uint32_t number, int doorbell) {
  uint8_t body[PCIE_LINK_BODY_MAX];
  pcie_link_record head;
  int got;
  while ((got = pcie_link_pop(end, &head, body)) == 0) sleep_for_record(end, doorbell);
  uint32_t first;
  memcpy(&first, body, sizeof first);
  CHECK_EQUAL(got, 1);
  CHECK_EQUAL(first, number);
}

/* Answers each record, and then takes a flood. */
static void *broker(void *nothing) {
  pcie_link_end *end = &region.end;
  for (uint32_t number = 0; number < RECORDS; number++) {
    take_record(end, number, region.doorbell);
    send_record(end, number);
    pcie_link_publish(end);
  }
  for (uint32_t number = 0; number < 10 * RECORDS; number++) {
    take_record(end, number, region.doorbell);
    if (number % 5000 == 0) sched_yield();
  }
  return nothing;
}

static void stress(void) {
  pthread_t other;
  open_both();
  CHECK(pthread_create(&other, NULL, broker, NULL) == 0);
  for (uint32_t number = 0; number < RECORDS; number++) {
    send_record(&program, number);
    pcie_link_publish(&program);
    take_record(&program, number, -1);
  }
  for (uint32_t number = 0; number < 10 * RECORDS; number++) {
    send_record(&program, number);
    if (number % 7 == 0) pcie_link_publish(&program);
  }
  pcie_link_publish(&program);
  CHECK(pthread_join(other, NULL) == 0);
  pcie_link_region_destroy(&region);
}

int main(int count, char **words) {
  CHECK_EQUAL(count, 2);
  alarm(120);
  if (strcmp(words[1], "stress") == 0) {
    stress();
  } else {
    CHECK(strcmp(words[1], "product") == 0 || strcmp(words[1], "mutant") == 0);
    late_producer(words[1][0] == 'm');
  }
  printf("%s: passed\n", words[1]);
  return 0;
}
