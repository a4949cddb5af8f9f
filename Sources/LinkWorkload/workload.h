/* A program at one end of a link that measures it, beside yardsticks in plain C.
 *
 * The benchmark starts it through the runner, as users start theirs. What it finds goes to a file: a line for
 * each round with yardstick, subject and yardstick, all in seconds per step. */
#ifndef WORKLOAD_H
#define WORKLOAD_H
#include <pcie_link.h>
#include <stdint.h>

/* --- time --- */

/* Nanoseconds of the monotonic clock, which all processes share. */
uint64_t now(void);

/* --- yardsticks: two processes and memory that they share --- */

enum { RECORD_BYTES = 64, CHUNK_BYTES = 256 };

/* What the other process does while this one measures. */
enum yardstick {
  NONE,   /* there is none, and it measures 0 */
  RING,   /* sends back each record of 64 bytes; both spin */
  YIELD,  /* the same, and both give the processor away when there is nothing */
  STREAM, /* takes records of 64 bytes as fast as they come */
  COPIES, /* takes chunks of 256 bytes, each copied in and copied out */
  SOCKET  /* sends back each record of 64 bytes through a socket pair; both sleep */
};

/* Starts the other process, which sleeps unless something is measured. Ends the program when it cannot. */
void yardstick_open(enum yardstick kind);
/* The seconds that a step takes: the median of some batches. */
double yardstick_measure(void);
void yardstick_close(void);

/* Keeps a processor busy for ever, or until whoever started it ends. */
void burn(void) __attribute__((noreturn));

/* --- rounds --- */

/* Does so many steps at the link; ends the program when the link fails. */
typedef void work(pcie_link *link, unsigned steps);

/* Where lines go. Ends the program when the file cannot be made. */
void report_open(const char *path);
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reports rounds of yardstick, subject, yardstick. */
void measure_rounds(pcie_link *link, work *subject, unsigned steps, unsigned rounds);

/* --- ends of the link --- */

/* Ends the program with what went wrong when `error` is negative, else gives it back. */
int check(pcie_link *link, const char *what, int error);

/* Joins as host and finds the one function behind the link. */
pcie_link *host_open(pcie_link_found *found);
/* Joins as device and waits until software lets it master the bus. */
pcie_link *device_open(void);

void host_reads(enum yardstick yardstick, unsigned rounds);
void host_writes(unsigned rounds);
void device_reads(unsigned rounds);
void device_transfers(int to_host, unsigned rounds);
void device_idles(unsigned seconds);
void device_serves(void);
void device_dies(void);
void host_awaits_death(void);
void host_joins(const char *url, unsigned times);
/* A host of vfio-user at a path, which asks and sleeps until the answer is there. */
void vfio_reads(const char *path, unsigned rounds);
#endif
