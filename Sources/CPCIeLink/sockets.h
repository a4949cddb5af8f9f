/* What both sides of the handshake need of sockets. */
#ifndef PCIE_LINK_SOCKETS_H
#define PCIE_LINK_SOCKETS_H
#include "include/pcie_link_broker.h"
#include <sys/socket.h>
#include <sys/un.h>

/* Room for more descriptors than anybody needs, so that too many are seen and closed. */
enum { PCIE_LINK_DESCRIPTORS_SEEN = 16 };

/* The address of a path, or of @name. E_ARGUMENT when it is empty or too long. */
int pcie_link_address(const char *path, struct sockaddr_un *address, socklen_t *length);
/* Takes one message without waiting. Gives the number of descriptors, at most `limit`, and the message's full
 * size, which may be more than `room`. Errors: E_EMPTY, E_CLOSED, E_DESCRIPTORS (more than `limit`: all are
 * closed), E_SYSTEM. */
int pcie_link_take(int socket, void *bytes, size_t room, int *descriptors, int limit, size_t *count);
void pcie_link_preamble_fill(pcie_link_preamble *preamble, size_t bytes);
#endif
