#include "command.h"
#include "platform.h"
#include <stdbool.h>
#include <string.h>

/* A decimal number, and nothing behind it. */
static bool read_number(const char *text, uint32_t *number) {
  uint64_t value = 0;
  const char *digit = text;
  for (; *digit >= '0' && *digit <= '9' && value <= UINT32_MAX; digit++)
    value = value * 10 + (uint64_t)(*digit - '0');
  *number = (uint32_t)value;
  return digit != text && *digit == 0 && value <= UINT32_MAX;
}

int command_perform(const char *line, const struct command *commands, int count) {
  for (int index = 0; index < count; index++) {
    const struct command *each = &commands[index];
    size_t length = strlen(each->words);
    uint32_t number = each->number;
    if (strncmp(line, each->words, length)) continue;
    if (line[length] == 0 || (line[length] == ' ' && read_number(line + length + 1, &number)))
      return each->perform(number);
  }
  platform_print("'%s' is no command", line);
  for (int index = 0; index < count; index++) platform_print("  %s", commands[index].words);
  return 0;
}
