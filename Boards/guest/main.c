/* The agent's loop, and what it does as the first process of a guest. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { POLL_MS = 1, SHELL_POLL_MS = 10, SYSLOG_CONSOLE_LEVEL = 8 };

struct machine machine = {.sysfs = "/sys", .memory = "/dev/mem", .tainted = "/proc/sys/kernel/tainted"};

static void put(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t done = write(STDOUT_FILENO, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) _exit(1);
    bytes += done;
    count -= (size_t)done;
  }
}

static void say_list(const struct request *to, const char *kind, const char *format, va_list list) {
  static char text[AGENT_LINE];
  const char *tag = to != NULL ? to->tag : "";
  int head = snprintf(text, sizeof text, "%s%s%s ", tag, tag[0] ? " " : "", kind);
  int body = vsnprintf(text + head, sizeof text - 1 - (size_t)head, format, list);
  size_t count = (size_t)head + (size_t)(body < 0 ? 0 : body);
  if (count > sizeof text - 2) count = sizeof text - 2;
  while (count > 0 && text[count - 1] == ' ') count--;
  text[count++] = '\n';
  put(text, count);
}

void say(const struct request *to, const char *kind, const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(to, kind, format, list);
  va_end(list);
}

bool refuse(const struct request *to, const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(to, "error", format, list);
  va_end(list);
  return false;
}

static bool do_ping(const struct request *request) {
  ok(request, "%s", request->rest);
  return true;
}

static bool do_poweroff(const struct request *request) {
  ok(request, "%s", "");
  sync();
  if (getpid() == 1) reboot(RB_POWER_OFF);
  exit(0);
}

static bool do_help(const struct request *request);

static const struct verb {
  const char *name, *words;
  int least, most; /* words after the verb */
  bool (*perform)(const struct request *request);
} verbs[] = {
    {"help", "", 0, 0, do_help},
    {"ping", "[TEXT]", 0, AGENT_WORDS, do_ping},
    {"list", "", 0, 0, do_list},
    {"dump", "FUNCTION", 1, 1, do_dump},
    {"config-read", "FUNCTION [CAPABILITY+]OFFSET SIZE", 3, 3, do_config_read},
    {"config-write", "FUNCTION [CAPABILITY+]OFFSET DATA", 3, 3, do_config_write},
    {"enable", "FUNCTION", 1, 1, do_enable},
    {"read", "FUNCTION BAR OFFSET WIDTH LENGTH", 5, 5, do_read},
    {"write", "FUNCTION BAR OFFSET WIDTH DATA", 5, 5, do_write},
    {"time", "FUNCTION BAR OFFSET WIDTH COUNT", 5, 5, do_time},
    {"memory", "", 0, 0, do_memory},
    {"memory-read", "ADDRESS LENGTH", 2, 2, do_memory_read},
    {"memory-write", "ADDRESS DATA", 2, 2, do_memory_write},
    {"interrupts", "FUNCTION", 1, 1, do_interrupts},
    {"intx", "FUNCTION", 1, 1, do_intx},
    {"wait", "FUNCTION VECTOR|intx MILLISECONDS", 3, 3, do_wait},
    {"reset", "FUNCTION", 1, 1, do_reset},
    {"renew", "", 0, 0, do_renew},
    {"shell", "COMMAND", 1, AGENT_WORDS, do_shell},
    {"log", "", 0, 0, do_log},
    {"poweroff", "", 0, 0, do_poweroff},
};

static bool do_help(const struct request *request) {
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
    line(request, "%s %s", verbs[i].name, verbs[i].words);
  ok(request, "%zu", sizeof verbs / sizeof verbs[0]);
  return true;
}

static void perform(char *text) {
  struct request request;
  if (!parse_request(text, &request)) {
    if (request.count > 0) refuse(&request, "a request has at most %d words", AGENT_WORDS);
    else if (strchr(text, '#') != NULL)
      refuse(NULL, "a request is a verb behind a tag, # and up to %d digits", AGENT_TAG - 2);
    return;
  }
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strcmp(verbs[i].name, request.words[0]) != 0) continue;
    if (request.count - 1 < verbs[i].least || request.count - 1 > verbs[i].most)
      refuse(&request, "write: %s %s", verbs[i].name, verbs[i].words);
    else verbs[i].perform(&request);
    return;
  }
  refuse(&request, "no verb '%s'; help lists them", request.words[0]);
}

/* Performs the lines of what has come; false at the end of the input. */
static bool take_input(void) {
  static char text[AGENT_LINE];
  static size_t count;
  static bool is_too_long;
  char bytes[1024];
  ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  if (got <= 0) return got < 0 && errno == EINTR;
  for (ssize_t i = 0; i < got; i++) {
    if (bytes[i] != '\n') {
      if (count < sizeof text - 1 && bytes[i] != 0) text[count++] = bytes[i];
      else is_too_long = true;
      continue;
    }
    text[count] = 0;
    if (is_too_long) refuse(NULL, "a line has at most %zu bytes, none of them 0", sizeof text - 1);
    else perform(text);
    check_waits();
    count = 0;
    is_too_long = false;
  }
  return true;
}

/* The memory for devices, from a word "pcie.memory=ADDRESS,SIZE" of the kernel's command line. */
static void find_memory(void) {
  char text[2048] = "";
  int file = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  if (file >= 0 && read(file, text, sizeof text - 1) < 0) text[0] = 0;
  if (file >= 0) close(file);
  char *word = strstr(text, "pcie.memory=");
  if (word == NULL) return;
  char *size = NULL;
  machine.memory_base = strtoull(word + strlen("pcie.memory="), &size, 0);
  if (*size == ',') machine.memory_size = strtoull(size + 1, NULL, 0);
}

/* The first process finds an empty machine: it makes what Linux has, and takes the console as it is. */
static void become_init(void) {
  struct termios settings;
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/tmp", 01777);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sysfs", "/sys", "sysfs", 0, NULL);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  if (tcgetattr(STDIN_FILENO, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  }
  setenv("PATH", "/bin", 1);
  find_memory();
  /* From here on the kernel's lines come through us, so that they cannot stand within one of ours; a panic is
   * still printed by the kernel itself. */
  klogctl(SYSLOG_CONSOLE_LEVEL, NULL, 1);
}

/* Tests: --sysfs FOLDER, --tainted FILE and --memory FILE ADDRESS SIZE stand for what the machine has. */
static bool take_options(int count, char **words) {
  for (int i = 1; i < count; i++) {
    if (strcmp(words[i], "--sysfs") == 0 && i + 1 < count) {
      machine.sysfs = words[++i];
    } else if (strcmp(words[i], "--tainted") == 0 && i + 1 < count) {
      machine.tainted = words[++i];
    } else if (strcmp(words[i], "--memory") == 0 && i + 3 < count) {
      machine.memory = words[i + 1];
      if (!parse_number(words[i + 2], &machine.memory_base) ||
          !parse_number(words[i + 3], &machine.memory_size))
        return false;
      i += 3;
    } else {
      return false;
    }
  }
  return true;
}

int main(int count, char **words) {
  bool is_init = getpid() == 1;
  if (is_init) {
    become_init();
  } else if (!take_options(count, words)) {
    fprintf(stderr, "usage: agent [--sysfs FOLDER] [--tainted FILE] [--memory FILE ADDRESS SIZE]\n");
    return 64;
  }
  struct pollfd inputs[2 + SHELLS] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = is_init ? log_descriptor() : -1, .events = POLLIN}};
  remember_machine();
  say(NULL, "agent", "1 ready");
  while (true) {
    int shells = shell_outputs(inputs + 2), status;
    /* Nothing but a look tells that a command has ended which has left somebody with its output. */
    int limit = has_waits() ? POLL_MS : shells > 0 ? SHELL_POLL_MS : -1;
    if (poll(inputs, (nfds_t)(2 + shells), limit) < 0 && errno != EINTR) return 1;
    if (inputs[1].revents & POLLIN) follow_log();
    if (inputs[0].revents != 0 && !take_input()) inputs[0].fd = -1;
    check_waits();
    follow_shells();
    for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) shell_ended(child, status);
    /* What was asked before the end of the input is still answered. */
    if (inputs[0].fd < 0 && !has_waits() && shell_outputs(inputs + 2) == 0) break;
  }
  if (is_init) reboot(RB_POWER_OFF);
  return 0;
}
