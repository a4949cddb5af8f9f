/* The parts of the server. */
#ifndef SERVER_H
#define SERVER_H
#include "pipe.h"

struct server {
  uint32_t registers[PIPE_REGISTER_BYTES / 4];
  uint8_t buffer[PIPE_BUFFER_BYTES];
  uint64_t ring_address; /* of the flood, in the client's memory; 0: not announced */
};
extern struct server server;

uint32_t server_register(enum pipe_register name);
void server_set_register(enum pipe_register name, uint32_t value);

/* Does what PIPE_COMMAND orders. */
void server_work(void);
/* Writes numbers to the client's memory as fast as they go, and says so by the last vector. */
int server_flood(uint32_t count);

#endif
