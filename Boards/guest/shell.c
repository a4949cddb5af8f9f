/* Commands of the guest's shell, and the log of its kernel. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHELL_LIMIT_S = 120, TEXT = 1000, RECORD = 8192 };

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

/* Commands that run. */
static struct job {
  struct request request; /* its tag */
  struct lines lines;
  pid_t child; /* 0: none */
  int output;
  time_t limit;
} jobs[SHELLS];

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

bool do_shell(const struct request *request) {
  int ends[2];
  struct job *job = jobs;
  while (job < jobs + SHELLS && job->child != 0) job++;
  if (job == jobs + SHELLS) return refuse(request, "%d commands run already", SHELLS);
  if (pipe2(ends, O_CLOEXEC) != 0) return refuse(request, "pipe: %s", strerror(errno));
  pid_t child = fork();
  if (child == 0) run(request->rest, ends[1]);
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return refuse(request, "fork: %s", strerror(errno));
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  memset(job, 0, sizeof *job);
  snprintf(job->request.tag, sizeof job->request.tag, "%s", request->tag);
  job->lines.request = &job->request;
  job->child = child;
  job->output = ends[0];
  job->limit = now() + SHELL_LIMIT_S;
  return true;
}

int shell_outputs(struct pollfd *into) {
  int count = 0;
  for (struct job *job = jobs; job < jobs + SHELLS; job++)
    if (job->child != 0) into[count++] = (struct pollfd){.fd = job->output, .events = POLLIN};
  return count;
}

/* Tells some of what a command has printed, lest one that never stops keep us from everything else. */
static bool follow(struct job *job) {
  char bytes[512];
  ssize_t got = 0;
  for (int i = 0; i < 8 && (got = read(job->output, bytes, sizeof bytes)) > 0; i++)
    add(&job->lines, bytes, (size_t)got);
  return got > 0;
}

static void end_job(struct job *job) {
  close(job->output);
  if (job->lines.count > 0) end_line(&job->lines);
  job->child = 0;
}

void forget_shells(void) {
  for (struct job *job = jobs; job < jobs + SHELLS; job++) {
    if (job->child == 0) continue;
    kill(-job->child, SIGKILL);
    close(job->output);
    job->child = 0;
  }
}

/* What a command leaves running keeps the pipe, and ends nothing. */
void shell_ended(pid_t child, int status) {
  for (struct job *job = jobs; job < jobs + SHELLS; job++) {
    if (job->child != child) continue;
    while (follow(job)) {}
    end_job(job);
    ok(&job->request, "%d", WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status));
  }
}

void follow_shells(void) {
  for (struct job *job = jobs; job < jobs + SHELLS; job++) {
    if (job->child == 0) continue;
    follow(job);
    if (now() < job->limit) continue;
    kill(-job->child, SIGKILL);
    end_job(job);
    refuse(&job->request, "it ran for %d s and was killed", SHELL_LIMIT_S);
  }
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
  /* One that is too long would come for ever: the log goes on behind it. */
  if (got < 0 && errno == EINVAL) lseek(file, 0, SEEK_END);
  if (got <= 0) return false;
  text[got] = 0;
  char *end = strchr(text, '\n'), *start = strchr(text, ';');
  if (end != NULL) *end = 0;
  if (start != NULL) memmove(text, start + 1, strlen(start + 1) + 1);
  return true;
}

void follow_log(void) {
  char text[RECORD];
  while (read_record(log_descriptor(), text, sizeof text)) say(NULL, "kernel:", "%.*s", TEXT, text);
}

bool do_log(const struct request *request) {
  char text[RECORD];
  int file = open_log(), count = 0;
  if (file < 0) return refuse(request, "/dev/kmsg: %s", strerror(errno));
  for (; read_record(file, text, sizeof text); count++) line(request, "%.*s", TEXT, text);
  close(file);
  ok(request, "%d", count);
  return true;
}
