/* In the place of native_posix and Zephyr: a clock, an interrupt line, and a program that does what its
 * argument says. Usage: simulator [--pcie-link=URL] optional | find | interrupt | ahead | paced */
#define _POSIX_C_SOURCE 200809L
#include "link_bottom.h"
#include <cmdline.h>
#include <soc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <hw_models_top.h>
#include <irq_ctrl.h>
#include <posix_board_if.h>

static struct args_struct_t *options;
static int raised;
static uint64_t speed = 1;

uint64_t hwm_get_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return ((uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000) * speed;
}

void hw_irq_ctrl_set_irq(unsigned int irq) { raised |= irq == CONFIG_PCIE_HARNESS_LINK_IRQ; }
void posix_exit(int exit_code) { exit(exit_code); }
void native_add_command_line_opts(struct args_struct_t *args) { options = args; }

/* What is not given has the simulator's own values: NULL, and all ones. */
static void set(const char *name, const char *text) {
  for (struct args_struct_t *option = options; option->option; option++)
    if (strcmp(option->option, name) == 0 && option->type == 's')
      *(const char **)option->dest = text;
    else if (strcmp(option->option, name) == 0)
      *(uint32_t *)option->dest = text ? (uint32_t)strtoul(text, NULL, 10) : UINT32_MAX;
}

static int find(pcie_link *link) {
  pcie_link_found found;
  int count = pcie_link_enumerate(link, &found, 1);
  if (count != 1) return 1;
  if (pcie_link_msix_allocate(link, &found, 3, 0xfee00000, 3) < 0) return 1;
  printf("found %04x:%04x\n", found.vendor_id, found.device_id);
  return 0;
}

/* Serves until an interrupt has come, and tells which. */
static int serve(void) {
  uint64_t vectors = 0;
  uint32_t events = 0;
  while (!(events & (LINK_EVENT_VECTOR | LINK_EVENT_GONE))) {
    raised = 0;
    link_bottom_poll();
    if (raised) events = link_bottom_take(&vectors);
  }
  printf("events 0x%x vectors 0x%llx\n", events & (LINK_EVENT_VECTOR | LINK_EVENT_GONE),
         (unsigned long long)vectors);
  return link_bottom_take(&vectors) != 0;
}

int main(int argc, char **argv) {
  const char *mode = argv[argc - 1];
  pcie_link_options host = {.role = PCIE_LINK_HOST};
  pcie_link *link;
  setvbuf(stdout, NULL, _IOLBF, 512);
  stub_add_options();
  set("pcie-link", argc > 2 ? strchr(argv[1], '=') + 1 : NULL);
  set("pcie-link-pace", strcmp(mode, "paced") == 0 ? "1000" : NULL);
  if (link_bottom_open(&host, strcmp(mode, "optional") == 0, &link) == PCIE_LINK_E_ABSENT) return 0;
  if (strcmp(mode, "ahead") == 0 || strcmp(mode, "paced") == 0) speed = 1000;
  if (find(link)) return 1;
  return strcmp(mode, "find") == 0 ? 0 : serve();
}
