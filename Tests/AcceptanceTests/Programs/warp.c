/* A host on Warp Pipe's wire, with nothing but sockets: calls HOST PORT, or listens there when a third argument
 * says so. It sets up the two BARs of a memory mock, and then does what the lines on its input say:
 *
 *   copy LENGTH OFFSET  writes to bar1, reads it back and compares
 *   pattern             reads bar0, which holds 0x10, 0x11, ...
 *   nowhere             reads an address that no BAR has
 *   bad-lcrc            sends a write with a wrong LCRC, and again when it is refused
 *   refuse              refuses the answer to a read with a Nak, and takes it when it comes again
 *   flood COUNT         posts writes of 256 bytes and reads nothing meanwhile
 *   quit
 *
 * The frames: 02 and a DLLP of six bytes, or 03, two bytes of sequence number, a TLP and its LCRC. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACK = 0x00, NAK = 0x10, CFG_READ = 0x04, CFG_WRITE = 0x44, READ = 0x00, WRITE = 0x40, DATA = 0x4a };
enum { BAR0 = 0x100000, BAR1 = 0x140000, NOWHERE = 0xdead0000 };
enum { FRAME_MAX = 3 + 16 + 4096 + 4, PATIENCE_MS = 10000 };

static int link_socket;
static uint16_t sequence;
static uint8_t tag;

static void fail(const char *what) {
  printf("warp: failed: %s\n", what);
  exit(1);
}

/* Both checksums: reflected, of ones at the start and at the end. */
static uint32_t checksum(const uint8_t *bytes, int count, uint32_t polynomial, uint32_t ones) {
  uint32_t crc = ones;
  for (int i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return crc ^ ones;
}

static uint32_t lcrc(const uint8_t *frame, int length) {
  return checksum(frame + 1, length - 5, 0xedb88320, 0xffffffff);
}

static void put32(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A frame is written in one piece. */
static void send_frame(const uint8_t *frame, int length) {
  if (send(link_socket, frame, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
}

static void send_acknowledgement(uint8_t kind, const uint8_t *frame) {
  uint8_t answer[7] = {2, kind, 0, frame[1] & 15, frame[2]};
  uint32_t crc = checksum(answer + 1, 4, 0xd008, 0xffff);
  answer[5] = (uint8_t)crc, answer[6] = (uint8_t)(crc >> 8);
  send_frame(answer, sizeof answer);
}

/* Makes a request with the next sequence number; gives its length. */
static int make_request(uint8_t *frame, uint8_t type, uint32_t address, const uint8_t *data, int bytes) {
  int lead = (int)(address & 3), words = (lead + bytes + 3) / 4, first = 0xf << lead & 0xf,
      last = 0xf >> (-(lead + bytes) & 3), length = 3 + 12 + (data ? words * 4 : 0) + 4;
  if (words == 1) first &= last, last = 0;
  memset(frame, 0, (size_t)length);
  sequence = (sequence + 1) & 0xfff;
  frame[0] = 3, frame[1] = (uint8_t)(sequence >> 8), frame[2] = (uint8_t)sequence;
  frame[3] = type, frame[5] = (uint8_t)(words >> 8 & 3), frame[6] = (uint8_t)words;
  if (!data) frame[9] = tag = (tag + 1) & 31;
  frame[10] = (uint8_t)(last << 4 | first);
  put32(frame + 11, address & ~3u);
  if (data) memcpy(frame + 15 + lead, data, (size_t)bytes);
  uint32_t crc = lcrc(frame, length);
  for (int i = 0; i < 4; i++) frame[length - 4 + i] = (uint8_t)(crc >> 8 * i);
  return length;
}

static void receive_bytes(uint8_t *bytes, int count) {
  while (count > 0) {
    struct pollfd ready = {link_socket, POLLIN, 0};
    if (poll(&ready, 1, PATIENCE_MS) <= 0) fail("nothing came within 10 s");
    ssize_t got = recv(link_socket, bytes, (size_t)count, 0);
    if (got <= 0) fail("the link is closed");
    bytes += got, count -= (int)got;
  }
}

/* The next frame; a TLP is acknowledged when it is right. */
static int receive_frame(uint8_t *frame, uint8_t answer) {
  receive_bytes(frame, 7);
  if (frame[0] == 2) return 7;
  if (frame[0] != 3) fail("a frame of no kind");
  int words = (frame[5] & 3) << 8 | frame[6], has_data = frame[3] >> 6 & 1;
  int length = 3 + (frame[3] & 0x20 ? 16 : 12) + (has_data ? (words ? words : 1024) * 4 : 0) + 4;
  receive_bytes(frame + 7, length - 7);
  uint32_t crc = lcrc(frame, length);
  for (int i = 0; i < 4; i++)
    if (frame[length - 4 + i] != (uint8_t)(crc >> 8 * i)) fail("a wrong LCRC came");
  send_acknowledgement(answer, frame);
  return length;
}

/* Takes frames until the completion with data comes; anything but acknowledgements is not expected before. */
static void receive_data(uint8_t *frame, uint8_t answer) {
  while (receive_frame(frame, answer) == 7)
    if (frame[1] != ACK) fail("a Nak came");
  if (frame[3] != DATA || frame[13] != tag) fail("another completion than that of the read");
}

/* Takes the Ack or Nak of the last TLP. */
static void expect(uint8_t kind) {
  uint8_t frame[FRAME_MAX];
  do {
    if (receive_frame(frame, ACK) != 7) fail("a TLP came before the acknowledgement");
  } while (((frame[3] & 15) << 8 | frame[4]) != sequence);
  if (frame[1] != kind) fail(kind == ACK ? "refused" : "not refused");
}

static void write_bytes(uint8_t type, uint32_t address, const uint8_t *data, int bytes) {
  uint8_t frame[FRAME_MAX];
  send_frame(frame, make_request(frame, type, address, data, bytes));
  expect(ACK);
}

/* Reads; gives the completion's status. */
static int read_bytes(uint8_t type, uint32_t address, uint8_t *data, int bytes) {
  uint8_t frame[FRAME_MAX];
  send_frame(frame, make_request(frame, type, address, NULL, bytes));
  receive_data(frame, ACK);
  memcpy(data, frame + 15, (size_t)bytes);
  return frame[9] >> 5;
}

static void set_up(int bar, uint32_t address, uint32_t size) {
  uint32_t place = 0x10 + 4 * (uint32_t)bar;
  uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff}, mask[4], value[4];
  write_bytes(CFG_WRITE, place, ones, 4);
  read_bytes(CFG_READ, place, mask, 4);
  uint32_t found = 0;
  for (int i = 0; i < 4; i++) found |= (uint32_t)mask[i] << 8 * i;
  if (~(found & ~15u) + 1 != size) fail("a BAR of another size");
  for (int i = 0; i < 4; i++) value[i] = (uint8_t)(address >> 8 * i);
  write_bytes(CFG_WRITE, place, value, 4);
}

static void fill(uint8_t *data, int bytes, int start) {
  for (int i = 0; i < bytes; i++) data[i] = (uint8_t)(i * 7 + start);
}

static void copy(int bytes, int offset) {
  uint8_t sent[4096], back[4096];
  if (bytes < 1 || offset < 0 || bytes + offset > 2048) fail("bar1 has 2048 bytes");
  fill(sent, bytes, offset);
  write_bytes(WRITE, BAR1 + (uint32_t)offset, sent, bytes);
  if (read_bytes(READ, BAR1 + (uint32_t)offset, back, bytes) != 0) fail("the read has failed");
  const char *result = memcmp(sent, back, (size_t)bytes) == 0 ? "same" : "differs";
  printf("warp: copy %d at %d: %s\n", bytes, offset, result);
}

static void bad_lcrc(void) {
  uint8_t frame[FRAME_MAX], data[64], back[64];
  fill(data, sizeof data, 99);
  int length = make_request(frame, WRITE, BAR1, data, sizeof data);
  frame[length - 1] ^= 0x80;
  send_frame(frame, length);
  expect(NAK);
  frame[length - 1] ^= 0x80;
  send_frame(frame, length);
  expect(ACK);
  read_bytes(READ, BAR1, back, sizeof back);
  printf("warp: refused and sent again: %s\n", memcmp(data, back, sizeof data) == 0 ? "same" : "differs");
}

static void refuse(void) {
  uint8_t frame[FRAME_MAX], again[FRAME_MAX];
  send_frame(frame, make_request(frame, READ, BAR0, NULL, 16));
  receive_data(frame, NAK);
  receive_data(again, ACK);
  int length = 3 + 12 + 16 + 4;
  printf("warp: refused and got again: %s\n", memcmp(frame, again, (size_t)length) == 0 ? "same" : "differs");
}

static void flood(int count) {
  uint8_t frame[FRAME_MAX], data[256], back[256];
  for (int i = 0; i < count; i++) {
    fill(data, sizeof data, i);
    send_frame(frame, make_request(frame, WRITE, BAR1, data, sizeof data));
  }
  expect(ACK);
  read_bytes(READ, BAR1, back, sizeof back);
  printf("warp: flood of %d: %s\n", count, memcmp(data, back, sizeof data) == 0 ? "same" : "differs");
}

static int is_line(const char *line, const char *word) { return strncmp(line, word, strlen(word)) == 0; }

static void obey(const char *line) {
  uint8_t data[128];
  int first = 0, second = 0;
  if (sscanf(line, "copy %d %d", &first, &second) == 2) {
    copy(first, second);
  } else if (is_line(line, "pattern")) {
    read_bytes(READ, BAR0, data, sizeof data);
    printf("warp: bar0 %02x to %02x\n", data[0], data[127]);
  } else if (is_line(line, "nowhere")) {
    int status = read_bytes(READ, NOWHERE, data, 4);
    printf("warp: nowhere: status %d, %02x%02x%02x%02x\n", status, data[0], data[1], data[2], data[3]);
  } else if (is_line(line, "bad-lcrc")) {
    bad_lcrc();
  } else if (is_line(line, "refuse")) {
    refuse();
  } else if (sscanf(line, "flood %d", &first) == 1) {
    flood(first);
  } else if (is_line(line, "quit")) {
    exit(0);
  } else {
    fail("a line that says nothing");
  }
}

static int open_link(const char *host, const char *port, int listens) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || inet_pton(AF_INET, host, &place.sin_addr) != 1) fail("address");
  if (!listens) return connect(fd, (struct sockaddr *)&place, sizeof place) == 0 ? fd : -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&place, sizeof place) < 0 || listen(fd, 1) < 0) return -1;
  return accept(fd, NULL, NULL);
}

int main(int count, char **arguments) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (count < 3) fail("usage: warp HOST PORT [listen]");
  link_socket = open_link(arguments[1], arguments[2], count > 3);
  if (link_socket < 0) fail("open the link");
  uint8_t identity[4];
  read_bytes(CFG_READ, 0, identity, 4);
  set_up(0, BAR0, 128);
  set_up(1, BAR1, 2048);
  printf("warp: %02x%02x:%02x%02x is set up\n", identity[1], identity[0], identity[3], identity[2]);
  char line[256];
  while (fgets(line, sizeof line, stdin)) obey(line);
  return 0;
}
