/* Rounds of yardstick, subject and yardstick, and the file that takes them. */
#define _GNU_SOURCE
#include "workload.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCHES = 9 };

static FILE *file;

uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void report_open(const char *path) {
  file = fopen(path, "w");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  setvbuf(file, NULL, _IOLBF, 0);
}

void report(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(file, format, arguments);
  va_end(arguments);
}

int check(pcie_link *link, const char *what, int error) {
  if (error >= 0) return error;
  fprintf(stderr, "%s: %s: %s\n", what, pcie_link_strerror(error), pcie_link_error_text(link));
  exit(1);
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double sample(pcie_link *link, work *subject, unsigned steps) {
  double values[BATCHES];
  for (unsigned i = 0; i < BATCHES; i++) {
    uint64_t begun = now();
    subject(link, steps);
    values[i] = (double)(now() - begun) / 1e9 / steps;
  }
  qsort(values, BATCHES, sizeof *values, compare);
  return values[BATCHES / 2];
}

void measure_rounds(pcie_link *link, work *subject, unsigned steps, unsigned rounds) {
  subject(link, steps);
  for (unsigned i = 0; i < rounds; i++) {
    double before = yardstick_measure();
    double value = sample(link, subject, steps);
    report("%.12g %.12g %.12g\n", before, value, yardstick_measure());
  }
}
