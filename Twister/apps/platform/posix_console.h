/* The console: standard input and output. */
#ifndef PLATFORM_POSIX_CONSOLE_H
#define PLATFORM_POSIX_CONSOLE_H
#include <stdbool.h>

/* The descriptor to wait for; -1 once the input has ended. */
int posix_console_file(void);
/* Takes what has come; to be called when the descriptor is readable. */
void posix_console_read(void);
bool posix_console_has_line(void);

#endif
