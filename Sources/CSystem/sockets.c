#define _GNU_SOURCE
#include "csockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int closing(int fd, int error) {
  close(fd);
  return -error;
}

/* Reads a numeric address. */
static int address_of(const char *host, uint16_t port, struct sockaddr_storage *address, socklen_t *length) {
  memset(address, 0, sizeof *address);
  struct sockaddr_in *four = (struct sockaddr_in *)address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    *length = sizeof *four;
    return 0;
  }
  if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    *length = sizeof *six;
    return 0;
  }
  return -EINVAL;
}

static int stream(int family) { return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

static void without_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static uint16_t port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                             : ((const struct sockaddr_in6 *)address)->sin6_port);
}

int csys_listen_tcp(const char *host, uint16_t port, uint16_t *bound) {
  struct sockaddr_storage address;
  socklen_t length;
  int result = address_of(host, port, &address, &length);
  if (result < 0) return result;
  int fd = stream(address.ss_family);
  if (fd < 0) return -errno;
  /* For a port whose last connection is still fading; a listener on it is an error all the same. */
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 8) < 0) return closing(fd, errno);
  length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return closing(fd, errno);
  *bound = port_of(&address);
  return fd;
}

int csys_connect_tcp(const char *host, uint16_t port) {
  struct sockaddr_storage address;
  socklen_t length;
  int result = address_of(host, port, &address, &length);
  if (result < 0) return result;
  int fd = stream(address.ss_family);
  if (fd < 0) return -errno;
  without_delay(fd);
  if (connect(fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS) return closing(fd, errno);
  return fd;
}

static int path_of(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

int csys_listen_unix(const char *path) {
  struct sockaddr_un address;
  int result = path_of(path, &address);
  if (result < 0) return result;
  int fd = stream(AF_UNIX);
  if (fd < 0) return -errno;
  struct sockaddr *general = (struct sockaddr *)&address;
  if (bind(fd, general, sizeof address) < 0 || listen(fd, 8) < 0) return closing(fd, errno);
  return fd;
}

int csys_connect_unix(const char *path) {
  struct sockaddr_un address;
  int result = path_of(path, &address);
  if (result < 0) return result;
  int fd = stream(AF_UNIX);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return closing(fd, errno);
  return fd;
}

int csys_accept(int fd) {
  int accepted;
  do {
    accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (accepted < 0) return -errno;
  without_delay(accepted);
  return accepted;
}

int csys_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
  return -error;
}

ssize_t csys_send(int fd, const void *bytes, size_t count) {
  ssize_t sent;
  do {
    sent = send(fd, bytes, count, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int csys_poll(struct pollfd *requests, int count, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  int ready = ppoll(requests, (nfds_t)count, nanoseconds < 0 ? NULL : &limit, NULL);
  return ready < 0 ? (errno == EINTR ? 0 : -errno) : ready;
}
