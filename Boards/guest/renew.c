/* The machine as it was when the agent began: what a case has changed since is taken back, and what cannot be
 * is told. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  FUNCTIONS = 64,
  REGISTERS = 24,
  HEAD = 256,
  TEXT = 64,
  COMMAND = 4,
  HEADER_TYPE = 0x0e,
  MSI = 0x05,
  EXPRESS = 0x10,
  MSIX = 0x11,
  DEVICE_CAPABILITIES = 4, /* of the Express capability, as those below */
  DEVICE_CONTROL = 8,
  DEVICE_STATUS = 0x0a,
  LINK_STATUS = 0x12,
  PATIENCE_MS = 3000, /* for a driver that brings its device up again */
};

/* A register that must be what it was. */
struct place {
  const char *name;
  unsigned offset, size;
  uint32_t mask;
  bool is_status; /* software cannot set it */
};

/* A function as it was. */
static struct function {
  char name[16];
  uint32_t identity;
  struct place places[REGISTERS];
  uint32_t values[REGISTERS];
  int count;
  unsigned express, errors; /* capabilities, or 0 */
  char driver[TEXT], state[TEXT];
} functions[FUNCTIONS];
static int function_count;

static uint32_t load(int file, unsigned offset, unsigned size) {
  uint8_t bytes[4] = {0xff, 0xff, 0xff, 0xff};
  if (pread(file, bytes, size, offset) != (ssize_t)size) return UINT32_MAX;
  uint32_t value = 0;
  for (unsigned i = size; i > 0; i--) value = value << 8 | bytes[i - 1];
  return value;
}

static void store(int file, unsigned offset, unsigned size, uint32_t value) {
  uint8_t bytes[4];
  for (unsigned i = 0; i < size; i++) bytes[i] = (uint8_t)(value >> 8 * i);
  if (pwrite(file, bytes, size, offset) != (ssize_t)size) return; /* the comparison tells */
}

static int open_space(const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/config", machine.sysfs, name);
  return open(path, O_RDWR | O_CLOEXEC);
}

/* The driver's name, or nothing. */
static void read_driver(const char *name, char into[TEXT]) {
  char path[512], target[512];
  into[0] = 0;
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/driver", machine.sysfs, name);
  ssize_t count = readlink(path, target, sizeof target - 1);
  if (count <= 0) return;
  target[count] = 0;
  char *last = strrchr(target, '/');
  snprintf(into, TEXT, "%.*s", TEXT - 1, last != NULL ? last + 1 : target);
}

/* What the driver nvme says of its controller, or nothing. */
static void read_state(const char *name, char into[TEXT]) {
  char path[512], file_name[640];
  into[0] = 0;
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/nvme", machine.sysfs, name);
  DIR *folder = opendir(path);
  if (folder == NULL) return;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(file_name, sizeof file_name, "%s/%.64s/state", path, entry->d_name);
    int file = open(file_name, O_RDONLY | O_CLOEXEC);
    ssize_t count = file >= 0 ? read(file, into, TEXT - 1) : 0;
    if (file >= 0) close(file);
    into[count > 0 ? count : 0] = 0;
    into[strcspn(into, "\n")] = 0;
  }
  closedir(folder);
}

static void add(struct function *function, const char *name, unsigned offset, unsigned size, uint32_t mask,
                bool is_status) {
  if (function->count < REGISTERS)
    function->places[function->count++] = (struct place){name, offset, size, mask, is_status};
}

/* Bus numbers and windows of a bridge, BARs of anything else; Command comes last, when all else is there. */
static void find_places(struct function *function, const uint8_t *space) {
  bool is_bridge = (space[HEADER_TYPE] & 0x7f) == 1;
  if (is_bridge) {
    add(function, "bus numbers", 0x18, 4, 0xffffff, false);
    for (unsigned at = 0x20; at < 0x30; at += 4) add(function, "window", at, 4, UINT32_MAX, false);
  } else {
    static const char *const bars[] = {"bar0", "bar1", "bar2", "bar3", "bar4", "bar5"};
    for (unsigned bar = 0; bar < 6; bar++) add(function, bars[bar], 0x10 + 4 * bar, 4, UINT32_MAX, false);
    add(function, "interrupt line", 0x3c, 1, 0xff, false);
  }
  unsigned msi = find_capability(space, HEAD, MSI), msix = find_capability(space, HEAD, MSIX);
  function->express = find_capability(space, HEAD, EXPRESS);
  if (msi != 0) add(function, "MSI control", msi + 2, 2, 0x71, false);
  if (msix != 0) add(function, "MSI-X control", msix + 2, 2, 0xc000, false);
  if (function->express != 0) {
    add(function, "device control", function->express + DEVICE_CONTROL, 2, 0x7fff, false);
    add(function, "link status", function->express + LINK_STATUS, 2, 0x3ff, true);
  }
  add(function, "command", COMMAND, 2, UINT32_MAX, false);
}

static void remember(const char *name) {
  uint8_t space[4096];
  int file = open_space(name);
  if (file < 0 || function_count == FUNCTIONS) {
    if (file >= 0) close(file);
    return;
  }
  struct function *function = &functions[function_count++];
  *function = (struct function){0};
  snprintf(function->name, sizeof function->name, "%.15s", name);
  ssize_t got = pread(file, space, sizeof space, 0);
  if (got < HEAD) memset(space + (got > 0 ? got : 0), 0, (size_t)(HEAD - (got > 0 ? got : 0)));
  function->identity = load(file, 0, 4);
  find_places(function, space);
  if (got > HEAD) function->errors = find_extended(space, (size_t)got, 1);
  for (int i = 0; i < function->count; i++)
    function->values[i] = load(file, function->places[i].offset, function->places[i].size);
  close(file);
  read_driver(function->name, function->driver);
  read_state(function->name, function->state);
}

static int is_function(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static int list(struct dirent ***entries) {
  char path[512];
  snprintf(path, sizeof path, "%s/bus/pci/devices", machine.sysfs);
  return scandir(path, entries, is_function, alphasort);
}

void remember_machine(void) {
  struct dirent **entries;
  int count = list(&entries);
  for (int i = 0; i < count; i++) {
    remember(entries[i]->d_name);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

static struct function *find(const char *name) {
  for (int i = 0; i < function_count; i++)
    if (strcmp(functions[i].name, name) == 0) return &functions[i];
  return NULL;
}

static void pause_ms(int milliseconds) { poll(NULL, 0, milliseconds); }

/* A function level reset. A driver takes part by way of the kernel, which waits 100 ms then; without one it
 * is over when the function answers again. */
bool do_reset(const struct request *request) {
  char name[16], path[256], driver[TEXT];
  if (!parse_function(request->words[1], name))
    return refuse(request, "'%s' is no function", request->words[1]);
  struct function *function = find(name);
  int file = open_space(name);
  if (function == NULL || file < 0) {
    if (file >= 0) close(file);
    return refuse(request, "%s is not there", name);
  }
  read_driver(name, driver);
  unsigned express = function->express;
  bool can = express != 0 && load(file, express + DEVICE_CAPABILITIES, 4) >> 28 & 1;
  if (can && driver[0] == 0) {
    uint32_t control = load(file, express + DEVICE_CONTROL, 2);
    store(file, express + DEVICE_CONTROL, 2, control | 0x8000);
    int waited = 0;
    while (load(file, 0, 4) != function->identity && waited++ < PATIENCE_MS) pause_ms(1);
    close(file);
    ok(request, "%s", "");
    return true;
  }
  close(file);
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/reset", machine.sysfs, name);
  int reset = can ? open(path, O_WRONLY | O_CLOEXEC) : -1;
  bool done = reset >= 0 && write(reset, "1", 1) == 1;
  int reason = errno;
  if (reset >= 0) close(reset);
  if (!can) return refuse(request, "%s has no function level reset", name);
  if (!done) return refuse(request, "%s: %s", path, strerror(reason));
  ok(request, "%s", "");
  return true;
}

/* Writes back what software sets, and clears what errors have left. What has a driver is the driver's. */
static void restore(struct function *function, int file) {
  for (int i = 0; i < function->count; i++) {
    struct place *place = &function->places[i];
    if (!place->is_status && load(file, place->offset, place->size) != function->values[i])
      store(file, place->offset, place->size, function->values[i]);
  }
}

static void clear_errors(const struct function *function, int file) {
  if (function->express != 0) store(file, function->express + DEVICE_STATUS, 2, 0xf);
  if (function->errors == 0) return;
  store(file, function->errors + 4, 4, UINT32_MAX);
  store(file, function->errors + 0x10, 4, UINT32_MAX);
}

/* The first thing that is not as it was; false when there is none. */
static bool find_difference(const struct function *function, int file, char *into, size_t size) {
  char text[TEXT];
  if (load(file, 0, 4) != function->identity)
    return snprintf(into, size, "%s does not answer", function->name) > 0;
  read_driver(function->name, text);
  if (strcmp(text, function->driver) != 0)
    return snprintf(into, size, "%s has the driver '%s' instead of '%s'", function->name, text,
                    function->driver) > 0;
  read_state(function->name, text);
  if (strcmp(text, function->state) != 0)
    return snprintf(into, size, "%s is %s instead of %s", function->name, text, function->state) > 0;
  for (int i = 0; i < function->count; i++) {
    const struct place *place = &function->places[i];
    uint32_t value = load(file, place->offset, place->size) & place->mask;
    if (value != (function->values[i] & place->mask))
      return snprintf(into, size, "%s has %s 0x%x instead of 0x%x", function->name, place->name, value,
                      function->values[i] & place->mask) > 0;
  }
  return false;
}

static bool renew(const struct request *request, struct function *function) {
  char driver[TEXT], difference[256];
  int file = open_space(function->name);
  if (file < 0) return refuse(request, "%s is gone", function->name);
  read_driver(function->name, driver);
  if (driver[0] == 0) restore(function, file);
  clear_errors(function, file);
  int waited = 0;
  bool differs;
  while ((differs = find_difference(function, file, difference, sizeof difference)) && driver[0] != 0 &&
         waited++ < PATIENCE_MS / 5)
    pause_ms(5);
  close(file);
  return !differs || refuse(request, "%s", difference);
}

/* A kernel that has met an error of its own is not the one that was booted. */
static bool check_kernel(const struct request *request) {
  enum { MACHINE_CHECK = 1 << 4, OOPS = 1 << 7, WARNING = 1 << 9, LOCKUP = 1 << 14 };
  char text[32] = "";
  int file = open(machine.tainted, O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;
  if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
  close(file);
  unsigned long flags = strtoul(text, NULL, 10);
  return !(flags & (MACHINE_CHECK | OOPS | WARNING | LOCKUP)) ||
         refuse(request, "the kernel is tainted by an error of its own (0x%lx)", flags);
}

bool do_renew(const struct request *request) {
  struct dirent **entries;
  forget_interrupts();
  forget_shells();
  clear_memory();
  int count = list(&entries), news = 0;
  char name[16] = "";
  for (int i = 0; i < count; i++) {
    if (find(entries[i]->d_name) == NULL && news++ == 0)
      snprintf(name, sizeof name, "%.15s", entries[i]->d_name);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  if (news > 0) return refuse(request, "%s was not there", name);
  for (int i = 0; i < function_count; i++)
    if (!renew(request, &functions[i])) return false;
  if (!check_kernel(request)) return false;
  ok(request, "%d", function_count);
  return true;
}
