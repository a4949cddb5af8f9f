/* The first messages of both sides of a link, from anyone: as they are, and behind a preamble that is
 * right. */
#include "pcie_link_broker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
  pcie_link_text why;
  pcie_link_hello hello;
  pcie_link_answer answer;
  pcie_link_hello_parse(data, count, &hello, &why);
  pcie_link_answer_parse(data, count, &answer, &why);

  uint8_t bytes[sizeof answer] = {0};
  pcie_link_preamble preamble = {PCIE_LINK_MAGIC, PCIE_LINK_VERSION, pcie_link_layout(),
                                 PCIE_LINK_BYTE_ORDER, 0};
  const size_t sizes[] = {sizeof hello, sizeof answer};
  for (int index = 0; index < 2; index++) {
    size_t room = sizes[index] - sizeof preamble;
    preamble.bytes = (uint32_t)sizes[index];
    memcpy(bytes, &preamble, sizeof preamble);
    memcpy(bytes + sizeof preamble, data, count < room ? count : room);
    int error = index ? pcie_link_answer_parse(bytes, sizes[index], &answer, &why)
                      : pcie_link_hello_parse(bytes, sizes[index], &hello, &why);
    if (error == PCIE_LINK_OK && !index && strlen(hello.node) >= PCIE_LINK_NODE_BYTES) __builtin_trap();
    if (error != PCIE_LINK_OK && strlen(why.bytes) == 0) __builtin_trap();
  }
  return 0;
}
