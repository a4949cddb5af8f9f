/* Lines from standard input, never waited for, and to standard output. */
#include "platform.h"
#include "posix_console.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char input[4 * PLATFORM_LINE_BYTES];
static size_t filled;
static bool has_ended;

int posix_console_file(void) { return has_ended || filled == sizeof input ? -1 : STDIN_FILENO; }

void posix_console_read(void) {
  ssize_t count = read(STDIN_FILENO, input + filled, sizeof input - filled);
  if (count > 0) filled += (size_t)count;
  if (count == 0) has_ended = true;
}

bool posix_console_has_line(void) { return filled == sizeof input || memchr(input, '\n', filled); }

/* A line that is too long is cut, and the rest of it is the next one. */
bool platform_line(char line[PLATFORM_LINE_BYTES]) {
  if (!posix_console_has_line()) return false;
  const char *end = memchr(input, '\n', filled);
  size_t length = end ? (size_t)(end - input) : filled, taken = end ? length + 1 : length;
  if (length >= PLATFORM_LINE_BYTES) length = taken = PLATFORM_LINE_BYTES - 1;
  memcpy(line, input, length);
  line[length] = 0;
  filled -= taken;
  memmove(input, input + taken, filled);
  return true;
}

void platform_print(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
}
