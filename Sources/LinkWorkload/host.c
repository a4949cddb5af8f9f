/* A host that reads and writes the memory of a model. */
#define _GNU_SOURCE
#include "workload.h"
#include <stdio.h>
#include <stdlib.h>

static uint64_t address;

pcie_link *host_open(pcie_link_found *found) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  pcie_link *link = NULL;
  int error = pcie_link_open(NULL, &options, &link);
  check(link, "open", error);
  if (check(link, "enumerate", pcie_link_enumerate(link, found, 1)) != 1) {
    fprintf(stderr, "no function behind the link\n");
    exit(1);
  }
  return link;
}

static void reads(pcie_link *link, unsigned steps) {
  uint32_t value;
  for (unsigned i = 0; i < steps; i++)
    check(link, "read", pcie_link_read(link, address, &value, sizeof value, PCIE_LINK_DEFAULT));
}

/* The read at the end waits until the last write has arrived. */
static void writes(pcie_link *link, unsigned steps) {
  uint32_t value = 0x12345678;
  for (unsigned i = 0; i < steps; i++)
    check(link, "write", pcie_link_write(link, address + i % 256 * 4, &value, sizeof value));
  reads(link, 1);
}

void host_reads(enum yardstick yardstick, unsigned rounds) {
  pcie_link_found found;
  pcie_link *link = host_open(&found);
  address = found.addresses[1];
  yardstick_open(yardstick);
  measure_rounds(link, reads, 1000, rounds);
  yardstick_close();
  pcie_link_close(link);
}

void host_writes(unsigned rounds) {
  pcie_link_found found;
  pcie_link *link = host_open(&found);
  address = found.addresses[1];
  yardstick_open(STREAM);
  measure_rounds(link, writes, 4096, rounds);
  yardstick_close();
  pcie_link_close(link);
}

/* The end of a program at the other end: reports the time from its last deed to the news. */
static uint64_t heard;

static void hear(void *context, pcie_link *link, int state) {
  (void)context;
  (void)link;
  if (state == PCIE_LINK_STATE_DOWN && heard == 0) heard = now();
}

void host_awaits_death(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST, .state = hear};
  pcie_link *link = NULL;
  int error = pcie_link_open(NULL, &options, &link);
  check(link, "open", error);
  pcie_link_found found;
  check(link, "enumerate", pcie_link_enumerate(link, &found, 1));
  uint64_t died;
  check(link, "read", pcie_link_read(link, found.addresses[0], &died, sizeof died, PCIE_LINK_DEFAULT));
  while (heard == 0) check(link, "wait", pcie_link_wait(link, 10000));
  report("%.12g\n", (double)(heard - died) / 1e9);
  pcie_link_close(link);
}

/* Joins and leaves. Until the broker listens again nobody is there, which counts as its time. */
void host_joins(const char *url, unsigned times) {
  for (unsigned i = 0; i < times; i++) {
    uint64_t begun = now();
    pcie_link_options options = {.role = PCIE_LINK_HOST};
    pcie_link *link;
    int error;
    while ((error = pcie_link_open(url, &options, &link)) < 0 && now() - begun < 5000000000u)
      pcie_link_close(link);
    check(link, "open", error);
    pcie_link_close(link);
    report("%.12g\n", (double)(now() - begun) / 1e9);
  }
}
