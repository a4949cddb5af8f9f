/* What the broker takes while nobody does anything. */
#define _GNU_SOURCE
#include "workload.h"
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

/* Processor time of another process in nanoseconds, and its resident memory in KiB. */
static uint64_t processor_time(pid_t pid) {
  char path[64];
  unsigned long long nanoseconds = 0;
  snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL || fscanf(file, "%llu", &nanoseconds) != 1) check(NULL, path, PCIE_LINK_E_SYSTEM);
  fclose(file);
  return nanoseconds;
}

static unsigned long resident(pid_t pid) {
  char path[64], line[256];
  unsigned long kibibytes = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) check(NULL, path, PCIE_LINK_E_SYSTEM);
  while (fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "VmRSS: %lu", &kibibytes) == 1) break;
  fclose(file);
  return kibibytes;
}

/* The broker is the parent: what it takes of a processor while nobody does anything. */
void device_idles(unsigned seconds) {
  pcie_link *link = device_open();
  pid_t broker = getppid();
  uint64_t used = processor_time(broker), begun = now();
  int error = pcie_link_wait(link, (int)seconds * 1000);
  if (error != PCIE_LINK_E_TIMEOUT) check(link, "idle", PCIE_LINK_E_RECORD);
  double passed = (double)(now() - begun);
  report("%.12g %lu\n", (double)(processor_time(broker) - used) / passed, resident(broker));
  pcie_link_close(link);
}
