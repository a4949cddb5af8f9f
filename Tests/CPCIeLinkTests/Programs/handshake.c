/* The handshake: what the broker makes of hellos from anyone, and a program of brokers. */
#define _GNU_SOURCE
#include "check.h"
#include "pcie_link_broker.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pcie_link_text why;

static pcie_link_description plain(void) {
  pcie_link_description description;
  memset(&description, 0, sizeof description);
  description.vendor_id = 0x1234;
  description.device_id = 1;
  description.msix_vectors = 4;
  description.msix_pba_offset = 0x800;
  description.bars[0].bytes = 4096;
  description.bars[0].kind = PCIE_LINK_BAR_MEMORY32;
  return description;
}

static pcie_link_hello good(void) {
  pcie_link_hello hello;
  memset(&hello, 0, sizeof hello);
  hello.preamble.magic = PCIE_LINK_MAGIC;
  hello.preamble.version = PCIE_LINK_VERSION;
  hello.preamble.layout = pcie_link_layout();
  hello.preamble.byte_order = PCIE_LINK_BYTE_ORDER;
  hello.preamble.bytes = sizeof hello;
  hello.role = PCIE_LINK_DEVICE;
  hello.flags = PCIE_LINK_HELLO_DESCRIBED;
  strcpy(hello.node, "server");
  hello.description = plain();
  return hello;
}

static int parse(const pcie_link_hello *hello, size_t count) {
  pcie_link_hello parsed;
  why.bytes[0] = 0;
  int error = pcie_link_hello_parse(hello, count, &parsed, &why);
  CHECK(error == PCIE_LINK_OK || why.bytes[0]);
  return error;
}

static void parses_hellos(void) {
  pcie_link_hello hello = good();
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_OK);
  for (size_t count = 0; count < sizeof hello; count++)
    CHECK_EQUAL(parse(&hello, count), PCIE_LINK_E_MALFORMED); /* half a frame */
  hello.preamble.version = 3;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_VERSION);
  CHECK(strstr(why.bytes, "version 3, this one 2"));
  CHECK_EQUAL(parse(&hello, 24), PCIE_LINK_E_VERSION); /* another version may have another size */
  hello = good();
  hello.preamble.layout ^= 1;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_LAYOUT);
  hello = good();
  hello.preamble.byte_order = 0x04030201;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_LAYOUT);
  hello = good();
  hello.preamble.magic++;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  hello = good();
  hello.preamble.bytes = 1 << 30;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  hello = good();
  hello.role = 3;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  hello.role = PCIE_LINK_HOST;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED); /* and describes a device */
  hello = good();
  hello.flags = 8;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  hello = good();
  memset(hello.node, 'a', sizeof hello.node);
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  hello.node[0] = 0;
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
  strcpy(hello.node, "a\033[2J");
  CHECK_EQUAL(parse(&hello, sizeof hello), PCIE_LINK_E_MALFORMED);
}

static void parses_answers(void) {
  pcie_link_answer answer, parsed;
  memset(&answer, 0, sizeof answer);
  answer.preamble = good().preamble;
  answer.preamble.bytes = sizeof answer;
  answer.slots = 256;
  answer.region_bytes = (uint64_t)2 * PCIE_LINK_PAGE_BYTES + (uint64_t)2 * 256 * PCIE_LINK_SLOT_BYTES;
  memset(&answer.description, 0xa5, sizeof answer.description); /* none is promised, and none is read */
  CHECK_EQUAL(pcie_link_answer_parse(&answer, sizeof answer, &parsed, &why), PCIE_LINK_OK);
  answer.flags = PCIE_LINK_ANSWER_DESCRIBED;
  why.bytes[0] = 0;
  CHECK_EQUAL(pcie_link_answer_parse(&answer, sizeof answer, &parsed, &why), PCIE_LINK_E_MALFORMED);
  CHECK(why.bytes[0]);
  answer.description = plain();
  CHECK_EQUAL(pcie_link_answer_parse(&answer, sizeof answer, &parsed, &why), PCIE_LINK_OK);
  CHECK_EQUAL(parsed.description.bars[0].bytes, 4096);
  answer.description.bars[0].bytes = 1ull << 50;
  CHECK_EQUAL(pcie_link_answer_parse(&answer, sizeof answer, &parsed, &why), PCIE_LINK_E_MALFORMED);
  CHECK(strstr(why.bytes, "BAR 0 has 1125899906842624 bytes"));
  answer.description = plain();
  answer.flags = 2;
  CHECK_EQUAL(pcie_link_answer_parse(&answer, sizeof answer, &parsed, &why), PCIE_LINK_E_MALFORMED);
}

typedef void change(pcie_link_description *description);

static void bar_huge(pcie_link_description *d) { d->bars[0].bytes = 1ull << 32; }
static void bar_odd(pcie_link_description *d) { d->bars[0].bytes = 4097; }
static void bar_small(pcie_link_description *d) { d->bars[0].bytes = 64; }
static void bar_empty(pcie_link_description *d) { d->bars[0].bytes = 0; }
static void bar_kind(pcie_link_description *d) { d->bars[1].kind = 6; }
static void bar_bytes(pcie_link_description *d) { d->bars[1].bytes = 128; }
static void bar_io(pcie_link_description *d) { d->bars[1] = (pcie_link_bar){512, PCIE_LINK_BAR_IO, 0}; }
static void bar_wide(pcie_link_description *d) {
  d->bars[1] = (pcie_link_bar){1ull << 41, PCIE_LINK_BAR_MEMORY64, 0};
}
static void bar_last(pcie_link_description *d) {
  d->bars[5] = (pcie_link_bar){4096, PCIE_LINK_BAR_MEMORY64, 0};
}
static void bar_taken(pcie_link_description *d) {
  d->bars[1] = (pcie_link_bar){4096, PCIE_LINK_BAR_MEMORY64, 0};
  d->bars[2] = (pcie_link_bar){4096, PCIE_LINK_BAR_MEMORY32, 0};
}
static void table_outside(pcie_link_description *d) { d->msix_offset = 4096 - 63 + 7; }
static void table_unaligned(pcie_link_description *d) { d->msix_offset = 4; }
static void table_nowhere(pcie_link_description *d) { d->msix_bar = 3; }
static void table_beyond(pcie_link_description *d) { d->msix_bar = 200; }
static void tables_overlap(pcie_link_description *d) { d->msix_pba_offset = 56; }
static void table_far(pcie_link_description *d) { d->msix_pba_offset = 0xfffffff8u; }
static void vectors(pcie_link_description *d) { d->msix_vectors = 2049; }
static void msi(pcie_link_description *d) { d->msi_vectors = 3; }
static void pin(pcie_link_description *d) { d->interrupt_pin = 5; }
static void payload(pcie_link_description *d) { d->max_payload = 100; }
static void wanted_payload(pcie_link_description *d) { d->max_payload = 256; }
static void vendor(pcie_link_description *d) { d->vendor_id = 0xffff; }
static void class_code(pcie_link_description *d) { d->class_code = 1 << 24; }

static void refuses_descriptions(void) {
  static change *const changes[] = {
      bar_huge, bar_odd,   bar_small,     bar_empty,     bar_kind,       bar_bytes,      bar_io,  bar_wide,
      bar_last, bar_taken, table_outside, table_nowhere, table_beyond,   table_far,      vectors, msi,
      pin,      payload,   vendor,        class_code,    tables_overlap, table_unaligned};
  for (size_t index = 0; index < sizeof changes / sizeof *changes; index++) {
    pcie_link_hello hello = good();
    changes[index](&hello.description);
    int error = parse(&hello, sizeof hello);
    if (error != PCIE_LINK_E_ARGUMENT) fprintf(stderr, "change %zu gives %d\n", index, error);
    CHECK_EQUAL(error, PCIE_LINK_E_ARGUMENT);
  }
}

static void device(pcie_link_description *d) { d->device_id = 2; }
static void bar_wider(pcie_link_description *d) { d->bars[0].bytes = 8192; }
static void bar_other(pcie_link_description *d) { d->bars[0].kind = PCIE_LINK_BAR_MEMORY64; }
static void bar_more(pcie_link_description *d) {
  d->bars[3] = (pcie_link_bar){4096, PCIE_LINK_BAR_MEMORY32, 0};
}
static void table_moved(pcie_link_description *d) { d->msix_pba_offset = 0x900; }
static void pinned(pcie_link_description *d) { d->interrupt_pin = 1; }
static void signalled(pcie_link_description *d) { d->msi_vectors = 1; }
static void more_vectors(pcie_link_description *d) { d->msix_vectors = 5; }

/* Whatever is not the same is found, and named. */
static void compares_descriptions(void) {
  static const struct {
    change *change;
    const char *text;
  } differences[] = {{device, "device id is 0x1 in the program and 0x2 in the suite"},
                     {bar_wider, "the size of BAR 0 is 0x1000 in the program and 0x2000 in the suite"},
                     {bar_other, "the kind of BAR 0"},
                     {bar_more, "the kind of BAR 3"},
                     {table_moved, "the offset of the MSI-X PBA"},
                     {pinned, "interrupt pin"},
                     {signalled, "number of MSI vectors"},
                     {more_vectors, "number of MSI-X vectors"},
                     {wanted_payload, "maximum payload is 0x200 in the program and 0x100 in the suite"},
                     {class_code, "class code"}};
  for (size_t index = 0; index < sizeof differences / sizeof *differences; index++) {
    pcie_link_description program = plain(), suite = plain();
    differences[index].change(&suite);
    CHECK_EQUAL(pcie_link_description_match(&program, &suite, &why), PCIE_LINK_E_REFUSED);
    CHECK(strstr(why.bytes, differences[index].text));
  }
  pcie_link_description program = plain(), suite = plain();
  suite.max_payload = 512; /* which is what 0 stands for */
  CHECK_EQUAL(pcie_link_description_match(&program, &suite, &why), PCIE_LINK_OK);
}

/* --- over a socket --- */

static int open_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

static void pair_up(int ends[2]) {
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
}

static void pass(int socket, const void *bytes, size_t count, const int *descriptors, size_t passed) {
  union {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int) * 32)];
  } control;
  memset(&control, 0, sizeof control);
  struct iovec from = {.iov_base = (void *)(size_t)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &from, .msg_iovlen = 1, .msg_control = control.bytes};
  message.msg_controllen = CMSG_SPACE(sizeof(int) * passed);
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int) * passed);
  memcpy(CMSG_DATA(head), descriptors, sizeof(int) * passed);
  CHECK(sendmsg(socket, &message, 0) == (ssize_t)count);
}

static void hears_hellos(void) {
  int ends[2], before = open_descriptors();
  pcie_link_hello hello = good(), heard;
  pair_up(ends);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_EMPTY); /* silence */
  CHECK(send(ends[1], &hello, sizeof hello, 0) > 0);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_OK);
  CHECK(strcmp(pcie_link_hello_node(&heard), "server") == 0 &&
        pcie_link_description_bar(&heard.description, 0).bytes == 4096);
  CHECK(send(ends[1], "half", 4, 0) == 4);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_MALFORMED);
  char flood[4096] = {1};
  CHECK(send(ends[1], flood, sizeof flood, 0) > 0);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_MALFORMED);
  int many[32];
  for (int index = 0; index < 32; index++) many[index] = ends[1];
  int open_now = open_descriptors();
  pass(ends[1], &hello, sizeof hello, many, 1);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_DESCRIPTORS);
  pass(ends[1], &hello, sizeof hello, many, 32);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_DESCRIPTORS);
  pass(ends[1], "x", 1, many, 5);
  CHECK_EQUAL(pcie_link_socket_drain(ends[0]), 1);
  CHECK_EQUAL(pcie_link_socket_drain(ends[0]), 0);
  CHECK_EQUAL(open_descriptors(), open_now); /* whatever came was closed */
  CHECK(pcie_link_peer_pid(ends[0]) == getpid());
  close(ends[1]);
  CHECK_EQUAL(pcie_link_hello_receive(ends[0], &heard, &why), PCIE_LINK_E_CLOSED);
  CHECK_EQUAL(pcie_link_socket_drain(ends[0]), PCIE_LINK_E_CLOSED);
  CHECK_EQUAL(pcie_link_refuse(ends[0], PCIE_LINK_E_ABSENT, "nobody"), PCIE_LINK_E_CLOSED);
  close(ends[0]);
  CHECK_EQUAL(open_descriptors(), before);
}

/* --- a program of a broker that answers in all ways --- */

static char path[100];

/* Accepts one connection and answers it: 0 refuses, 1 closes, 2 stays silent, 3 has memory that can shrink, 4
 * sends half an answer, 5 brings no descriptors, 6 a page that contradicts, 7 welcomes, 8 describes the
 * function, 9 describes what cannot be, 10 describes another one, 11 welcomes who will not have it. */
static void answer_once(int listener, int how) {
  pcie_link_region region;
  pcie_link_hello hello;
  struct pollfd until = {.fd = listener, .events = POLLIN};
  CHECK(poll(&until, 1, 10000) == 1);
  int socket = pcie_link_accept(listener);
  CHECK(socket >= 0);
  until.fd = socket;
  CHECK(poll(&until, 1, 10000) == 1);
  CHECK_EQUAL(pcie_link_hello_receive(socket, &hello, &why), PCIE_LINK_OK);
  CHECK_EQUAL(pcie_link_region_create(&region, 256), PCIE_LINK_OK);
  pcie_link_terms terms = {.role = hello.role,
                           .function = {.max_payload = 256,
                                        .max_read_request = 512,
                                        .completion_boundary = 64,
                                        .tags = 32,
                                        .link_up = 1}};
  pcie_link_description description = plain();
  if (how == 9) memset(&description, 0xa5, sizeof description);
  if (how == 10) description.device_id = 2;
  if (how >= 8 && how <= 10) terms.description = &description;
  int loose = memfd_create("loose", MFD_CLOEXEC);
  CHECK(ftruncate(loose, (off_t)region.bytes) == 0);
  if (how == 3) CHECK(dup2(loose, region.descriptor) >= 0);
  if (how == 6) ((pcie_link_page *)region.memory)->slots = 512;
  if (how == 0)
    CHECK_EQUAL(pcie_link_refuse(socket, PCIE_LINK_E_ABSENT, "no node 'server'; here: mem, rc"),
                PCIE_LINK_OK);
  if (how == 4) CHECK(send(socket, &hello, 30, 0) == 30);
  if (how == 5) {
    int copy = dup(socket);
    terms.hints = NULL;
    pcie_link_answer answer;
    memset(&answer, 0, sizeof answer);
    answer.preamble = hello.preamble;
    answer.preamble.bytes = sizeof answer;
    answer.slots = 256;
    answer.region_bytes = region.bytes;
    answer.function = terms.function;
    CHECK(send(copy, &answer, sizeof answer, 0) > 0);
    close(copy);
  }
  if (how == 3 || how >= 6)
    CHECK_EQUAL(pcie_link_welcome(socket, &region, &terms), PCIE_LINK_OK);
  if (how != 1) poll(&until, 1, 10000); /* until the program gives up */
  if (how == 7 || how == 8) {
    pcie_link_record record;
    uint8_t body[PCIE_LINK_BODY_MAX];
    CHECK_EQUAL(pcie_link_pop(&region.end, &record, body), 1);
    CHECK_EQUAL(record.kind, PCIE_LINK_RECORD_GOODBYE);
    CHECK_EQUAL(pcie_link_region_program_life(&region), PCIE_LINK_LIFE_ENDED);
    CHECK_EQUAL(pcie_link_socket_drain(socket), PCIE_LINK_E_CLOSED);
  }
  close(socket);
  close(loose);
  pcie_link_region_destroy(&region);
}

/* Opens a link whose broker answers so, in a process of its own. Checks the error and its text. */
static void opens(int how, const pcie_link_description *own, int wanted, const char *text) {
  int listener = pcie_link_listen(path, &why);
  CHECK(listener >= 0);
  pid_t broker = fork();
  if (broker == 0) {
    answer_once(listener, how);
    _exit(0);
  }
  close(listener);
  char url[130];
  int before = open_descriptors(), status;
  snprintf(url, sizeof url, "unix:%s#server", path);
  pcie_link_options options = {
      .role = PCIE_LINK_DEVICE, .description = own, .open_timeout = how == 2 ? 50 : 0};
  pcie_link *link;
  int error = pcie_link_open(url, &options, &link);
  if (error != wanted || !strstr(pcie_link_error_text(link), text))
    fprintf(stderr, "answer %d: %d, %s\n", how, error, pcie_link_error_text(link));
  CHECK_EQUAL(error, wanted);
  CHECK(strstr(pcie_link_error_text(link), text));
  if (error) CHECK(pcie_link_poll(link) < 0); /* and it stays unusable */
  const pcie_link_description *described = pcie_link_described(link);
  CHECK(error ? !described : described && described->bars[0].bytes == 4096);
  pcie_link_close(link);
  CHECK_EQUAL(open_descriptors(), before);
  CHECK(waitpid(broker, &status, 0) == broker && status == 0);
}

static void opens_links(void) {
  pcie_link_description own = plain();
  opens(0, &own, PCIE_LINK_E_ABSENT, "no node 'server'; here: mem, rc");
  opens(1, &own, PCIE_LINK_E_REFUSED, "closed the connection");
  opens(2, &own, PCIE_LINK_E_TIMEOUT, "did not answer");
  opens(3, &own, PCIE_LINK_E_DESCRIPTORS, "not sealed");
  opens(4, &own, PCIE_LINK_E_MALFORMED, "");
  opens(5, &own, PCIE_LINK_E_DESCRIPTORS, "0 descriptors");
  opens(6, &own, PCIE_LINK_E_LAYOUT, "contradicts");
  opens(7, &own, PCIE_LINK_OK, "");
  opens(11, NULL, PCIE_LINK_E_REFUSED, "neither the program nor the suite describes the function");
  opens(8, NULL, PCIE_LINK_OK, "");
  opens(8, &own, PCIE_LINK_OK, ""); /* both say the same */
  opens(9, NULL, PCIE_LINK_E_MALFORMED, "class code 0xa5a5a5a5 has more than 24 bits");
  opens(10, &own, PCIE_LINK_E_REFUSED, "device id is 0x1 in the program and 0x2 in the suite");
}

static void refuses_urls(void) {
  pcie_link_options options = {.role = PCIE_LINK_HOST};
  static const char *const urls[] = {"", "tcp:1#a", "unix:#a", "unix:/tmp/x", "unix:/tmp/x#"};
  for (int index = 0; index < 5; index++) {
    pcie_link *link;
    CHECK_EQUAL(pcie_link_open(urls[index], &options, &link), PCIE_LINK_E_ARGUMENT);
    pcie_link_close(link);
  }
  pcie_link *link;
  unsetenv("PCIE_LINK");
  CHECK_EQUAL(pcie_link_open(NULL, &options, &link), PCIE_LINK_E_ARGUMENT);
  CHECK(strstr(pcie_link_error_text(link), "PCIE_LINK is not set"));
  pcie_link_close(link);
  CHECK_EQUAL(pcie_link_open("unix:/nowhere/at/all#a", &options, &link), PCIE_LINK_E_SYSTEM);
  CHECK(strstr(pcie_link_error_text(link), "No such file"));
  pcie_link_close(link);
  options.role = 0;
  CHECK_EQUAL(pcie_link_open("unix:/nowhere/at/all#a", &options, &link), PCIE_LINK_E_ARGUMENT);
  pcie_link_close(link);
  pcie_link_close(NULL);
}

/* A dead listener's file is replaced, a living one's is not. */
static void replaces_stale_listeners(void) {
  int first = pcie_link_listen(path, &why);
  CHECK(first >= 0);
  CHECK_EQUAL(pcie_link_listen(path, &why), PCIE_LINK_E_REFUSED);
  close(first);
  int second = pcie_link_listen(path, &why);
  CHECK(second >= 0);
  CHECK_EQUAL(pcie_link_accept(second), PCIE_LINK_E_EMPTY);
  close(second);
  char far[200];
  memset(far, 'a', sizeof far - 1);
  far[sizeof far - 1] = 0;
  CHECK_EQUAL(pcie_link_listen(far, &why), PCIE_LINK_E_ARGUMENT);
  int hidden = pcie_link_listen("@pcie-link-test", &why);
  CHECK(hidden >= 0 || strstr(why.bytes, "in use"));
  close(hidden);
}

int main(int count, char **words) {
  CHECK_EQUAL(count, 2);
  snprintf(path, sizeof path, "%s/l.sock", words[1]);
  alarm(120);
  parses_hellos();
  parses_answers();
  refuses_descriptions();
  compares_descriptions();
  hears_hellos();
  replaces_stale_listeners();
  opens_links();
  refuses_urls();
  puts("handshake: passed");
  return 0;
}
