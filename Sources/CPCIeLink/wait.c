#define _GNU_SOURCE
#include "include/pcie_link_ring.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
  SPIN_NANOSECONDS = 4000,
  PAUSES_PER_LOOK_AT_CLOCK = 16,
  YIELDS = 3,
  WAITS_UNTIL_PROBE = 1024
};

uint64_t pcie_link_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reads a small file; an absent one is empty. */
static void read_text(const char *path, char *text, size_t room) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t count = file < 0 ? -1 : read(file, text, room - 1);
  if (file >= 0) close(file);
  text[count > 0 ? count : 0] = 0;
}

/* Whole processors of a cgroup's quota, at least 1; 0: no quota. */
static int quota_of(const char *path) {
  char text[64], *rest;
  read_text(path, text, sizeof text);
  long long quota = strtoll(text, &rest, 10);
  if (rest == text || quota <= 0) return 0; /* "max", or no such file */
  long long period = strtoll(rest, NULL, 10);
  if (period <= 0) return 0;
  return quota < period ? 1 : (int)(quota / period);
}

/* The least quota of this process's cgroup (version 2) and those above it. */
static int cgroup_quota(void) {
  char own[512], path[640];
  read_text("/proc/self/cgroup", own, sizeof own);
  char *group = strstr(own, "0::/");
  if (!group) return 0;
  group += 3;
  group[strcspn(group, "\n")] = 0;
  int least = 0;
  for (;;) {
    static const char mount[] = "/sys/fs/cgroup", file[] = "/cpu.max";
    size_t length = strlen(group);
    while (length && group[length - 1] == '/') group[--length] = 0;
    if (length + sizeof mount + sizeof file > sizeof path) return least;
    memcpy(path, mount, sizeof mount);
    memcpy(path + sizeof mount - 1, group, length + 1);
    memcpy(path + sizeof mount - 1 + length, file, sizeof file);
    int quota = quota_of(path);
    if (quota && (!least || quota < least)) least = quota;
    char *slash = strrchr(group, '/');
    if (!slash) return least;
    *slash = 0;
  }
}

int pcie_link_processors(void) {
  cpu_set_t set;
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1, quota = cgroup_quota();
  if (quota && quota < count) count = quota;
  return count < 1 ? 1 : count;
}

void pcie_link_spin_open(pcie_link_spin *spin, int threads) {
  memset(spin, 0, sizeof *spin);
  spin->full = pcie_link_processors() >= threads ? SPIN_NANOSECONDS : 0;
  spin->bound = spin->full;
}

/* What ended awake before. */
static void catch_up(pcie_link_spin *spin) {
  spin->history = spin->awake < 64 ? spin->history << spin->awake : 0;
  spin->asleep = (uint32_t)__builtin_popcountll(spin->history);
  spin->awake = 0;
}

void pcie_link_spin_ended(pcie_link_spin *spin, int asleep) {
  if (spin->awake) catch_up(spin);
  spin->asleep -= (uint32_t)(spin->history >> 63);
  spin->asleep += asleep != 0;
  spin->history = spin->history << 1 | (asleep != 0);
  if (++spin->waits % WAITS_UNTIL_PROBE == 0) {
    spin->bound = spin->full;
    spin->history = spin->asleep = 0;
  } else if (spin->asleep > 32) {
    spin->bound = 0;
  }
}

/* Inlined, so that each loop looks at what it waits for only. */
static inline int spin_until(pcie_link_spin *spin, pcie_link_end *end,
                             int (*is_there)(const pcie_link_end *end)) {
  if (spin->bound) {
    uint64_t start = 0, now = 0, bound = spin->bound;
    if (end->woke && bound < PCIE_LINK_WAKE_NANOSECONDS) bound = PCIE_LINK_WAKE_NANOSECONDS;
    end->woke = 0;
    do {
      for (int pause = 0; pause < PAUSES_PER_LOOK_AT_CLOCK; pause++) {
        if (is_there(end)) return 1;
        pcie_link_pause();
      }
      now = pcie_link_clock();
      if (!start) start = now;
    } while (now - start < bound);
  }
  for (int yields = 0; yields < YIELDS; yields++) {
    sched_yield();
    if (is_there(end)) return 1;
  }
  return 0;
}

int pcie_link_spin_for_news(pcie_link_spin *spin, pcie_link_end *end) {
  return spin_until(spin, end, pcie_link_has_news);
}

int pcie_link_spin_for_room(pcie_link_spin *spin, pcie_link_end *end) {
  return spin_until(spin, end, pcie_link_has_room_back);
}
