/* native_posix: its table of hardware events is fixed, so that a timer of the kernel polls the link. */
#include "link_bottom.h"
#include <stddef.h>
#include <cmdline.h>
#include <hw_models_top.h>
#include <irq_ctrl.h>
#include <posix_board_if.h>
#include <soc.h>
#include <stdlib.h>

char *bottom_url;
uint32_t bottom_pace;

uint64_t bottom_time(void) { return hwm_get_time(); }

void bottom_raise(void) { hw_irq_ctrl_set_irq(CONFIG_PCIE_HARNESS_LINK_IRQ); }

void bottom_schedule(uint32_t microseconds) { (void)microseconds; }

void bottom_exit(int code) {
  posix_exit(code);
  abort();
}

static void add_options(void) {
  static struct args_struct_t options[] = {
      {.option = "pcie-link", .name = "unix:PATH#NODE", .type = 's', .dest = &bottom_url,
       .descript = "The link of pcie-harness; without it that of the variable PCIE_LINK"},
      {.option = "pcie-link-pace", .name = "us", .type = 'u', .dest = &bottom_pace,
       .descript = "Wait so many microseconds of the host for the link at each look; for --no-rt"},
      ARG_TABLE_ENDMARKER};
  native_add_command_line_opts(options);
}

NATIVE_TASK(add_options, PRE_BOOT_1, 20);
