#include <stdint.h>

#define NSI_NEVER UINT64_MAX
uint64_t nsi_hws_get_time(void);
void nsi_hws_find_next_event(void);
