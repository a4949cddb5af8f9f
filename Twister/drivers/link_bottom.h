/* The border between Zephyr and the host, for a link of pcie-harness: what is below runs as part of the
 * simulator, with the headers and the C library of the host. Across go only integers of fixed width and
 * functions; the link library's own functions, pcie_link_*, can be called from either side. */
#ifndef PCIE_HARNESS_LINK_BOTTOM_H
#define PCIE_HARNESS_LINK_BOTTOM_H
#include <pcie_link.h>
#include <stdbool.h>
#include <stdint.h>

/* What has happened since link_bottom_take was called; bits. */
enum {
  LINK_EVENT_DOWN = 1 << PCIE_LINK_STATE_DOWN,
  LINK_EVENT_UP = 1 << PCIE_LINK_STATE_UP,
  LINK_EVENT_HOT_RESET = 1 << PCIE_LINK_STATE_HOT_RESET,
  LINK_EVENT_FLR = 1 << PCIE_LINK_STATE_FLR,
  LINK_EVENT_VECTOR = 1 << 4, /* a bit of the vectors is set */
  LINK_EVENT_ACCESS = 1 << 5, /* a BAR of this device was read or written */
  LINK_EVENT_INPUT = 1 << 6,  /* a line waits on the console */
  LINK_EVENT_GONE = 1 << 7    /* the broker has gone */
};

/* Vectors are the data of MSI and MSI-X messages below this. */
enum { LINK_VECTORS = 64 };

/* Opens the link that --pcie-link or PCIE_LINK names; the handlers of `options` for interrupts and states
 * are the bottom's, those of a device stay. They are called outside the kernel, whenever the link is
 * served: they must not call it. Without a named link: PCIE_LINK_E_ABSENT when that is allowed, else the
 * image ends. */
int link_bottom_open(const pcie_link_options *options, bool is_optional, pcie_link **link);
/* Takes what has happened, and the vectors that were raised, each once however often it was. */
uint32_t link_bottom_take(uint64_t *vectors);
/* Serves the link and looks at the console. Raises the interrupt when something has happened. */
void link_bottom_poll(void);
/* Raises the interrupt for what happened within a call of the link library; calls from Zephyr are followed
 * by it. */
void link_bottom_settle(void);
/* Takes the next line of standard input without its end; false when none has come. */
bool link_bottom_line(char *line, uint32_t bytes);
/* Milliseconds of the host. */
int64_t link_bottom_now(void);
/* Says goodbye. */
void link_bottom_close(void);
/* Ends the image with an exit code. */
_Noreturn void link_bottom_end(int code);
/* Memory of the host, of zeros; NULL without. */
void *link_bottom_allocate(uint32_t bytes);
/* Looks for happenings every so many microseconds; called once, by the kernel's side. */
void link_bottom_start(uint32_t microseconds);

/* --- what each simulator has of its own: bottom_native_sim.c, bottom_native_posix.c --- */

/* The simulated time in microseconds. */
uint64_t bottom_time(void);
void bottom_raise(void);
void bottom_schedule(uint32_t microseconds);
_Noreturn void bottom_exit(int code);
/* The link that --pcie-link names, NULL without; and --pcie-link-pace in microseconds. */
extern char *bottom_url;
extern uint32_t bottom_pace;

#endif
