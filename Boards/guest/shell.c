/* Commands of the guest's shell, and the log of its kernel. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHELL_LIMIT_MS = 120000, TEXT = 1000 };

/* Collects bytes and tells each line; what is no text becomes dots. */
struct lines {
  const struct request *request;
  char text[TEXT + 1];
  size_t count;
};

static void end_line(struct lines *lines) {
  lines->text[lines->count] = 0;
  line(lines->request, "%s", lines->text);
  lines->count = 0;
}

static void add(struct lines *lines, const char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] == '\n' || lines->count == TEXT) end_line(lines);
    if (bytes[i] == '\n' || bytes[i] == '\r') continue;
    bool is_text = (unsigned char)bytes[i] >= ' ' && bytes[i] != 127;
    lines->text[lines->count++] = bytes[i] == '\t' ? ' ' : is_text ? bytes[i] : '.';
  }
}

static void run(const char *command, int output) {
  int nothing = open("/dev/null", O_RDONLY);
  setsid();
  dup2(nothing, 0);
  dup2(output, 1);
  dup2(output, 2);
  /* The guest has busybox and no links to it. */
  execl("/bin/busybox", "sh", "-c", command, (char *)NULL);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

bool do_shell(const struct request *request) {
  int ends[2], status = 0;
  struct lines lines = {.request = request};
  if (pipe2(ends, O_CLOEXEC) != 0) return refuse(request, "pipe: %s", strerror(errno));
  pid_t child = fork();
  if (child == 0) run(request->rest, ends[1]);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return refuse(request, "fork: %s", strerror(errno));
  }
  char bytes[512];
  struct pollfd wanted = {.fd = ends[0], .events = POLLIN};
  bool is_late = false;
  for (ssize_t got = 1; got > 0 && !is_late;) {
    is_late = poll(&wanted, 1, SHELL_LIMIT_MS) == 0;
    if (!is_late && (got = read(ends[0], bytes, sizeof bytes)) > 0) add(&lines, bytes, (size_t)got);
  }
  close(ends[0]);
  if (is_late) kill(-child, SIGKILL);
  waitpid(child, &status, 0);
  if (lines.count > 0) end_line(&lines);
  if (is_late) return refuse(request, "it said nothing for %d s and was killed", SHELL_LIMIT_MS / 1000);
  ok(request, "%d", WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status));
  return true;
}

static int followed = -2;

static int open_log(void) { return open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK); }

int log_descriptor(void) {
  if (followed == -2) {
    followed = open_log();
    /* What came before is on the console already. */
    if (followed >= 0) lseek(followed, 0, SEEK_END);
  }
  return followed;
}

/* One record, "priority,number,microseconds,flags;text" and lines that say more; false when there is none. */
static bool read_record(int file, char *text, size_t size) {
  ssize_t got;
  do {
    got = read(file, text, size - 1);
  } while (got < 0 && errno == EPIPE); /* records were overwritten: go on with the oldest */
  if (got <= 0) return false;
  text[got] = 0;
  char *end = strchr(text, '\n'), *start = strchr(text, ';');
  if (end != NULL) *end = 0;
  if (start != NULL) memmove(text, start + 1, strlen(start + 1) + 1);
  return true;
}

void follow_log(void) {
  char text[2048];
  while (read_record(log_descriptor(), text, sizeof text)) say(NULL, "kernel:", "%.*s", TEXT, text);
}

bool do_log(const struct request *request) {
  char text[2048];
  int file = open_log(), count = 0;
  if (file < 0) return refuse(request, "/dev/kmsg: %s", strerror(errno));
  for (; read_record(file, text, sizeof text); count++) line(request, "%.*s", TEXT, text);
  close(file);
  ok(request, "%d", count);
  return true;
}
