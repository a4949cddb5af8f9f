/* The device of signals.c, which leaves it to the suite what it is. */
#define TOLD
#include "signals.c"
