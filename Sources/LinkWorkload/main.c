/* The workloads by name. */
#define _GNU_SOURCE
#include "workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
  const char *name = count > 1 ? arguments[1] : "";
  const char *path = count > 2 ? arguments[2] : "/dev/null";
  const char *third = count > 3 ? arguments[3] : "";
  unsigned number = (unsigned)atoi(third);
  report_open(path);
  if (strcmp(name, "nothing") == 0) return 0;
  else if (strcmp(name, "burns") == 0) burn();
  else if (strcmp(name, "host-reads") == 0) host_reads(RING, number);
  else if (strcmp(name, "host-reads-one-core") == 0) host_reads(YIELD, number);
  else if (strcmp(name, "host-reads-alone") == 0) host_reads(NONE, number);
  else if (strcmp(name, "host-writes") == 0) host_writes(number);
  else if (strcmp(name, "device-reads") == 0) device_reads(number);
  else if (strcmp(name, "device-to-host") == 0) device_transfers(1, number);
  else if (strcmp(name, "device-from-host") == 0) device_transfers(0, number);
  else if (strcmp(name, "device-idles") == 0) device_idles(number);
  else if (strcmp(name, "device-serves") == 0) device_serves();
  else if (strcmp(name, "device-dies") == 0) device_dies();
  else if (strcmp(name, "host-awaits-death") == 0) host_awaits_death();
  else if (strcmp(name, "host-joins") == 0) host_joins(third, 20);
  else if (strcmp(name, "vfio-reads") == 0) vfio_reads(count > 4 ? arguments[4] : "", number);
  else {
    fprintf(stderr, "no workload '%s'\n", name);
    return 64;
  }
  return 0;
}
