/* Commands of the console: an application's name, a verb, and where it wants one a number. */
#ifndef COMMAND_H
#define COMMAND_H
#include <stdint.h>

struct command {
  const char *words; /* as "pipe raise" */
  int (*perform)(uint32_t number);
  uint32_t number; /* where the line has none */
};

/* Performs the command of a line and gives its result; says so on the console when it is none. */
int command_perform(const char *line, const struct command *commands, int count);

#endif
