/* The part of native_sim's header of this name that the bottom uses. */
#include <stdbool.h>
#include <stddef.h>

struct args_struct_t {
  bool manual, is_mandatory, is_switch;
  char *option, *name;
  char type;
  void *dest;
  void (*call_when_found)(char *argv, int offset);
  char *descript;
};

#define ARG_TABLE_ENDMARKER {false, false, false, NULL, NULL, 0, NULL, NULL, NULL}

void nsi_add_command_line_opts(struct args_struct_t *args);
