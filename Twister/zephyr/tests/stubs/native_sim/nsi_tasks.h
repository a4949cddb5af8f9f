#define NSI_TASK(function, level, priority) \
  static void (*const stub_task)(void) __attribute__((used)) = function
