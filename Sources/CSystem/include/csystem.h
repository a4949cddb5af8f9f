/* What the Glibc module does not import: Linux system calls as plain functions.
 * A function that returns int gives 0 or a descriptor, or the negative errno. */
#ifndef CSYSTEM_H
#define CSYSTEM_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmemory.h"
#include "csockets.h"

/* --- processes --- */

typedef struct {
  int from;
  int to; /* below 256 */
} csys_fdmap;

typedef struct {
  const char *path;
  char *const *argv;
  char *const *envp; /* NULL: the environment of this process */
  const csys_fdmap *fds;
  int nfds;      /* at most 64 */
  int pdeathsig; /* the signal for the child when the spawning thread ends; 0 for none */
  int terminal;  /* the standard input is a terminal, and becomes the one that controls the session */
} csys_spawn_args;

/* Starts a program in a session and process group of its own, with exactly the descriptors of the map. */
int csys_spawn(const csys_spawn_args *args, pid_t *pid, int *pidfd);
/* Reaps a child, with pid -1 any of them: the exit status, or 256 + the signal that ended it. */
int csys_reap(pid_t pid, int block, pid_t *reaped);
/* How a child has ended, in the form of csys_reap, while it stays to be reaped; -EAGAIN while it runs. */
int csys_peek(pid_t pid);
/* A descriptor that can be read when the process has ended; it need not be a child. */
int csys_pidfd(pid_t pid);
int csys_pidfd_signal(int pidfd, int number);
/* The environment of this process: `NAME=VALUE` strings, then NULL. */
char *const *csys_environment(void);
/* Makes this process the one that inherits orphaned descendants. */
int csys_subreaper(void);
/* `SIGKILL` for 9; NULL for a number that is no signal. */
const char *csys_signal_name(int number);
/* Lets writes to a closed pipe or past the file size limit fail instead of ending the process. */
void csys_ignore_write_signals(void);
/* Ends the process as an illegal instruction of a model would. */
_Noreturn void csys_trap(void);

/* --- waiting --- */

int csys_pipe(int ends[2]);
int csys_socket_pair(int ends[2]);
int csys_nonblocking(int fd);
/* A second descriptor for the same thing, close-on-exec. */
int csys_duplicate(int fd);
/* Opens a pseudo terminal that neither echoes nor translates: its own end, and the path of the other. */
int csys_terminal(char *path, size_t capacity);
/* Asks for room in a pipe; the kernel may refuse, and the pipe keeps its size. */
void csys_pipe_room(int fd, int bytes);
int csys_epoll(void);
int csys_epoll_add(int epoll, int fd, uint64_t token);
int csys_epoll_remove(int epoll, int fd);
/* Waits for descriptors that can be read or have hung up. Returns how many tokens were stored. */
int csys_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_ms);
/* Blocks the signals for this thread and returns a descriptor that tells them. */
int csys_signals(const int *numbers, int count);
/* The next signal of the descriptor; -EAGAIN when none waits. */
int csys_next_signal(int fd);
int csys_timer(void);
/* Fires once at an instant of the monotonic clock; 0 disarms. */
int csys_timer_set(int fd, uint64_t nanoseconds);

/* --- facts about machine and terminal --- */

uint64_t csys_monotonic(void);
/* Seconds since 1970 in UTC. */
int64_t csys_wall_seconds(void);
int csys_affinity_count(void);
int csys_random_bytes(void *buffer, size_t count);
/* Where bytes stand within others; -1 where they do not. */
ssize_t csys_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);
/* Copies what a terminal would show of bytes: no control characters but tab and line feed, and none of the
 * sequences of ECMA-48 5.4 and of xterm's operating system commands. Returns how many were copied. */
size_t csys_visible(const uint8_t *bytes, size_t count, uint8_t *shown);
/* Columns of a terminal times 65536 plus its rows; 0 when the descriptor is none or does not know. */
int csys_terminal_size(int fd);
#endif
