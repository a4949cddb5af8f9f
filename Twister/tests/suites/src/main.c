/* The work is done on the host, by pytest. A Twister before 3.5 starts this image first, and waits for its
 * end. */
#include <zephyr/kernel.h>
#ifdef CONFIG_BOARD_NATIVE_SIM
#include <nsi_main_semipublic.h>
#include <nsi_main.h>
#define END nsi_exit
#else
#include <posix_board_if.h>
#define END posix_exit
#endif

/* A thread and no main: that gave nothing before Zephyr 3.4, and gives a number since. */
static void run(void *first, void *second, void *third) {
  ARG_UNUSED(first), ARG_UNUSED(second), ARG_UNUSED(third);
  printk("the suite runs on the host\n");
  END(0);
}
K_THREAD_DEFINE(end, 4096, run, NULL, NULL, NULL, 0, 0, 0);
