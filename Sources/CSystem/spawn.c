#define _GNU_SOURCE
#include "csystem.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FDS_MAX = 64, FDS_ABOVE = 256 };

/* Runs in the child, where only async-signal-safe calls are allowed. Returns only when something failed. */
static int become(const csys_spawn_args *args, pid_t parent, int *report) {
  int high[FDS_MAX];
  int moved = fcntl(*report, F_DUPFD_CLOEXEC, FDS_ABOVE); /* above every target of the map */
  if (moved < 0) return errno;
  *report = moved;
  setsid();
  if (args->pdeathsig) {
    if (prctl(PR_SET_PDEATHSIG, args->pdeathsig)) return errno;
    if (getppid() != parent) _exit(127); /* the parent died before prctl took effect */
  }
  for (int i = 0; i < args->nfds; i++)
    if ((high[i] = fcntl(args->fds[i].from, F_DUPFD_CLOEXEC, FDS_ABOVE)) < 0) return errno;
  /* Everything closes at exec; dup2 clears the mark on the targets. */
  if (syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_CLOEXEC)) return errno;
  for (int i = 0; i < args->nfds; i++)
    if (dup2(high[i], args->fds[i].to) < 0) return errno;
  if (args->terminal && ioctl(0, TIOCSCTTY, 0)) return errno;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < 65; number++)
    if (number != SIGKILL && number != SIGSTOP) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, NULL);
  execve(args->path, args->argv, args->envp ? args->envp : environ);
  return errno;
}

int csys_spawn(const csys_spawn_args *args, pid_t *pid, int *pidfd) {
  int report[2], handle = -1, error = 0;
  if (args->nfds > FDS_MAX) return -EINVAL;
  if (pipe2(report, O_CLOEXEC)) return -errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler of ours may run in the child */
  pid_t parent = getpid();
  struct clone_args clone = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&handle, .exit_signal = SIGCHLD};
  pid_t child = (pid_t)syscall(SYS_clone3, &clone, sizeof clone);
  if (child == 0) {
    error = become(args, parent, &report[1]);
    if (write(report[1], &error, sizeof error)) {
    }
    _exit(127);
  }
  if (child < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (child > 0) {
    int told;
    ssize_t count;
    do count = read(report[0], &told, sizeof told);
    while (count < 0 && errno == EINTR);
    if (count == sizeof told) { /* end of file would mean that exec succeeded */
      error = told;
      waitpid(child, NULL, 0);
      close(handle);
    } else {
      *pid = child;
      *pidfd = handle;
    }
  }
  close(report[0]);
  return -error;
}

int csys_peek(pid_t pid) {
  siginfo_t info = {0};
  int result;
  do result = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -errno;
  if (info.si_pid == 0) return -EAGAIN;
  return info.si_code == CLD_EXITED ? info.si_status : 256 + info.si_status;
}

int csys_pidfd(pid_t pid) {
  int result = (int)syscall(SYS_pidfd_open, pid, 0);
  return result < 0 ? -errno : result;
}

int csys_pidfd_signal(int pidfd, int number) {
  return syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) < 0 ? -errno : 0;
}

char *const *csys_environment(void) { return environ; }

int csys_reap(pid_t pid, int block, pid_t *reaped) {
  int status;
  pid_t found;
  do found = waitpid(pid, &status, block ? 0 : WNOHANG);
  while (found < 0 && errno == EINTR);
  if (found < 0) return -errno;
  if (reaped) *reaped = found;
  if (found == 0) return -EAGAIN;
  return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}
