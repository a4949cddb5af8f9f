/* A host of vfio-user that reads a register of a model, as QEMU does for its guest: one after the other. */
#define _GNU_SOURCE
#include "workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { VERSION = 1, REGION_READ = 9, REGION_WRITE = 10, CONFIGURATION = 7, ERROR = 32 };

struct header {
  uint16_t id, command;
  uint32_t bytes, flags, error;
};

struct access {
  struct header header;
  uint64_t offset;
  uint32_t region, count;
  uint8_t data[64];
};

static int device;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Sends a command and waits for its reply, which takes its place. */
static void ask(void *message, size_t room) {
  struct header *header = message;
  if (write(device, message, header->bytes) != (ssize_t)header->bytes) fail("write");
  ssize_t got = read(device, message, room);
  if (got < (ssize_t)sizeof *header || (size_t)got != header->bytes || header->flags & ERROR) fail("read");
}

static void access_region(uint16_t command, uint32_t region, uint64_t offset, uint32_t value) {
  struct access access = {{1, command, 32, 0, 0}, offset, region, sizeof value, {0}};
  if (command == REGION_WRITE) {
    access.header.bytes += sizeof value;
    memcpy(access.data, &value, sizeof value);
  }
  ask(&access, sizeof access);
}

static void reads(pcie_link *link, unsigned steps) {
  (void)link;
  for (unsigned i = 0; i < steps; i++) access_region(REGION_READ, 1, i % 256 * 4, 0);
}

void vfio_reads(const char *path, unsigned rounds) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  device = socket(AF_UNIX, SOCK_STREAM, 0);
  if (device < 0 || connect(device, (struct sockaddr *)&address, sizeof address) < 0) fail(path);
  struct {
    struct header header;
    uint16_t major, minor;
    char text[256];
  } version = {{1, VERSION, 20, 0, 0}, 0, 0, {0}};
  ask(&version, sizeof version);
  access_region(REGION_WRITE, CONFIGURATION, 0x14, 0xe0000000);
  access_region(REGION_WRITE, CONFIGURATION, 0x04, 2);
  yardstick_open(SOCKET);
  measure_rounds(NULL, reads, 1000, rounds);
  yardstick_close();
}
