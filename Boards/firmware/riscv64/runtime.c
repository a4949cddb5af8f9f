/* What the compiler calls by itself, and no operating system is here to give. */
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int value, size_t count) {
  unsigned char *bytes = to;
  while (count-- > 0) *bytes++ = (unsigned char)value;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  if (target < source)
    while (count-- > 0) *target++ = *source++;
  else
    while (count-- > 0) target[count] = source[count];
  return to;
}

void *memcpy(void *to, const void *from, size_t count) { return memmove(to, from, count); }

/* Nothing here needs a heap: whoever asks for one gets none. */
int posix_memalign(void **to, size_t alignment, size_t count) {
  (void)alignment, (void)count;
  *to = NULL;
  return 12; /* ENOMEM */
}

void free(void *memory) { (void)memory; }
