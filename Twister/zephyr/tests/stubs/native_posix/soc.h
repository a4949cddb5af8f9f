/* Called by the stub of the simulator and not by a table. */
#define NATIVE_TASK(function, level, priority) void stub_add_options(void) { function(); }

void stub_add_options(void);
