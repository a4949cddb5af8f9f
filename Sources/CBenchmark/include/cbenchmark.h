/* What the benchmark compares with, and a count of this program's allocations.
 * Linking this target replaces malloc and its relatives for the whole program: no product depends on it. */
#ifndef CBENCHMARK_H
#define CBENCHMARK_H
#include <stdint.h>

/* The least that passing TLPs takes: in each step so many records of a TLP's size go through a ring, and so
 * many events through a heap that is ordered by time. */
void bench_queue_steps(uint64_t steps, unsigned tlps, unsigned events);
/* One memcpy of 4 KiB in each step, in cache. */
void bench_copy_steps(uint64_t steps);
/* One memcpy of 64 KiB in each step. */
void bench_transfer_steps(uint64_t steps);

/* The allocations of this program so far, by any thread. */
uint64_t bench_allocations(void);
#endif
