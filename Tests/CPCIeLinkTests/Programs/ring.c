/* The rings: order, wrapping, room, and a peer that writes whatever it likes into them. */
#include "check.h"
#include "pcie_link_broker.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static uint8_t sent[PCIE_LINK_BODY_MAX], seen[PCIE_LINK_BODY_MAX];
static pcie_link_record record;

static uint32_t next(uint32_t *seed) { return *seed = *seed * 1664525u + 1013904223u; }

/* A region with both ends, the program's in `program`. */
static void open_both(pcie_link_region *region, pcie_link_end *program) {
  CHECK_EQUAL(pcie_link_region_create(region, 256), PCIE_LINK_OK);
  pcie_link_end_open(program, region->memory, 256, PCIE_LINK_TO_BROKER);
}

static int push(pcie_link_end *end, uint32_t bytes) {
  return pcie_link_push(end, PCIE_LINK_RECORD_TLP, 0, 7, sent, 12, sent + 12, bytes - 12);
}

/* Records of all sizes in one order, in bursts, as a model of what is in flight says. */
static void keeps_order(void) {
  pcie_link_region region;
  pcie_link_end program;
  enum { FLIGHT = 512 };
  uint32_t sizes[FLIGHT], seed = 1;
  unsigned long pushed = 0, popped = 0;
  open_both(&region, &program);
  for (int step = 0; step < 300000; step++) {
    uint32_t chance = next(&seed) >> 8;
    if (chance & 1) {
      uint32_t bytes = 12 + 4 * ((chance >> 4) % (chance & 2 ? 1031 : 12));
      memset(sent, (int)(pushed & 255), bytes);
      int error = push(&program, bytes);
      if (error == PCIE_LINK_OK) sizes[pushed++ % FLIGHT] = bytes;
      if (error != PCIE_LINK_OK) CHECK_EQUAL(error, PCIE_LINK_E_FULL);
      if (chance & 4 || error) pcie_link_publish(&program);
    } else {
      int got = pcie_link_pop(&region.end, &record, seen);
      CHECK(got >= 0);
      if (!got) continue;
      CHECK_EQUAL(record.bytes, sizes[popped % FLIGHT]);
      CHECK(seen[0] == (popped & 255) && seen[record.bytes - 1] == (popped & 255) && record.time == 7);
      popped++;
    }
  }
  CHECK(popped > 50000);
  pcie_link_region_destroy(&region);
}

/* A ring that is full takes nothing, and takes again what was given back. */
static void tells_when_it_is_full(void) {
  pcie_link_region region;
  pcie_link_end program;
  open_both(&region, &program);
  for (int index = 0; index < 255; index++) CHECK_EQUAL(push(&program, 12), PCIE_LINK_OK);
  CHECK_EQUAL(push(&program, 12), PCIE_LINK_E_FULL);
  CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 0); /* none is published */
  pcie_link_publish(&program);
  CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 1);
  CHECK_EQUAL(push(&program, 12), PCIE_LINK_E_FULL); /* one slot is no lot */
  for (int index = 1; index < PCIE_LINK_RETURN_SLOTS; index++)
    CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 1);
  CHECK_EQUAL(push(&program, 12), PCIE_LINK_OK);
  CHECK_EQUAL(push(&program, PCIE_LINK_BODY_MAX + 4), PCIE_LINK_E_ARGUMENT);
  pcie_link_region_destroy(&region);
}

/* Counters wrap around 32 bits. */
static void counters_wrap(void) {
  pcie_link_region region;
  pcie_link_end program;
  open_both(&region, &program);
  uint32_t near = UINT32_MAX - 100;
  near &= ~255u;
  program.tail = program.published = program.out_head = program.cleaned = near;
  region.end.head = region.end.returned = program.out->head = near;
  for (int index = 0; index < 1000; index++) {
    CHECK_EQUAL(push(&program, 100), PCIE_LINK_OK);
    pcie_link_publish(&program);
    CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 1);
  }
  pcie_link_region_destroy(&region);
}

/* --- hostile peers --- */

/* Takes so many records, and then what the program has written by hand. */
static int forged(uint8_t kind, uint16_t bytes, uint32_t sequence, uint32_t at) {
  pcie_link_region region;
  pcie_link_end program;
  open_both(&region, &program);
  for (uint32_t index = 0; index < at; index++) {
    push(&program, 12);
    pcie_link_publish(&program);
    pcie_link_pop(&region.end, &record, seen);
  }
  pcie_link_record head = {kind, 0, bytes, sequence, 0};
  memset(program.out_slots + (size_t)at * 64, 0, 64);
  memcpy(program.out_slots + (size_t)at * 64, &head, sizeof head);
  int result = pcie_link_pop(&region.end, &record, seen);
  if (result < 0) CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), result); /* and it stays so */
  pcie_link_region_destroy(&region);
  return result;
}

static void refuses_forged_records(void) {
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 12, 1, 0), 1);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 12, 0, 0), 0); /* another place's, so none */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 12, 257, 0), 0);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 8, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 14, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, PCIE_LINK_BODY_MAX + 4, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 65532, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_TLP, 1036, 251, 250), PCIE_LINK_E_RECORD); /* over the end */
  CHECK_EQUAL(forged(0, 12, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(200, 12, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_SKIP, 0, 1, 0), PCIE_LINK_E_RECORD);  /* a whole ring */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_SKIP, 0, 6, 5), 0);                   /* with nothing behind it yet */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_STATE, 4, 1, 0), PCIE_LINK_E_RECORD); /* not a program's to say */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_FUNCTION, sizeof(pcie_link_function), 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_INTERRUPT, 8, 1, 0), PCIE_LINK_E_RECORD); /* of kind 0 */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_INTERRUPT, 12, 1, 0), PCIE_LINK_E_RECORD);
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_SKIP + 1, 128, 1, 0), PCIE_LINK_E_RECORD); /* of no kind */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_GOODBYE, 5, 1, 0), PCIE_LINK_E_RECORD);       /* with zero bytes */
  CHECK_EQUAL(forged(PCIE_LINK_RECORD_GOODBYE, 0, 1, 0), 1);
}

/* Two skips in a row, of a ring's end and of its beginning, could go round for ever. */
static void refuses_skips_without_end(void) {
  pcie_link_region region;
  pcie_link_end program;
  open_both(&region, &program);
  region.end.head = region.end.returned = 255;
  pcie_link_record head = {PCIE_LINK_RECORD_SKIP, 0, 0, 256, 0};
  memcpy(program.out_slots + (size_t)255 * 64, &head, sizeof head);
  head.sequence = 257;
  memcpy(program.out_slots, &head, sizeof head);
  CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), PCIE_LINK_E_RECORD);
  pcie_link_region_destroy(&region);
}

/* Payload that looks like the next record, in every slot that a long body fills, is never taken for one. */
static void payload_is_no_record(void) {
  pcie_link_region region;
  pcie_link_end program;
  open_both(&region, &program);
  for (uint32_t round = 0; round < 2000; round++) {
    uint32_t bytes = 12 + 4 * (round * 37 % 1000), slots = pcie_link_slots_for(bytes), at = program.tail;
    uint32_t left = 256 - (at & 255);
    if (left < slots) at += left;
    for (uint32_t slot = 1; slot < slots; slot++) { /* what would stand in the same place one round later */
      pcie_link_record fake = {PCIE_LINK_RECORD_TLP, 0, 12, at + slot + 256 + 1, 0};
      uint32_t place = 48 + 64 * (slot - 1),
               fits = bytes - place < sizeof fake ? bytes - place : sizeof fake;
      memcpy(sent + place, &fake, fits);
    }
    CHECK_EQUAL(push(&program, bytes), PCIE_LINK_OK);
    pcie_link_publish(&program);
    CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 1);
    CHECK_EQUAL(record.bytes, bytes);
    CHECK_EQUAL(pcie_link_pop(&region.end, &record, seen), 0);
  }
  pcie_link_region_destroy(&region);
}

/* A consumer that gives back what it never got, or takes back what it gave. */
static void refuses_forged_heads(void) {
  const uint32_t heads[] = {256, 1000, UINT32_MAX, 1u << 31};
  for (size_t index = 0; index < sizeof heads / sizeof *heads; index++) {
    pcie_link_region region;
    pcie_link_end program;
    open_both(&region, &program);
    for (int count = 0; count < 255; count++) CHECK_EQUAL(push(&region.end, 12), PCIE_LINK_OK);
    pcie_link_publish(&region.end);
    region.end.out->head = heads[index];
    CHECK_EQUAL(push(&region.end, 12), PCIE_LINK_E_COUNTER);
    CHECK_EQUAL(push(&region.end, 12), PCIE_LINK_E_COUNTER);
    pcie_link_region_destroy(&region);
  }
}

/* Shared memory full of chance: errors at most, and never without end. */
static void survives_chance(void) {
  uint32_t seed = 99;
  for (int round = 0; round < 3000; round++) {
    pcie_link_region region;
    pcie_link_end program;
    open_both(&region, &program);
    uint32_t *words = (uint32_t *)region.memory;
    for (size_t index = 1024; index < region.bytes / 4; index += 1 + next(&seed) % 64)
      words[index] = next(&seed);
    for (uint32_t index = 0; index < 256; index++) { /* most slots get past the first check */
      uint32_t sequence = index + 1;
      if (next(&seed) % 8) memcpy(program.out_slots + (size_t)index * 64 + 4, &sequence, 4);
    }
    for (uint32_t index = 0; index < 256; index++) program.out_slots[(size_t)index * 64] = next(&seed) % 9;
    for (int count = 0; count < 600; count++) {
      if (pcie_link_pop(&region.end, &record, seen) <= 0) break;
      CHECK(count < 300);
    }
    push(&region.end, 12 + 4 * (next(&seed) % 1000));
    pcie_link_region_destroy(&region);
  }
}

/* The program cannot shrink, grow or unseal what the broker reads. */
static void memory_keeps_its_size(void) {
  pcie_link_region region;
  CHECK_EQUAL(pcie_link_region_create(&region, 256), PCIE_LINK_OK);
  CHECK(ftruncate(region.descriptor, 4096) < 0 && errno == EPERM);
  CHECK(ftruncate(region.descriptor, 1 << 20) < 0 && errno == EPERM);
  CHECK(fcntl(region.descriptor, 1033 /* F_ADD_SEALS */, 0x10) < 0 && errno == EPERM);
  pcie_link_region_destroy(&region);
  pcie_link_region_destroy(&region); /* harmless */
  CHECK_EQUAL(pcie_link_region_create(&region, 100), PCIE_LINK_E_ARGUMENT);
  CHECK_EQUAL(pcie_link_region_create(&region, 128), PCIE_LINK_E_ARGUMENT);
  CHECK_EQUAL(pcie_link_region_create(&region, 1 << 20), PCIE_LINK_E_ARGUMENT);
}

/* A doorbell that the program made to block, and emptied, does not block the broker. */
static void doorbell_never_blocks(void) {
  pcie_link_region region;
  CHECK_EQUAL(pcie_link_region_create(&region, 256), PCIE_LINK_OK);
  CHECK(fcntl(region.doorbell, F_SETFL, 0) == 0);
  pcie_link_doorbell_clear(region.doorbell);
  uint64_t one = 1;
  CHECK(write(region.doorbell, &one, sizeof one) == sizeof one);
  pcie_link_doorbell_clear(region.doorbell);
  CHECK(fcntl(region.doorbell, F_SETFL, O_NONBLOCK) == 0);
  CHECK(read(region.doorbell, &one, sizeof one) < 0 && errno == EAGAIN);
  pcie_link_region_destroy(&region);
}

static void hints_are_found_once(void) {
  pcie_link_hints hints;
  CHECK_EQUAL(pcie_link_hints_create(&hints), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_hints_next(&hints, 0, 64), 64);
  const uint32_t set[] = {0, 5, 31, 63};
  for (int index = 0; index < 4; index++) hints.bytes[set[index]] = 1;
  uint32_t from = 0;
  for (int index = 0; index < 4; index++, from++) {
    from = pcie_link_hints_next(&hints, from, 64);
    CHECK_EQUAL(from, set[index]);
  }
  CHECK_EQUAL(pcie_link_hints_next(&hints, 0, 64), 64);
  hints.bytes[70] = 1;
  CHECK_EQUAL(pcie_link_hints_next(&hints, 0, 70), 70);
  CHECK_EQUAL(hints.bytes[70], 1);
  pcie_link_hints_destroy(&hints);
}

/* Spinning ends when it does not help, and is tried again. */
static void spinning_adapts(void) {
  pcie_link_spin spin;
  pcie_link_spin_open(&spin, 1);
  CHECK(spin.bound > 0);
  CHECK(pcie_link_processors() >= 1);
  for (int index = 0; index < 32; index++) pcie_link_spin_ended(&spin, 1);
  CHECK(spin.bound > 0);
  pcie_link_spin_ended(&spin, 1);
  CHECK_EQUAL(spin.bound, 0);
  for (int index = 33; index < 1023; index++) pcie_link_spin_ended(&spin, 1);
  CHECK_EQUAL(spin.bound, 0);
  pcie_link_spin_ended(&spin, 1);
  CHECK(spin.bound > 0);
  for (int index = 0; index < 1000; index++) pcie_link_spin_ended(&spin, index % 3 == 0);
  CHECK(spin.bound > 0);
  /* What ended awake and was noted only counts like the rest. */
  pcie_link_spin_open(&spin, 1);
  for (int index = 0; index < 32; index++) pcie_link_spin_ended(&spin, 1);
  for (int index = 0; index < 32; index++) pcie_link_spin_hit(&spin);
  for (int index = 0; index < 32; index++) pcie_link_spin_ended(&spin, 1);
  CHECK(spin.bound > 0);
  CHECK_EQUAL(spin.asleep, 32);
  pcie_link_spin_ended(&spin, 1);
  CHECK_EQUAL(spin.bound, 0);
  pcie_link_spin_open(&spin, 1);
  for (int index = 0; index < 32; index++) pcie_link_spin_ended(&spin, 1);
  for (int index = 0; index < 100; index++) pcie_link_spin_hit(&spin);
  pcie_link_spin_ended(&spin, 1);
  CHECK_EQUAL(spin.asleep, 1);
  /* Without spinning it counts the waits until it is tried again. */
  for (int index = 0; index < 33; index++) pcie_link_spin_ended(&spin, 1);
  CHECK_EQUAL(spin.bound, 0);
  for (int index = 0; index < 1024; index++) pcie_link_spin_hit(&spin);
  CHECK(spin.bound > 0);
  pcie_link_spin_open(&spin, 1 << 20);
  CHECK_EQUAL(spin.bound, 0);
}

int main(void) {
  keeps_order();
  tells_when_it_is_full();
  counters_wrap();
  refuses_forged_records();
  refuses_skips_without_end();
  payload_is_no_record();
  refuses_forged_heads();
  survives_chance();
  memory_keeps_its_size();
  doorbell_never_blocks();
  hints_are_found_once();
  spinning_adapts();
  puts("ring: passed");
  return 0;
}
