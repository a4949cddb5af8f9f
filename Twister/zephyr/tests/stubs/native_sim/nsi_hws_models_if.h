#include <stdint.h>

struct nsi_hw_event_st {
  void (*const callback)(void);
  uint64_t *timer;
};

#define NSI_HW_EVENT(time, function, priority) \
  static const struct nsi_hw_event_st stub_event __attribute__((used)) = {function, &time}
