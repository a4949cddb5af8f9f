#include <stdint.h>

uint64_t hwm_get_time(void);
