/* What the applications need of the world that they run in: a console, and one side of a PCIe link.
 *
 * platform_posix*.c is Linux and platform_zephyr*.c Zephyr, both over the link library by
 * platform_link*.c; another world has the same functions over its own drivers. The applications use
 * nothing else but the C library's strings.
 *
 * Functions that return int give 0 or more, or one of enum platform_error. Handlers run while the
 * application is in a function that waits; an interrupt handler may be called in interrupt context, so it
 * only counts. */
#ifndef PLATFORM_H
#define PLATFORM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum platform_error {
  PLATFORM_TIMEOUT = -1, /* no answer in time */
  PLATFORM_DOWN = -2,    /* the link is down; it may come up again */
  PLATFORM_GONE = -3,    /* there will be no link any more */
  PLATFORM_REFUSED = -4, /* the completer refused the request, or the function may not send it now */
  PLATFORM_FAILED = -5   /* anything else */
};

enum { PLATFORM_BARS = 6, PLATFORM_VECTORS = 32, PLATFORM_LINE_BYTES = 128 };

/* What the application is; its result is the exit code of the program. */
int application(void);

/* --- console --- */

/* Writes one line, at once. */
void platform_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Takes the next line of input without its end; false when no whole line has come. */
bool platform_line(char line[PLATFORM_LINE_BYTES]);
/* What the last failed call ran into. Never NULL. */
const char *platform_problem(void);

/* --- waiting --- */

/* Waits until a handler has run since the last call, or a line of input has come. */
int platform_wait(void);
/* Waits until a counter is no longer what it was. Errors: TIMEOUT, DOWN, GONE. */
int platform_await(const volatile uint32_t *counter, uint32_t value, int milliseconds);
bool platform_is_up(void);

/* What happens to the link or the function. */
enum platform_change { PLATFORM_LINK_DOWN, PLATFORM_LINK_UP, PLATFORM_HOT_RESET, PLATFORM_FUNCTION_RESET };
const char *platform_change_text(enum platform_change change);
/* Names the handler of changes; to be called before the link is opened. */
void platform_on_change(void (*changed)(enum platform_change change));

void platform_close(void);

/* --- host --- */

struct platform_function {
  uint16_t vendor, device;
  int vectors;           /* of MSI-X */
  bool bars[PLATFORM_BARS]; /* whether software can reach the BAR */
};

/* Opens the link as host. */
int platform_host_open(void (*interrupt)(int vector));
/* Finds the function behind the link, places its BARs and enables it. */
int platform_find(struct platform_function *found);
/* Connects the first `count` MSI-X vectors of the function with the handler. */
int platform_vectors_connect(int count);
int platform_vector_mask(int vector, bool masked);
/* 1 when the vector pends, 0 when it does not. */
int platform_vector_pending(int vector);
int platform_bar_read(int bar, uint64_t offset, void *data, size_t bytes);
/* Posted: returns before the device has it. */
int platform_bar_write(int bar, uint64_t offset, const void *data, size_t bytes);
/* Lends memory to the device, and tells under which address. */
int platform_lend(void *memory, size_t bytes, uint64_t *address);

/* --- device --- */

struct platform_device {
  uint16_t vendor, device;
  uint32_t class_code;
  int vectors;                        /* of MSI-X; its table takes BAR 1 */
  uint32_t bar_bytes[PLATFORM_BARS]; /* powers of two; 0: no BAR; BAR 1 is taken */
  /* Return 0, or PLATFORM_REFUSED. */
  int (*read)(int bar, uint64_t offset, void *data, size_t bytes);
  int (*write)(int bar, uint64_t offset, const void *data, size_t bytes);
};

/* Opens the link as device. */
int platform_device_open(const struct platform_device *device);
int platform_dma_read(uint64_t address, void *data, size_t bytes);
/* Posted, as platform_bar_write. */
int platform_dma_write(uint64_t address, const void *data, size_t bytes);
/* Raises an MSI-X vector behind everything that was written before. */
int platform_raise(int vector);

#endif
