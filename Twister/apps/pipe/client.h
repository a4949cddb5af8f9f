/* The parts of the client. */
#ifndef CLIENT_H
#define CLIENT_H
#include "pipe.h"

/* Interrupts of each vector so far. */
extern volatile uint32_t client_interrupts[PIPE_VECTORS];

/* Says what went wrong, and gives `result`. A link that is down is no error of the client. */
int client_failed(const char *what, int result);
int client_set(enum pipe_register name, uint32_t value);
int client_get(enum pipe_register name, uint32_t *value);

/* Memory that the server may use; to be called once. */
int exchange_open(void);
/* Exchanges patterns of 4 B up to `bytes`, each in all four ways. */
int exchange_perform(uint32_t bytes);

/* Memory for the server's flood; to be called once. */
int flood_open(void);
/* Tells the server where its flood goes; to be called for each server. */
int flood_announce(void);
/* Sends numbers as fast as they go, and asks the server whether all came in order. */
int flood_send(uint32_t count);
/* Looks at what the server has flooded, when it says that this is over. */
int flood_look(void);

#endif
