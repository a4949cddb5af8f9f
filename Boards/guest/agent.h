/* The agent of a Linux guest: answers lines on the console, so that a suite can do in the guest what software
 * does.
 *
 * A request is one line: an optional tag (# and digits), a verb, and its words. Its answers begin with the
 * same tag:
 *     [#TAG ]| TEXT       a line of a longer answer
 *     [#TAG ]ok[ TEXT]    the end: it was done
 *     [#TAG ]error TEXT   the end: it was not
 * What nobody asked for begins with "kernel: ", a line of the kernel's log, or is the greeting, "agent 1
 * ready". Numbers are decimal or 0x; a function is BB:DD.F or SSSS:BB:DD.F; data is hexadecimal digits in the
 * order of bytes; a capability is capID, or extID for an extended one. */
#ifndef AGENT_H
#define AGENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  AGENT_WORDS = 8, /* of a request, its verb included */
  AGENT_DATA = 4096, /* bytes in one request or answer */
  AGENT_LINE = AGENT_DATA * 2 + 256,
  AGENT_TAG = 12,
};

/* One line, cut into words in place. */
struct request {
  char tag[AGENT_TAG]; /* empty, or "#17" */
  char *words[AGENT_WORDS];
  int count;
  char *rest; /* what follows the verb, as it was written */
};

/* Where the agent finds the machine; tests give it folders and files instead. */
struct machine {
  const char *sysfs; /* /sys */
  const char *memory; /* /dev/mem: the memory that Linux leaves alone, which devices may read and write */
  const char *tainted; /* /proc/sys/kernel/tainted */
  uint64_t memory_base; /* its bus address */
  uint64_t memory_size; /* 0: there is none */
};
extern struct machine machine;

/* main.c: answers. */
void say(const struct request *to, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define ok(to, ...) say(to, "ok", __VA_ARGS__)
#define line(to, ...) say(to, "|", __VA_ARGS__)
/* Answers that a request cannot be done, and gives false. */
bool refuse(const struct request *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* request.c: reading of words. Each gives false for what is not of its form. */
bool parse_request(char *text, struct request *into); /* false: no verb, or too many words */
bool parse_number(const char *text, uint64_t *into);
bool parse_data(const char *text, uint8_t *into, size_t *count); /* at most AGENT_DATA bytes */
bool parse_function(const char *text, char into[16]); /* as sysfs names it: SSSS:BB:DD.F */
void format_data(const uint8_t *bytes, size_t count, char *into); /* 2 * count digits and a NUL */

/* pci.c */
bool open_config(const struct request *to, const char *function, bool writes, int *file);
bool read_config(const struct request *to, int file, unsigned offset, void *into, size_t count);
unsigned find_capability(const uint8_t *space, size_t count, uint8_t identity); /* its offset, or 0 */
unsigned find_extended(const uint8_t *space, size_t count, unsigned identity);
bool do_list(const struct request *request);
bool do_dump(const struct request *request);
bool do_config_read(const struct request *request);
bool do_config_write(const struct request *request);
bool do_enable(const struct request *request);

/* memory.c */
volatile uint8_t *map_bar(const struct request *to, const char *function, unsigned bar, uint64_t *size);
volatile uint8_t *map_memory(const struct request *to); /* all memory_size bytes, or NULL */
void clear_memory(void); /* the same bytes, where there are any */
bool do_read(const struct request *request);
bool do_write(const struct request *request);
bool do_time(const struct request *request);
bool do_memory(const struct request *request);
bool do_memory_read(const struct request *request);
bool do_memory_write(const struct request *request);

/* interrupt.c */
bool do_interrupts(const struct request *request);
bool do_intx(const struct request *request);
bool do_wait(const struct request *request);
void forget_interrupts(void); /* those that are asked for, and who waits for them */
bool has_waits(void);
void check_waits(void);

/* renew.c: between cases */
void remember_machine(void); /* as it is now */
bool do_reset(const struct request *request);
bool do_renew(const struct request *request);

/* shell.c: commands run beside everything else; each is answered when it has ended. */
enum { SHELLS = 4 };
bool do_shell(const struct request *request);
int shell_outputs(struct pollfd *into); /* how many run, at most SHELLS */
void follow_shells(void); /* tells what they have printed */
void shell_ended(pid_t child, int status);
void forget_shells(void); /* ends what runs, without an answer */
bool do_log(const struct request *request);
void follow_log(void); /* tells what the kernel has logged since the last call */
int log_descriptor(void);

#endif
