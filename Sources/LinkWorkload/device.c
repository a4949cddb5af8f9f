/* A device that reads and writes host memory. */
#define _GNU_SOURCE
#include "workload.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TRANSFER_BYTES = 4096, TRANSFERS = 32, HOST_ADDRESS = 0x10000, BAR_BYTES = 4096 };

static uint8_t buffers[TRANSFERS][TRANSFER_BYTES];
static unsigned pending;

static int read_bar(void *context, pcie_link *link, int bar, uint64_t offset, void *data, uint32_t bytes) {
  (void)context;
  (void)link;
  (void)bar;
  (void)offset;
  memset(data, 0, bytes);
  return PCIE_LINK_OK;
}

/* Answers with the time, and is dead when the answer is on its way. */
static int read_and_die(void *context, pcie_link *link, int bar, uint64_t offset, void *data,
                        uint32_t bytes) {
  (void)context;
  (void)bar;
  uint64_t time = now();
  memcpy(data, (uint8_t *)&time + offset % sizeof time, bytes < sizeof time ? bytes : sizeof time);
  pcie_link_stop(link);
  return PCIE_LINK_OK;
}

static pcie_link *join(int (*read)(void *, pcie_link *, int, uint64_t, void *, uint32_t)) {
  pcie_link_description description = {.vendor_id = 0x1234, .device_id = 1, .max_payload = 512};
  description.bars[0].bytes = BAR_BYTES;
  description.bars[0].kind = PCIE_LINK_BAR_MEMORY32;
  description.bars[1] = description.bars[0];
  pcie_link_options options = {.role = PCIE_LINK_DEVICE, .description = &description};
  options.device.read = read;
  pcie_link *link = NULL;
  int error = pcie_link_open(NULL, &options, &link);
  check(link, "open", error);
  return link;
}

/* Room for the largest request, so that a transfer is one. */
pcie_link *device_open(void) {
  pcie_link *link = join(read_bar);
  while (!pcie_link_settings(link)->bus_master || pcie_link_settings(link)->max_read_request < TRANSFER_BYTES)
    check(link, "wait", pcie_link_wait(link, 10000));
  return link;
}

static void reads(pcie_link *link, unsigned steps) {
  uint32_t value;
  for (unsigned i = 0; i < steps; i++)
    check(link, "read", pcie_link_read(link, HOST_ADDRESS, &value, sizeof value, PCIE_LINK_DEFAULT));
}

void device_reads(unsigned rounds) {
  pcie_link *link = device_open();
  yardstick_open(RING);
  measure_rounds(link, reads, 1000, rounds);
  yardstick_close();
  pcie_link_close(link);
}

static void ended(void *context, pcie_link *link, int status) {
  (void)context;
  check(link, "read", status);
  pending--;
}

static void from_host(pcie_link *link, unsigned steps) {
  for (unsigned i = 0; i < steps; i++) {
    while (pending == TRANSFERS) check(link, "poll", pcie_link_poll(link));
    check(link, "read",
          pcie_link_read_start(link, HOST_ADDRESS + i % TRANSFERS * TRANSFER_BYTES, buffers[i % TRANSFERS],
                               TRANSFER_BYTES, PCIE_LINK_DEFAULT, ended, NULL));
    pending++;
  }
  while (pending > 0) check(link, "poll", pcie_link_poll(link));
}

static void to_host(pcie_link *link, unsigned steps) {
  for (unsigned i = 0; i < steps; i++)
    check(link, "write",
          pcie_link_write(link, HOST_ADDRESS + i % TRANSFERS * TRANSFER_BYTES, buffers[i % TRANSFERS],
                          TRANSFER_BYTES));
  reads(link, 1);
}

void device_transfers(int is_to_host, unsigned rounds) {
  pcie_link *link = device_open();
  yardstick_open(COPIES);
  measure_rounds(link, is_to_host ? to_host : from_host, 128, rounds);
  yardstick_close();
  pcie_link_close(link);
}

void device_serves(void) {
  pcie_link *link = join(read_bar);
  pcie_link_run(link);
  pcie_link_close(link);
}

void device_dies(void) {
  pcie_link *link = join(read_and_die);
  pcie_link_run(link);
  kill(getpid(), SIGKILL);
}
