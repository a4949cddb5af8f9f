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

/* Where a socket listens or connects to. */
struct place {
  struct sockaddr_storage address;
  socklen_t length;
};

static int closing(int fd, int error) {
  close(fd);
  return -error;
}

/* Reads a numeric address. */
static int tcp_place(const char *host, uint16_t port, struct place *place) {
  memset(place, 0, sizeof *place);
  struct sockaddr_in *four = (struct sockaddr_in *)&place->address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&place->address;
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    place->length = sizeof *four;
    return 0;
  }
  if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    place->length = sizeof *six;
    return 0;
  }
  return -EINVAL;
}

static int unix_place(const char *path, struct place *place) {
  struct sockaddr_un *address = (struct sockaddr_un *)&place->address;
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(place, 0, sizeof *place);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  place->length = sizeof *address;
  return 0;
}

static uint16_t port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                             : ((const struct sockaddr_in6 *)address)->sin6_port);
}

static int stream(const struct place *place) {
  return socket(place->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Sends at once, and is ready for writing only while little waits to be sent: what is written then is taken
 * whole. A socket that is none of TCP has no such options. */
static void tune(int fd) {
  int on = 1, unsent = CSYS_UNSENT_BYTES;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static int listen_at(struct place *place) {
  int fd = stream(place);
  if (fd < 0) return -errno;
  /* For a port whose last connection is still fading; a listener on it is an error all the same. */
  int on = 1;
  if (place->address.ss_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr *address = (struct sockaddr *)&place->address;
  if (bind(fd, address, place->length) < 0 || listen(fd, 8) < 0) return closing(fd, errno);
  place->length = sizeof place->address;
  if (getsockname(fd, address, &place->length) < 0) return closing(fd, errno);
  return fd;
}

static int connect_to(const struct place *place) {
  int fd = stream(place);
  if (fd < 0) return -errno;
  tune(fd);
  if (connect(fd, (const struct sockaddr *)&place->address, place->length) < 0 && errno != EINPROGRESS)
    return closing(fd, errno);
  return fd;
}

int csys_listen_tcp(const char *host, uint16_t port, uint16_t *bound) {
  struct place place;
  int result = tcp_place(host, port, &place);
  if (result == 0) result = listen_at(&place);
  if (result >= 0) *bound = port_of(&place.address);
  return result;
}

int csys_connect_tcp(const char *host, uint16_t port) {
  struct place place;
  int result = tcp_place(host, port, &place);
  return result < 0 ? result : connect_to(&place);
}

int csys_listen_unix(const char *path) {
  struct place place;
  int result = unix_place(path, &place);
  return result < 0 ? result : listen_at(&place);
}

int csys_connect_unix(const char *path) {
  struct place place;
  int result = unix_place(path, &place);
  return result < 0 ? result : connect_to(&place);
}

int csys_accept(int fd) {
  int accepted;
  do {
    accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (accepted < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (accepted < 0) return -errno;
  tune(accepted);
  return accepted;
}

int csys_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
  if (error != 0) return -error;
  /* A socket that connects to a free port of its own machine may be given that port, and meet itself. */
  struct sockaddr_storage own, other;
  memset(&own, 0, sizeof own);
  memset(&other, 0, sizeof other);
  socklen_t own_length = sizeof own, other_length = sizeof other;
  if (getsockname(fd, (struct sockaddr *)&own, &own_length) < 0) return -errno;
  if (getpeername(fd, (struct sockaddr *)&other, &other_length) < 0) return -errno;
  return own.ss_family != AF_UNIX && memcmp(&own, &other, sizeof own) == 0 ? -ECONNREFUSED : 0;
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
