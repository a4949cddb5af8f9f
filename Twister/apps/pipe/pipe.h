/* What client and server of the pipe have agreed on. */
#ifndef PIPE_H
#define PIPE_H
#include <stdint.h>

enum { PIPE_VENDOR = 0x1234, PIPE_DEVICE = 0x5049, PIPE_CLASS = 0xff0000 };

/* BAR 0: registers of 32 bits, by offset. BAR 1 is the MSI-X table's, BAR 2 the buffer. */
enum pipe_register {
  PIPE_MAGIC = 0x00,    /* reads as PIPE_MAGIC_VALUE */
  PIPE_COMMAND = 0x04,  /* a write starts the work; it reads as 0 once that is taken */
  PIPE_STATUS = 0x08,   /* enum pipe_status; set before the interrupt */
  PIPE_SEED = 0x0c,     /* of the pattern */
  PIPE_BYTES = 0x10,    /* how much of it */
  PIPE_LOW = 0x14,      /* address in the client's memory */
  PIPE_HIGH = 0x18,
  PIPE_VECTOR = 0x1c,   /* raised when the command has ended */
  PIPE_POSITION = 0x20, /* of the first byte that differs */
  PIPE_FLOOD = 0x24,    /* takes 1, 2, 3 …; 0 starts anew; reads as the last one that was in order */
  PIPE_LATCH = 0x28,    /* the address at LOW and HIGH is where the server's flood goes */
  PIPE_REGISTER_BYTES = 128
};
enum { PIPE_REGISTER_BAR = 0, PIPE_BUFFER_BAR = 2 };
enum { PIPE_BUFFER_BYTES = 65536, PIPE_VECTORS = 4 };
static const uint32_t PIPE_MAGIC_VALUE = 0x45504950; /* "PIPE" */

enum pipe_command {
  PIPE_FILL = 1,  /* the server fills its buffer */
  PIPE_CHECK = 2, /* the server looks whether its buffer holds the pattern */
  PIPE_FETCH = 3, /* the server reads the client's memory and looks whether it holds the pattern */
  PIPE_STORE = 4  /* the server writes the client's memory */
};
enum pipe_status { PIPE_IDLE, PIPE_BUSY, PIPE_DONE, PIPE_DIFFERS, PIPE_REFUSED };

/* The client's memory for the server's flood: a ring of numbers, each in its turn, and behind it how many
 * there were. The server writes that last, and raises the last vector. */
enum { PIPE_RING = 1024, PIPE_RING_BYTES = 4 * PIPE_RING, PIPE_FLOOD_VECTOR = PIPE_VECTORS - 1 };

#endif
