#define _GNU_SOURCE
#include "sockets.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int pcie_link_address(const char *path, struct sockaddr_un *address, socklen_t *length) {
  size_t count = strlen(path);
  if (count == 0 || count >= sizeof address->sun_path) return PCIE_LINK_E_ARGUMENT;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, count);
  if (path[0] == '@') address->sun_path[0] = 0;
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count + (path[0] != '@'));
  return PCIE_LINK_OK;
}

static int failed(pcie_link_text *why, const char *call, const char *path) {
  int number = errno;
  if (why) snprintf(why->bytes, sizeof why->bytes, "%s %.120s: %s", call, path, strerror(number));
  return PCIE_LINK_E_SYSTEM;
}

/* Whether somebody accepts connections there. */
static int is_alive(const struct sockaddr_un *address, socklen_t length) {
  int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return 1;
  int refused = connect(probe, (const struct sockaddr *)address, length) < 0 && errno == ECONNREFUSED;
  close(probe);
  return !refused;
}

int pcie_link_listen(const char *path, pcie_link_text *why) {
  struct sockaddr_un address;
  socklen_t length;
  if (pcie_link_address(path, &address, &length)) {
    if (why)
      snprintf(why->bytes, sizeof why->bytes, "the socket's path has %zu bytes; it takes 1 to %zu",
               strlen(path), sizeof address.sun_path - 1);
    return PCIE_LINK_E_ARGUMENT;
  }
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return failed(why, "socket", path);
  int bound = bind(listener, (struct sockaddr *)&address, length);
  if (bound < 0 && errno == EADDRINUSE) {
    struct stat status;
    if (path[0] == '@' || stat(path, &status) < 0 || !S_ISSOCK(status.st_mode) ||
        is_alive(&address, length)) {
      close(listener);
      if (why) snprintf(why->bytes, sizeof why->bytes, "%.120s is in use", path);
      return PCIE_LINK_E_REFUSED;
    }
    unlink(path);
    bound = bind(listener, (struct sockaddr *)&address, length);
  }
  if (bound < 0 || listen(listener, 8) < 0) {
    int error = failed(why, "bind", path);
    close(listener);
    return error;
  }
  return listener;
}

int pcie_link_accept(int listener) {
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connection >= 0) return connection;
  return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED ? PCIE_LINK_E_EMPTY
                                                                    : PCIE_LINK_E_SYSTEM;
}

int pcie_link_take(int socket, void *bytes, size_t room, int *descriptors, int limit, size_t *count) {
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int) * PCIE_LINK_DESCRIPTORS_SEEN)];
  } control;
  struct iovec into = {.iov_base = bytes, .iov_len = room};
  struct msghdr message = {
      .msg_iov = &into, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
  if (got < 0) {
    if (errno == EAGAIN || errno == EINTR) return PCIE_LINK_E_EMPTY;
    return errno == ECONNRESET ? PCIE_LINK_E_CLOSED : PCIE_LINK_E_SYSTEM;
  }
  int taken = 0;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    size_t passed = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < passed; index++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(each) + index * sizeof(int), sizeof descriptor);
      if (taken < limit) {
        descriptors[taken] = descriptor;
      } else {
        close(descriptor);
      }
      taken++;
    }
  }
  int too_many = taken > limit || message.msg_flags & MSG_CTRUNC;
  if (too_many || got == 0) {
    for (int index = 0; index < taken && index < limit; index++) close(descriptors[index]);
    return too_many ? PCIE_LINK_E_DESCRIPTORS : PCIE_LINK_E_CLOSED;
  }
  *count = (size_t)got;
  return taken;
}

int pcie_link_hello_receive(int socket, pcie_link_hello *hello, pcie_link_text *why) {
  union {
    pcie_link_hello hello;
    uint8_t bytes[sizeof(pcie_link_hello)];
  } raw;
  size_t count = 0;
  int result = pcie_link_take(socket, raw.bytes, sizeof raw, NULL, 0, &count);
  if (result == PCIE_LINK_E_DESCRIPTORS && why)
    snprintf(why->bytes, sizeof why->bytes, "the hello brings descriptors; it has none");
  if (result == PCIE_LINK_E_SYSTEM) return failed(why, "recvmsg", "hello");
  if (result < 0) return result;
  if (count > sizeof raw) {
    if (why)
      snprintf(why->bytes, sizeof why->bytes, "the hello has %zu bytes; it has %zu", count, sizeof raw);
    return PCIE_LINK_E_MALFORMED;
  }
  return pcie_link_hello_parse(raw.bytes, count, hello, why);
}

void pcie_link_preamble_fill(pcie_link_preamble *preamble, size_t bytes) {
  preamble->magic = PCIE_LINK_MAGIC;
  preamble->version = PCIE_LINK_VERSION;
  preamble->layout = pcie_link_layout();
  preamble->byte_order = PCIE_LINK_BYTE_ORDER;
  preamble->bytes = (uint32_t)bytes;
}

static int send_answer(int socket, pcie_link_answer *answer, const int *descriptors, size_t count) {
  pcie_link_preamble_fill(&answer->preamble, sizeof *answer);
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int) * 3)];
  } control;
  struct iovec from = {.iov_base = answer, .iov_len = sizeof *answer};
  struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1};
  if (count) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(head), descriptors, sizeof(int) * count);
  }
  if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return PCIE_LINK_OK;
  return errno == EPIPE || errno == ECONNRESET ? PCIE_LINK_E_CLOSED : PCIE_LINK_E_SYSTEM;
}

int pcie_link_refuse(int socket, int status, const char *text) {
  pcie_link_answer answer;
  memset(&answer, 0, sizeof answer);
  answer.status = status < 0 ? status : PCIE_LINK_E_REFUSED;
  snprintf(answer.text, sizeof answer.text, "%s", text);
  return send_answer(socket, &answer, NULL, 0);
}

int pcie_link_welcome(int socket, pcie_link_region *region, const pcie_link_terms *terms) {
  pcie_link_answer answer;
  memset(&answer, 0, sizeof answer);
  answer.role = terms->role;
  answer.slots = region->end.slots;
  answer.region_bytes = region->bytes;
  answer.completion_timeout = terms->completion_timeout;
  answer.function = terms->function;
  if (terms->description) {
    answer.flags = PCIE_LINK_ANSWER_DESCRIBED;
    answer.description = *terms->description;
  }
  int descriptors[3] = {region->descriptor, region->doorbell, -1};
  if (terms->hints) {
    descriptors[2] = terms->hints->descriptor;
    answer.hint = terms->hint;
  }
  region->end.doorbell = socket;
  region->end.doorbell_is_socket = 1;
  return send_answer(socket, &answer, descriptors, terms->hints ? 3 : 2);
}

int pcie_link_peer_pid(int socket) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? PCIE_LINK_E_SYSTEM : peer.pid;
}

int pcie_link_socket_drain(int socket) {
  char bytes[64];
  int descriptors = 0, rang = 0;
  for (int rounds = 0; rounds < 64; rounds++) { /* a flood is left for the next call */
    size_t count = 0;
    int result = pcie_link_take(socket, bytes, sizeof bytes, &descriptors, 0, &count);
    if (result == PCIE_LINK_E_EMPTY) return rang;
    if (result != PCIE_LINK_OK && result != PCIE_LINK_E_DESCRIPTORS) return PCIE_LINK_E_CLOSED;
    rang = 1;
  }
  return rang;
}
