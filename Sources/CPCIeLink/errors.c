#include "include/pcie_link.h"

const char *pcie_link_strerror(int error) {
  switch (error) {
  case PCIE_LINK_OK:
    return "no error";
  case PCIE_LINK_E_TIMEOUT:
    return "nothing came in time";
  case PCIE_LINK_E_CLOSED:
    return "the other side of the link has gone";
  case PCIE_LINK_E_REFUSED:
    return "the link was refused";
  case PCIE_LINK_E_ARGUMENT:
    return "an argument is out of its bounds";
  case PCIE_LINK_E_SYSTEM:
    return "a system call failed";
  case PCIE_LINK_E_VERSION:
    return "the other side speaks another version";
  case PCIE_LINK_E_LAYOUT:
    return "the other side has another memory layout";
  case PCIE_LINK_E_MALFORMED:
    return "a message of the handshake is malformed";
  case PCIE_LINK_E_DESCRIPTORS:
    return "the descriptors of the handshake are wrong";
  case PCIE_LINK_E_COUNTER:
    return "a ring counter is out of its range";
  case PCIE_LINK_E_RECORD:
    return "a ring holds a record that no sender writes";
  case PCIE_LINK_E_FULL:
    return "no room";
  case PCIE_LINK_E_ROLE:
    return "the call belongs to another role";
  case PCIE_LINK_E_NESTED:
    return "handlers wait in handlers too deeply";
  case PCIE_LINK_E_DISABLED:
    return "bus master enable is clear";
  case PCIE_LINK_E_DOWN:
    return "the link is down";
  case PCIE_LINK_E_EMPTY:
    return "nothing waits";
  case PCIE_LINK_E_ABSENT:
    return "there is no such thing";
  case PCIE_LINK_E_UR:
    return "completed with Unsupported Request";
  case PCIE_LINK_E_CRS:
    return "completed with Request Retry Status";
  case PCIE_LINK_E_CA:
    return "completed with Completer Abort";
  case PCIE_LINK_E_POISONED:
    return "the data is poisoned or its completion breaks the rules";
  default:
    return error > 0 ? "no error" : "an unknown error";
  }
}
