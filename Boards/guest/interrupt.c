/* Interrupts without a driver of our own.
 *
 * MSI and MSI-X are writes of a word to an address, so they are pointed at words in the memory for devices,
 * where they can be waited for: that needs no VFIO, and with it no IOMMU. INTx comes through the kernel's
 * uio_pci_generic. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  WORDS_BYTES = 4096,
  WORDS = WORDS_BYTES / 4,
  SOURCES = 16,
  WAITS = 32,
  COMMAND = 4,
  MEMORY_ENABLE = 2,
  BUS_MASTER_ENABLE = 4,
  INTERRUPT_DISABLE = 4, /* in the upper byte */
  MSI = 0x05,
  MSIX = 0x11,
};

/* A function whose interrupts can be waited for: words of memory, or a file of the kernel's. */
static struct source {
  char function[16];
  unsigned first, count;
  int file; /* of uio, or -1 */
} sources[SOURCES];
static int source_count;
static unsigned words_used;

static struct wait {
  struct request request; /* its tag only */
  struct source *source;
  unsigned vector;
  uint64_t deadline;
} waits[WAITS];
static int wait_count;

static uint64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct source *find(const char *function, bool is_file) {
  for (int i = 0; i < source_count; i++)
    if (strcmp(sources[i].function, function) == 0 && (sources[i].file >= 0) == is_file) return &sources[i];
  return NULL;
}

static uint64_t word_offset(unsigned word) { return machine.memory_size - WORDS_BYTES + (uint64_t)word * 4; }

static void put32(uint8_t *to, uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static bool write_config(const struct request *to, int file, unsigned offset, const uint8_t *bytes,
                         size_t count) {
  return pwrite(file, bytes, count, offset) == (ssize_t)count ||
         refuse(to, "0x%x: %s", offset, strerror(errno));
}

/* What was in the memory before, or has come before, is no interrupt. */
static void clear_words(const struct source *source) {
  volatile uint8_t *base = map_memory(&(struct request){0});
  for (unsigned i = 0; i < source->count; i++)
    *(volatile uint32_t *)(base + word_offset(source->first + i)) = 0;
}

static bool point_msix(const struct request *request, int file, uint8_t *capability, unsigned at,
                       struct source *source) {
  uint64_t size, table = get32(capability + 4) & ~7u;
  source->count = ((unsigned)capability[2] | ((unsigned)capability[3] & 7) << 8) + 1;
  if (source->count > WORDS - words_used)
    return refuse(request, "%u vectors are more than are left", source->count);
  volatile uint8_t *bar = map_bar(request, source->function, capability[4] & 7, &size);
  if (bar == NULL) return false;
  if (size < 16 || table > size - 16ull * source->count)
    return refuse(request, "the table ends past its BAR");
  for (unsigned vector = 0; vector < source->count; vector++) {
    uint64_t address = machine.memory_base + word_offset(source->first + vector);
    volatile uint32_t *entry = (volatile uint32_t *)(bar + table + 16ull * vector);
    entry[0] = (uint32_t)address;
    entry[1] = (uint32_t)(address >> 32);
    entry[2] = vector + 1;
    entry[3] = 0;
  }
  clear_words(source);
  capability[3] = (uint8_t)((capability[3] | 0x80) & ~0x40);
  return write_config(request, file, at + 2, capability + 2, 2);
}

static bool point_msi(const struct request *request, int file, uint8_t *capability, unsigned at,
                      struct source *source) {
  uint64_t address = machine.memory_base + word_offset(source->first);
  bool is_wide = capability[2] & 0x80;
  source->count = 1;
  clear_words(source);
  put32(capability + 4, (uint32_t)address);
  put32(capability + 8, is_wide ? (uint32_t)(address >> 32) : 1);
  put32(capability + 12, 1);
  capability[2] = (uint8_t)((capability[2] & ~0x70) | 1);
  return write_config(request, file, at + 4, capability + 4, is_wide ? 10 : 6) &&
         write_config(request, file, at + 2, capability + 2, 2);
}

/* Points what the function has at words: MSI-X, else MSI. */
static bool point(const struct request *request, int file, struct source *source) {
  uint8_t space[256], capability[16] = {0};
  if (!read_config(request, file, 0, space, sizeof space)) return false;
  unsigned msix = find_capability(space, sizeof space, MSIX), msi = find_capability(space, sizeof space, MSI);
  unsigned at = msix ? msix : msi;
  if (at == 0 || at > sizeof space - sizeof capability)
    return refuse(request, "it has neither MSI-X nor MSI");
  memcpy(capability, space + at, sizeof capability);
  space[COMMAND] |= BUS_MASTER_ENABLE | MEMORY_ENABLE;
  return write_config(request, file, COMMAND, space + COMMAND, 2) &&
         (msix ? point_msix(request, file, capability, at, source)
               : point_msi(request, file, capability, at, source));
}

bool do_interrupts(const struct request *request) {
  char name[16];
  int file;
  if (map_memory(request) == NULL) return false;
  if (!open_config(request, request->words[1], true, &file)) return false;
  parse_function(request->words[1], name);
  struct source *source = find(name, false);
  bool is_new = source == NULL;
  if (is_new && source_count == SOURCES) {
    close(file);
    return refuse(request, "%d functions have interrupts already", SOURCES);
  }
  if (is_new) {
    source = &sources[source_count];
    *source = (struct source){.first = words_used, .file = -1};
    memcpy(source->function, name, sizeof name);
  }
  bool done = point(request, file, source);
  close(file);
  if (!done) return false;
  if (is_new) {
    source_count++;
    words_used += source->count;
  }
  ok(request, "%u", source->count);
  return true;
}

static bool load_module(const struct request *request, const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return refuse(request, "%s: %s", path, strerror(errno));
  long result = syscall(SYS_finit_module, file, "", 0);
  int error = errno;
  close(file);
  return result == 0 || error == EEXIST || refuse(request, "%s: %s", path, strerror(error));
}

/* Gives the number of the error, or 0. */
static int put_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  bool done = file >= 0 && (write(file, text, strlen(text)) == (ssize_t)strlen(text) || errno == EEXIST);
  int error = done ? 0 : errno;
  if (file >= 0) close(file);
  return error;
}

static bool write_file(const struct request *request, const char *path, const char *text) {
  int error = put_file(path, text);
  return error == 0 || refuse(request, "%s: %s", path, strerror(error));
}

/* Binds the function to uio_pci_generic, and gives the number of its device. */
static bool bind_uio(const struct request *request, const char *name, int *number) {
  char path[256];
  snprintf(path, sizeof path, "%s/bus/pci/drivers/uio_pci_generic", machine.sysfs);
  if (access(path, F_OK) != 0 &&
      !(load_module(request, "/lib/uio.ko") && load_module(request, "/lib/uio_pci_generic.ko")))
    return false;
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/driver_override", machine.sysfs, name);
  if (!write_file(request, path, "uio_pci_generic")) return false;
  snprintf(path, sizeof path, "%s/bus/pci/drivers_probe", machine.sysfs);
  if (!write_file(request, path, name)) return false;
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/uio", machine.sysfs, name);
  DIR *folder = opendir(path);
  if (folder == NULL) return refuse(request, "uio_pci_generic did not take %s", name);
  *number = -1;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
    if (strncmp(entry->d_name, "uio", 3) == 0) *number = atoi(entry->d_name + 3);
  closedir(folder);
  return *number >= 0 || refuse(request, "uio_pci_generic made no device of %s", name);
}

/* Takes back what the kernel does when an interrupt has come: it sets Interrupt Disable. */
static bool unmask_intx(const struct request *request, const char *function) {
  uint8_t command[2];
  int file;
  if (!open_config(request, function, true, &file)) return false;
  bool done = read_config(request, file, COMMAND, command, sizeof command);
  command[1] &= (uint8_t)~INTERRUPT_DISABLE;
  done = done && write_config(request, file, COMMAND, command, sizeof command);
  close(file);
  return done;
}

bool do_intx(const struct request *request) {
  char name[16], path[32];
  int number = -1;
  if (!parse_function(request->words[1], name))
    return refuse(request, "'%s' is no function", request->words[1]);
  if (find(name, true) != NULL) {
    ok(request, "1");
    return true;
  }
  if (source_count == SOURCES) return refuse(request, "%d functions have interrupts already", SOURCES);
  if (!bind_uio(request, name, &number)) return false;
  snprintf(path, sizeof path, "/dev/uio%d", number);
  int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return refuse(request, "%s: %s", path, strerror(errno));
  if (!unmask_intx(request, name)) {
    close(file);
    return false;
  }
  struct source *source = &sources[source_count++];
  *source = (struct source){.count = 1, .file = file};
  memcpy(source->function, name, sizeof name);
  ok(request, "1");
  return true;
}

/* Whether an interrupt has come since the last one was taken; that one counts as taken. */
static bool take(const struct source *source, unsigned vector) {
  if (source->file >= 0) {
    uint32_t number;
    return read(source->file, &number, sizeof number) == sizeof number;
  }
  volatile uint8_t *base = map_memory(&(struct request){0});
  uint32_t *word = (uint32_t *)(uintptr_t)(base + word_offset(source->first + vector));
  return __atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL) != 0;
}

bool do_wait(const struct request *request) {
  char name[16];
  uint64_t vector = 0, span;
  bool is_line = strcmp(request->words[2], "intx") == 0;
  if (!parse_function(request->words[1], name))
    return refuse(request, "'%s' is no function", request->words[1]);
  if (!is_line && !parse_number(request->words[2], &vector))
    return refuse(request, "'%s' is neither a vector nor intx", request->words[2]);
  if (!parse_number(request->words[3], &span))
    return refuse(request, "'%s' is no number of ms", request->words[3]);
  struct source *source = find(name, is_line);
  if (source == NULL || vector >= source->count)
    return refuse(request, "%s has no such interrupt; ask for '%s %s' first", name,
                  is_line ? "intx" : "interrupts", name);
  /* What came last has masked the line; the source may still hold it. */
  if (is_line && !unmask_intx(request, name)) return false;
  if (take(source, (unsigned)vector)) {
    ok(request, "0");
    return true;
  }
  if (wait_count == WAITS) return refuse(request, "%d requests wait already", WAITS);
  waits[wait_count++] = (struct wait){*request, source, (unsigned)vector, milliseconds() + span};
  return true;
}

/* Gives a function back that uio_pci_generic was given; one that is gone wants nothing back. */
static void unbind_uio(const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/bus/pci/drivers/uio_pci_generic/unbind", machine.sysfs);
  put_file(path, name);
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/driver_override", machine.sysfs, name);
  put_file(path, "\n");
}

void forget_interrupts(void) {
  for (int i = 0; i < source_count; i++) {
    if (sources[i].file < 0) continue;
    close(sources[i].file);
    unbind_uio(sources[i].function);
  }
  source_count = 0;
  words_used = 0;
  wait_count = 0;
}

bool has_waits(void) { return wait_count > 0; }

void check_waits(void) {
  for (int i = 0; i < wait_count;) {
    struct wait *wait = &waits[i];
    bool has_come = take(wait->source, wait->vector);
    if (!has_come && milliseconds() < wait->deadline) {
      i++;
      continue;
    }
    if (has_come) ok(&wait->request, "0");
    else refuse(&wait->request, "no interrupt of %s within its time", wait->source->function);
    waits[i] = waits[--wait_count];
  }
}
