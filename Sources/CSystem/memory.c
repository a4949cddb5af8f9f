#define _GNU_SOURCE
#include "cmemory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

/* Room for the descriptors of a message, aligned as its header wants it. */
union control {
  struct cmsghdr head;
  char bytes[CMSG_SPACE(CSYS_PASSED_MAX * sizeof(int))];
};

/* Takes the descriptors out of a message: how many there are. */
static int taken(struct msghdr *message, int *descriptors) {
  int count = 0;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    int here = (int)((each->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int index = 0; index < here; index++) {
      int one;
      memcpy(&one, CMSG_DATA(each) + (size_t)index * sizeof one, sizeof one);
      if (count < CSYS_PASSED_MAX)
        descriptors[count++] = one;
      else
        close(one);
    }
  }
  return count;
}

ssize_t csys_receive(int fd, void *bytes, size_t count, int *descriptors, int *passed) {
  union control control;
  struct iovec part = {bytes, count};
  struct msghdr message;
  ssize_t got;
  *passed = 0;
  do {
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  *passed = taken(&message, descriptors);
  if (!(message.msg_flags & MSG_CTRUNC)) return got;
  while (*passed > 0) close(descriptors[--*passed]);
  return -EBADMSG;
}

ssize_t csys_send_with(int fd, const void *bytes, size_t count, const int *descriptors, int passed) {
  if (passed < 0 || passed > CSYS_PASSED_MAX || count == 0) return -EINVAL;
  union control control;
  struct iovec part = {(void *)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (passed > 0) {
    size_t length = (size_t)passed * sizeof(int);
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(length);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(head), descriptors, length);
  }
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int csys_memory(const char *name, uint64_t bytes) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -errno;
  if (ftruncate(fd, (off_t)bytes) == 0 &&
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    return fd;
  int error = errno;
  close(fd);
  return -error;
}

int csys_is_memory(int fd) { return fcntl(fd, F_GET_SEALS) >= 0; }

int csys_cannot_shrink(int fd) {
  int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) return 0;
  /* A hole in huge pages may find no page any more. */
  struct statfs facts;
  return fstatfs(fd, &facts) == 0 && facts.f_type != HUGETLBFS_MAGIC;
}

int64_t csys_file_bytes(int fd) {
  struct stat facts;
  if (fstat(fd, &facts) < 0) return -errno;
  return S_ISREG(facts.st_mode) ? facts.st_size : -ENODEV;
}

int csys_map(int fd, uint64_t offset, size_t count, int writable, void **memory) {
  int protection = PROT_READ | (writable ? PROT_WRITE : 0);
  void *start = mmap(NULL, count, protection, MAP_SHARED, fd, (off_t)offset);
  if (start == MAP_FAILED) return -errno;
  *memory = start;
  return 0;
}

void csys_unmap(void *memory, size_t count) { munmap(memory, count); }

int csys_read_at(int fd, void *bytes, size_t count, uint64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t got = pread(fd, (char *)bytes + done, count - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0 ? -errno : -EIO;
    done += (size_t)got;
  }
  return 0;
}

int csys_write_at(int fd, const void *bytes, size_t count, uint64_t offset) {
  /* A file that has become shorter is not made longer again. */
  int64_t end = csys_file_bytes(fd);
  if (end < 0) return (int)end;
  if (offset > (uint64_t)end || count > (uint64_t)end - offset) return -EIO;
  size_t done = 0;
  while (done < count) {
    ssize_t put = pwrite(fd, (const char *)bytes + done, count - done, (off_t)(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? -errno : -EIO;
    done += (size_t)put;
  }
  return 0;
}

int csys_event(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int csys_is_event(int fd) {
  char path[32], target[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return 0;
  target[length] = 0;
  return strcmp(target, "anon_inode:[eventfd]") == 0;
}

/* Whether an eventfd can be written, or read, without waiting; whoever shares it may have taken O_NONBLOCK
 * away. */
static int is_ready(int fd, short events) {
  struct pollfd request = {.fd = fd, .events = events};
  return poll(&request, 1, 0) > 0 && (request.revents & events) != 0;
}

/* Narrows the time in which somebody may take it away. */
static void make_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) == 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int csys_event_raise(int fd) {
  uint64_t one = 1;
  if (!is_ready(fd, POLLOUT)) return 0;
  ssize_t put;
  do {
    make_nonblocking(fd);
    put = write(fd, &one, sizeof one);
  } while (put < 0 && errno == EINTR);
  return put < 0 && errno != EAGAIN ? -errno : 0;
}

uint64_t csys_event_take(int fd) {
  uint64_t count = 0;
  if (!is_ready(fd, POLLIN)) return 0;
  make_nonblocking(fd);
  return read(fd, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}
