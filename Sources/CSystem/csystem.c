#define _GNU_SOURCE
#include "csystem.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

int csys_subreaper(void) { return result(prctl(PR_SET_CHILD_SUBREAPER, 1)); }

void csys_ignore_write_signals(void) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void csys_trap(void) { __builtin_trap(); }

const char *csys_signal_name(int number) {
  static const char *const names[] = {
      [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
      [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
      [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
      [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM", [SIGXCPU] = "SIGXCPU",
      [SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS",
  };
  return number > 0 && (size_t)number < sizeof names / sizeof *names ? names[number] : NULL;
}

int csys_pipe(int ends[2]) { return result(pipe2(ends, O_CLOEXEC)); }

int csys_socket_pair(int ends[2]) { return result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)); }

int csys_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : result(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

int csys_duplicate(int fd) { return result(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int csys_terminal(char *path, size_t capacity) {
  int own = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (own < 0) return -errno;
  struct termios settings;
  int error = grantpt(own) || unlockpt(own) || tcgetattr(own, &settings) ? errno : 0;
  if (!error) error = ptsname_r(own, path, capacity);
  if (!error) {
    cfmakeraw(&settings);
    if (tcsetattr(own, TCSANOW, &settings)) error = errno;
  }
  if (!error) return own;
  close(own);
  return -error;
}

void csys_pipe_room(int fd, int bytes) { fcntl(fd, F_SETPIPE_SZ, bytes); }

int csys_epoll(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

int csys_epoll_add(int epoll, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = token}};
  return result(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

int csys_epoll_remove(int epoll, int fd) { return result(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL)); }

int csys_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_ms) {
  struct epoll_event events[64];
  if (capacity > 64) capacity = 64;
  int count = epoll_wait(epoll, events, capacity, timeout_ms);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
  return count;
}

int csys_signals(const int *numbers, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, numbers[i]);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  return error ? -error : result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int csys_next_signal(int fd) {
  struct signalfd_siginfo info;
  ssize_t count;
  do count = read(fd, &info, sizeof info);
  while (count < 0 && errno == EINTR);
  return count == sizeof info ? (int)info.ssi_signo : count < 0 ? -errno : -EIO;
}

int csys_timer(void) { return result(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)); }

int csys_timer_set(int fd, uint64_t nanoseconds) {
  const uint64_t second = 1000000000;
  struct timespec instant = {(time_t)(nanoseconds / second), (long)(nanoseconds % second)};
  struct itimerspec when = {.it_value = instant};
  return result(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
}

uint64_t csys_monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t csys_wall_seconds(void) { return (int64_t)time(NULL); }

int csys_affinity_count(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) ? -errno : CPU_COUNT(&set);
}

int csys_random_bytes(void *buffer, size_t count) {
  ssize_t got;
  do got = getrandom(buffer, count, 0);
  while (got < 0 && errno == EINTR);
  return got == (ssize_t)count ? 0 : got < 0 ? -errno : -EIO;
}

ssize_t csys_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count) {
  const char *found = memmem(bytes, count, wanted, wanted_count);
  return found ? found - (const char *)bytes : -1;
}

/* The place behind a sequence that begins with ESC; one that is cut off ends with its line. */
static size_t behind_sequence(const uint8_t *bytes, size_t count, size_t i) {
  if (++i == count || bytes[i] == '\n') return i;
  uint8_t kind = bytes[i++];
  if (kind == ']') {
    while (i < count && bytes[i] != '\n' && bytes[i] != 7 && bytes[i] != 27) i++;
    if (i < count && bytes[i] == 27) return i + 1 < count && bytes[i + 1] != '\n' ? i + 2 : i + 1;
    return i < count && bytes[i] == 7 ? i + 1 : i;
  }
  if (kind == '[' || (kind >= 0x20 && kind <= 0x2f)) {
    uint8_t least = kind == '[' ? 0x40 : 0x30;
    while (i < count && bytes[i] != '\n' && (bytes[i] < least || bytes[i] > 0x7e)) i++;
    return i < count && bytes[i] != '\n' ? i + 1 : i;
  }
  return i;
}

size_t csys_visible(const uint8_t *bytes, size_t count, uint8_t *shown) {
  size_t kept = 0;
  for (size_t i = 0; i < count;) {
    uint8_t byte = bytes[i];
    if (byte == 27) {
      i = behind_sequence(bytes, count, i);
    } else {
      if ((byte >= 0x20 && byte != 0x7f) || byte == '\t' || byte == '\n') shown[kept++] = byte;
      i++;
    }
  }
  return kept;
}

int csys_terminal_size(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) ? 0 : (size.ws_col & 0x7fff) << 16 | size.ws_row;
}
