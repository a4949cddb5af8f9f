/* The applications' platform on Linux, with an other side that takes nothing: posted requests give up, so
 * that the application gets its console back. Usage: hung FOLDER */
#define _GNU_SOURCE
#include "../../../Twister/apps/platform/platform_posix.c"
#include "../../../Twister/apps/platform/platform_posix_console.c"
#include "../../../Twister/apps/platform/platform_link.c"
#include "../../../Twister/apps/platform/platform_link_device.c"
#include "check.h"
#include "pcie_link_broker.h"
#include <poll.h>
#include <sys/wait.h>

static int nothing_read(int bar, uint64_t offset, void *data, size_t bytes) {
  (void)bar, (void)offset, (void)data, (void)bytes;
  return PLATFORM_REFUSED;
}
static int nothing_written(int bar, uint64_t offset, const void *data, size_t bytes) {
  (void)bar, (void)offset, (void)data, (void)bytes;
  return PLATFORM_REFUSED;
}

static void flood(void) {
  static const struct platform_device device = {
      .vendor = 0x1234, .device = 1, .vectors = 1, .read = nothing_read, .write = nothing_written};
  uint32_t word = 0;
  int result;
  CHECK_EQUAL(platform_device_open(&device), 0);
  do result = platform_dma_write(0x1000, &word, sizeof word);
  while (result >= 0);
  CHECK_EQUAL(result, PLATFORM_TIMEOUT);
  CHECK_EQUAL(platform_raise(0), PLATFORM_TIMEOUT);
  CHECK(platform_is_up());
  platform_close();
}

/* Lets the application in, and takes nothing of it. */
static void welcome(int listener, pcie_link_region *region) {
  pcie_link_text why;
  pcie_link_hello hello;
  struct pollfd until = {.fd = listener, .events = POLLIN};
  CHECK(poll(&until, 1, 60000) == 1);
  until.fd = pcie_link_accept(listener);
  CHECK(poll(&until, 1, 60000) == 1);
  CHECK_EQUAL(pcie_link_hello_receive(until.fd, &hello, &why), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_region_create(region, 256), PCIE_LINK_OK);
  pcie_link_terms terms = {.role = hello.role, .completion_timeout = 1000000};
  terms.function = (pcie_link_function){.max_payload = 128,
                                        .max_read_request = 128,
                                        .completion_boundary = 64,
                                        .tags = 32,
                                        .bus_master = 1,
                                        .link_up = 1};
  CHECK_EQUAL(pcie_link_welcome(until.fd, region, &terms), PCIE_LINK_OK);
}

int main(int count, char **words) {
  char path[90], url[120];
  pcie_link_text why;
  pcie_link_region region;
  int status;
  CHECK_EQUAL(count, 2);
  alarm(100);
  snprintf(path, sizeof path, "%s/hung.sock", words[1]);
  snprintf(url, sizeof url, "unix:%s#node", path);
  int listener = pcie_link_listen(path, &why);
  CHECK(listener >= 0);
  setenv("PCIE_LINK", url, 1);
  pid_t child = fork();
  if (child == 0) {
    alarm(100);
    flood();
    _exit(0);
  }
  welcome(listener, &region);
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  pcie_link_region_destroy(&region);
  puts("hung: passed");
  return 0;
}
