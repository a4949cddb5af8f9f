/* Accesses to BARs with the width that is asked for, and the memory that devices may use.
 *
 * That memory is a part of RAM which the kernel was told to leave alone (memmap=SIZE$ADDRESS), so that a
 * program has it at an address known before the guest boots, in one piece, without a driver. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAPPED = 16, SAMPLES = 1000 };

/* BARs stay mapped. A function that goes takes its pages with it, and one that comes in its place has a file
 * of its own. */
static struct mapping {
  char path[256];
  ino_t file;
  volatile uint8_t *base;
  uint64_t size;
} mapped[MAPPED];
static int mapped_count;

static void unmap(struct mapping *mapping) {
  munmap((void *)mapping->base, mapping->size);
  *mapping = mapped[--mapped_count];
}

/* Where an access goes on whose page is gone. */
static sigjmp_buf gone;
static volatile sig_atomic_t is_accessing;

static void lose_page(int number) {
  if (is_accessing) siglongjmp(gone, 1);
  signal(number, SIG_DFL);
}

/* Whether the accesses that follow may be done; false again when one of them found its page gone. */
#define TRY_ACCESS (signal(SIGBUS, lose_page), is_accessing = 1, sigsetjmp(gone, 1) == 0)

static bool lost(const struct request *request, volatile uint8_t *at) {
  is_accessing = 0;
  for (int i = mapped_count - 1; i >= 0; i--)
    if (at >= mapped[i].base && at < mapped[i].base + mapped[i].size) unmap(&mapped[i]);
  return refuse(request, "the memory is gone, as its function is");
}

static volatile uint8_t *map_file(const struct request *to, const char *path, int flags, off_t place,
                                  uint64_t size) {
  int file = open(path, flags | O_CLOEXEC);
  if (file < 0) {
    refuse(to, "%s: %s", path, strerror(errno));
    return NULL;
  }
  struct stat facts = {0};
  if (fstat(file, &facts) == 0 && size == 0) size = (uint64_t)facts.st_size;
  void *base = MAP_FAILED;
  if (mapped_count < MAPPED) base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, place);
  int reason = errno;
  close(file);
  if (base == MAP_FAILED) {
    refuse(to, "%s cannot be mapped: %s", path, mapped_count < MAPPED ? strerror(reason) : "too many are");
    return NULL;
  }
  mapped[mapped_count].file = facts.st_ino;
  snprintf(mapped[mapped_count].path, sizeof mapped[0].path, "%s", path);
  mapped[mapped_count].base = base;
  mapped[mapped_count].size = size;
  return mapped[mapped_count++].base;
}

static volatile uint8_t *map(const struct request *to, const char *path, int flags, off_t place,
                             uint64_t *size) {
  struct stat facts;
  for (int i = 0; i < mapped_count; i++) {
    if (strcmp(mapped[i].path, path) != 0) continue;
    if (stat(path, &facts) == 0 && facts.st_ino == mapped[i].file) {
      *size = mapped[i].size;
      return mapped[i].base;
    }
    unmap(&mapped[i]);
    break;
  }
  volatile uint8_t *base = map_file(to, path, flags, place, *size);
  if (base != NULL) *size = mapped[mapped_count - 1].size;
  return base;
}

volatile uint8_t *map_bar(const struct request *to, const char *function, unsigned bar, uint64_t *size) {
  char name[16], path[256];
  *size = 0;
  if (!parse_function(function, name)) {
    refuse(to, "'%s' is no function; write BB:DD.F", function);
    return NULL;
  }
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/resource%u", machine.sysfs, name, bar);
  return map(to, path, O_RDWR, 0, size);
}

volatile uint8_t *map_memory(const struct request *to) {
  if (machine.memory_size == 0) {
    refuse(to, "the kernel was started without pcie.memory=ADDRESS,SIZE");
    return NULL;
  }
  /* A file that stands for the memory begins with it. */
  off_t place = strncmp(machine.memory, "/dev/", 5) == 0 ? (off_t)machine.memory_base : 0;
  uint64_t size = machine.memory_size;
  return map(to, machine.memory, O_RDWR, place, &size);
}

static void load(volatile uint8_t *from, uint8_t *to, unsigned width) {
  switch (width) {
    case 1: *to = *from; break;
    case 2: memcpy(to, &(uint16_t){*(volatile uint16_t *)from}, 2); break;
    case 4: memcpy(to, &(uint32_t){*(volatile uint32_t *)from}, 4); break;
    default: memcpy(to, &(uint64_t){*(volatile uint64_t *)from}, 8); break;
  }
}

static void store(volatile uint8_t *to, const uint8_t *from, unsigned width) {
  uint64_t value = 0;
  memcpy(&value, from, width);
  switch (width) {
    case 1: *to = (uint8_t)value; break;
    case 2: *(volatile uint16_t *)to = (uint16_t)value; break;
    case 4: *(volatile uint32_t *)to = (uint32_t)value; break;
    default: *(volatile uint64_t *)to = value; break;
  }
}

/* FUNCTION BAR OFFSET WIDTH: the place of an access of `length` bytes, in pieces of a width that it is
 * aligned to. */
static volatile uint8_t *place(const struct request *request, uint64_t length, unsigned *width) {
  uint64_t bar, offset, wide, size;
  if (!parse_number(request->words[2], &bar) || bar > 5) {
    refuse(request, "'%s' is no BAR from 0 to 5", request->words[2]);
    return NULL;
  }
  if (!parse_number(request->words[4], &wide) || (wide != 1 && wide != 2 && wide != 4 && wide != 8)) {
    refuse(request, "'%s' is no width: 1, 2, 4 or 8", request->words[4]);
    return NULL;
  }
  if (!parse_number(request->words[3], &offset) || offset % wide != 0 || length % wide != 0) {
    refuse(request, "%llu bytes at %s are not aligned to %s", (long long)length, request->words[3],
           request->words[4]);
    return NULL;
  }
  volatile uint8_t *base = map_bar(request, request->words[1], (unsigned)bar, &size);
  if (base == NULL) return NULL;
  if (offset > size || length > size - offset) {
    refuse(request, "%llu bytes at 0x%llx end past BAR %llu (0x%llx)", (long long)length, (long long)offset,
           (long long)bar, (long long)size);
    return NULL;
  }
  *width = (unsigned)wide;
  return base + offset;
}

static bool answer(const struct request *request, const uint8_t *bytes, size_t count) {
  static char text[AGENT_DATA * 2 + 1];
  format_data(bytes, count, text);
  ok(request, "%s", text);
  return true;
}

static bool parse_length(const struct request *request, const char *word, uint64_t *length) {
  return (parse_number(word, length) && *length > 0 && *length <= AGENT_DATA) ||
         refuse(request, "'%s' is no length from 1 to %d", word, AGENT_DATA);
}

bool do_read(const struct request *request) {
  uint8_t bytes[AGENT_DATA];
  uint64_t length;
  unsigned width;
  if (!parse_length(request, request->words[5], &length)) return false;
  volatile uint8_t *from = place(request, length, &width);
  if (from == NULL) return false;
  if (!TRY_ACCESS) return lost(request, from);
  for (uint64_t i = 0; i < length; i += width) load(from + i, bytes + i, width);
  is_accessing = 0;
  return answer(request, bytes, length);
}

bool do_write(const struct request *request) {
  uint8_t bytes[AGENT_DATA];
  size_t length;
  unsigned width;
  if (!parse_data(request->words[5], bytes, &length))
    return refuse(request, "no data of up to %d bytes", AGENT_DATA);
  volatile uint8_t *to = place(request, length, &width);
  if (to == NULL) return false;
  if (!TRY_ACCESS) return lost(request, to);
  for (size_t i = 0; i < length; i += width) store(to + i, bytes + i, width);
  is_accessing = 0;
  ok(request, "%zu", length);
  return true;
}

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

bool do_time(const struct request *request) {
  static uint64_t samples[SAMPLES];
  uint8_t bytes[8];
  uint64_t count, width_asked;
  unsigned width;
  if (!parse_number(request->words[5], &count) || count == 0 || count > SAMPLES)
    return refuse(request, "'%s' is no count from 1 to %d", request->words[5], SAMPLES);
  if (!parse_number(request->words[4], &width_asked)) width_asked = 0;
  volatile uint8_t *from = place(request, width_asked, &width);
  if (from == NULL) return false;
  if (!TRY_ACCESS) return lost(request, from);
  for (uint64_t i = 0; i < count; i++) {
    uint64_t start = nanoseconds();
    load(from, bytes, width);
    samples[i] = nanoseconds() - start;
  }
  is_accessing = 0;
  qsort(samples, count, sizeof samples[0], compare);
  ok(request, "min %llu median %llu max %llu ns", (long long)samples[0], (long long)samples[count / 2],
     (long long)samples[count - 1]);
  return true;
}

bool do_memory(const struct request *request) {
  if (map_memory(request) == NULL) return false;
  ok(request, "0x%llx size 0x%llx", (long long)machine.memory_base, (long long)machine.memory_size);
  return true;
}

void clear_memory(void) {
  if (machine.memory_size == 0) return;
  volatile uint8_t *base = map_memory(&(struct request){0});
  if (base != NULL) memset((void *)(uintptr_t)base, 0, machine.memory_size);
}

static volatile uint8_t *memory_place(const struct request *request, uint64_t length) {
  uint64_t address;
  volatile uint8_t *base = map_memory(request);
  if (base == NULL) return NULL;
  if (!parse_number(request->words[1], &address) || address < machine.memory_base ||
      address - machine.memory_base > machine.memory_size ||
      length > machine.memory_size - (address - machine.memory_base)) {
    refuse(request, "%llu bytes at %s are not in the memory for devices, 0x%llx to 0x%llx", (long long)length,
           request->words[1], (long long)machine.memory_base,
           (long long)(machine.memory_base + machine.memory_size - 1));
    return NULL;
  }
  return base + (address - machine.memory_base);
}

bool do_memory_read(const struct request *request) {
  uint8_t bytes[AGENT_DATA];
  uint64_t length;
  if (!parse_length(request, request->words[2], &length)) return false;
  volatile uint8_t *from = memory_place(request, length);
  if (from == NULL) return false;
  for (uint64_t i = 0; i < length; i++) bytes[i] = from[i];
  return answer(request, bytes, length);
}

bool do_memory_write(const struct request *request) {
  uint8_t bytes[AGENT_DATA];
  size_t length;
  if (!parse_data(request->words[2], bytes, &length))
    return refuse(request, "no data of up to %d bytes", AGENT_DATA);
  volatile uint8_t *to = memory_place(request, length);
  if (to == NULL) return false;
  for (size_t i = 0; i < length; i++) to[i] = bytes[i];
  ok(request, "%zu", length);
  return true;
}
