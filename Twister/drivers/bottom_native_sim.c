/* native_sim: a hardware event polls the link; part of the runner, so that only its headers are seen. */
#include "link_bottom.h"
#include <irq_ctrl.h>
#include <nsi_cmdline.h>
#include <nsi_hw_scheduler.h>
#include <nsi_hws_models_if.h>
#include <nsi_main.h>
#include <nsi_tasks.h>
#include <stddef.h>
#include <stdlib.h>

char *bottom_url;
uint32_t bottom_pace;
static uint32_t period;
static uint64_t poll_time = NSI_NEVER;

uint64_t bottom_time(void) { return nsi_hws_get_time(); }

void bottom_raise(void) { hw_irq_ctrl_set_irq(PCIE_HARNESS_LINK_IRQ); }

void bottom_schedule(uint32_t microseconds) {
  period = microseconds;
  poll_time = nsi_hws_get_time() + period;
  nsi_hws_find_next_event();
}

void bottom_exit(int code) {
  nsi_exit(code);
  abort();
}

static void poll_link(void) {
  poll_time = nsi_hws_get_time() + period;
  link_bottom_poll();
}

NSI_HW_EVENT(poll_time, poll_link, 500);

static void add_options(void) {
  static struct args_struct_t options[] = {
      {.option = "pcie-link", .name = "unix:PATH#NODE", .type = 's', .dest = &bottom_url,
       .descript = "The link of pcie-harness; without it that of the variable PCIE_LINK"},
      {.option = "pcie-link-pace", .name = "us", .type = 'u', .dest = &bottom_pace,
       .descript = "Wait so many microseconds of the host for the link at each look; for --no-rt"},
      ARG_TABLE_ENDMARKER};
  nsi_add_command_line_opts(options);
}

NSI_TASK(add_options, PRE_BOOT_1, 20);
