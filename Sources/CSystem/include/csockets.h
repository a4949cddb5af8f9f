/* Stream sockets as plain functions. All are close-on-exec and do not block.
 * A function that returns int gives 0 or a descriptor, or the negative errno. */
#ifndef CSOCKETS_H
#define CSOCKETS_H
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <sys/types.h>

/* A connection can be written while at most half of this waits to be sent, and then takes as much at once. */
enum { CSYS_UNSENT_BYTES = 128 * 1024 };

/* Listens on a numeric IPv4 or IPv6 address; port 0 takes a free one. Stores the port. A port that somebody
 * else listens on is refused, also when that socket would share it. */
int csys_listen_tcp(const char *host, uint16_t port, uint16_t *bound);
/* Begins to connect; the socket can be written when it is done or has failed. */
int csys_connect_tcp(const char *host, uint16_t port);
/* Listens on a path of at most 107 bytes, where no file may be. */
int csys_listen_unix(const char *path);
int csys_connect_unix(const char *path);
/* Takes a connection; -EAGAIN when none waits. */
int csys_accept(int fd);
/* Why a connection failed, 0 or the negative errno; one that has met itself was refused. */
int csys_socket_error(int fd);
/* Sends without a signal when the peer is gone. Returns the bytes taken, or the negative errno. */
ssize_t csys_send(int fd, const void *bytes, size_t count);
/* Waits for descriptors; nanoseconds -1 waits without a limit. Returns how many are ready, 0 when the time is
 * over or a signal has come. */
int csys_poll(struct pollfd *requests, int count, int64_t nanoseconds);
#endif
