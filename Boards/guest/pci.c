/* Configuration space, as Linux shows it below sysfs. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPACE = 4096, COMMAND = 4, MEMORY_ENABLE = 2, BUS_MASTER_ENABLE = 4 };

bool open_config(const struct request *to, const char *function, bool writes, int *file) {
  char name[16], path[256];
  if (!parse_function(function, name)) return refuse(to, "'%s' is no function; write BB:DD.F", function);
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/config", machine.sysfs, name);
  *file = open(path, writes ? O_RDWR | O_CLOEXEC : O_RDONLY | O_CLOEXEC);
  return *file >= 0 || refuse(to, "no function %s: %s", name, strerror(errno));
}

bool read_config(const struct request *to, int file, unsigned offset, void *into, size_t count) {
  ssize_t got = pread(file, into, count, offset);
  return got == (ssize_t)count || refuse(to, "no register of %zu bytes at 0x%x", count, offset);
}

unsigned find_capability(const uint8_t *space, size_t count, uint8_t identity) {
  unsigned place = count > 0x40 && (space[6] & 0x10) ? space[0x34] & ~3u : 0;
  for (int steps = 0; place >= 0x40 && place + 2 <= count && steps < 48; steps++) {
    if (space[place] == identity) return place;
    place = space[place + 1] & ~3u;
  }
  return 0;
}

/* The lines "start end flags" of a function's resources, for its BARs. */
static void list_bars(const struct request *request, const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/bus/pci/devices/%s/resource", machine.sysfs, name);
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  unsigned long long start, end, flags;
  for (int bar = 0; bar < 6 && fscanf(file, "%llx %llx %llx", &start, &end, &flags) == 3; bar++)
    if (end > start) line(request, "%s bar%d 0x%llx size 0x%llx", name, bar, start, end - start + 1);
  fclose(file);
}

static int is_function(const struct dirent *entry) { return entry->d_name[0] != '.'; }

bool do_list(const struct request *request) {
  char path[256];
  snprintf(path, sizeof path, "%s/bus/pci/devices", machine.sysfs);
  struct dirent **entries;
  int count = scandir(path, &entries, is_function, alphasort);
  if (count < 0) return refuse(request, "%s: %s", path, strerror(errno));
  for (int i = 0; i < count; i++) {
    const char *name = entries[i]->d_name;
    uint8_t head[16];
    int file;
    if (open_config(request, name, false, &file)) {
      if (read_config(request, file, 0, head, sizeof head)) {
        line(request, "%s %02x%02x:%02x%02x class %02x%02x%02x revision %02x", name, head[1], head[0],
             head[3], head[2], head[11], head[10], head[9], head[8]);
        list_bars(request, name);
      }
      close(file);
    }
    free(entries[i]);
  }
  free(entries);
  ok(request, "%d", count);
  return true;
}

bool do_dump(const struct request *request) {
  uint8_t space[SPACE];
  int file;
  if (!open_config(request, request->words[1], false, &file)) return false;
  ssize_t count = pread(file, space, sizeof space, 0);
  close(file);
  if (count < 64) return refuse(request, "%zd bytes of configuration space", count);
  for (ssize_t place = 0; place + 16 <= count; place += 16) {
    char text[33];
    format_data(space + place, 16, text);
    line(request, "%03zx %s", (size_t)place, text);
  }
  ok(request, "%zd", count);
  return true;
}

unsigned find_extended(const uint8_t *space, size_t count, unsigned identity) {
  unsigned place = 0x100;
  for (int steps = 0; place >= 0x100 && place + 4 <= count && steps < 960; steps++) {
    if ((space[place] | (unsigned)space[place + 1] << 8) == identity) return place;
    place = (space[place + 2] >> 4 | (unsigned)space[place + 3] << 4) & ~3u;
  }
  return 0;
}

/* A word "capID+OFFSET" or "extID+OFFSET": where the capability stands, which `offset` counts from. */
static bool find_start(const struct request *request, int file, const char *word, uint64_t *start) {
  uint8_t space[SPACE];
  char identity[16] = "";
  uint64_t number;
  size_t length = strcspn(word + 3, "+");
  if (length < sizeof identity) memcpy(identity, word + 3, length);
  if (!parse_number(identity, &number)) return refuse(request, "'%s' names no capability", word);
  ssize_t count = pread(file, space, sizeof space, 0);
  size_t whole = count > 0 ? (size_t)count : 0;
  *start = word[0] == 'c' ? find_capability(space, whole, (uint8_t)number)
                          : find_extended(space, whole, (unsigned)number);
  return *start != 0 || refuse(request, "the function has no capability %.*s", (int)length + 3, word);
}

/* OFFSET or CAPABILITY+OFFSET, with room for at least one byte. */
static bool find_place(const struct request *request, int file, uint64_t *offset) {
  const char *word = request->words[2], *text = word;
  uint64_t start = 0;
  if (strncmp(word, "cap", 3) == 0 || strncmp(word, "ext", 3) == 0) {
    if (!find_start(request, file, word, &start)) return false;
    text = strchr(word, '+') != NULL ? strchr(word, '+') + 1 : "0";
  }
  if (!parse_number(text, offset) || *offset >= SPACE - start)
    return refuse(request, "'%s' is no offset below 0x1000", word);
  *offset += start;
  return true;
}

static bool read_register(const struct request *request, int file) {
  uint64_t offset, size;
  uint8_t bytes[AGENT_DATA];
  char text[AGENT_DATA * 2 + 1];
  if (!find_place(request, file, &offset)) return false;
  if (!parse_number(request->words[3], &size) || size == 0 || size > SPACE - offset)
    return refuse(request, "'%s' is no size up to the end of the space", request->words[3]);
  if (!read_config(request, file, (unsigned)offset, bytes, size)) return false;
  format_data(bytes, size, text);
  ok(request, "%s", text);
  return true;
}

static bool write_register(const struct request *request, int file) {
  uint64_t offset;
  uint8_t bytes[AGENT_DATA];
  size_t size;
  if (!find_place(request, file, &offset)) return false;
  if (!parse_data(request->words[3], bytes, &size) || size > SPACE - offset)
    return refuse(request, "'%s' is no data up to the end of the space", request->words[3]);
  if (pwrite(file, bytes, size, (off_t)offset) != (ssize_t)size)
    return refuse(request, "no register of %zu bytes at 0x%llx", size, (long long)offset);
  ok(request, "%zu", size);
  return true;
}

bool do_config_read(const struct request *request) {
  int file;
  if (!open_config(request, request->words[1], false, &file)) return false;
  bool done = read_register(request, file);
  close(file);
  return done;
}

bool do_config_write(const struct request *request) {
  int file;
  if (!open_config(request, request->words[1], true, &file)) return false;
  bool done = write_register(request, file);
  close(file);
  return done;
}

bool do_enable(const struct request *request) {
  uint8_t command[2];
  int file;
  if (!open_config(request, request->words[1], true, &file)) return false;
  bool done = read_config(request, file, COMMAND, command, sizeof command);
  if (done) {
    command[0] |= MEMORY_ENABLE | BUS_MASTER_ENABLE;
    done = pwrite(file, command, sizeof command, COMMAND) == sizeof command ||
           refuse(request, "%s", strerror(errno));
  }
  close(file);
  if (done) ok(request, "%02x%02x", command[0], command[1]);
  return done;
}
