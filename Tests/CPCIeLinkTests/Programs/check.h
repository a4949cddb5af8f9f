/* A condition that ends the program with its place when it does not hold. */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                   \
  do {                                                                                                     \
    if (!(condition)) {                                                                                    \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                              \
      exit(1);                                                                                             \
    }                                                                                                      \
  } while (0)

/* Two integers that have to be equal. */
#define CHECK_EQUAL(seen, wanted)                                                                          \
  do {                                                                                                     \
    long long seen_value = (long long)(seen), wanted_value = (long long)(wanted);                          \
    if (seen_value != wanted_value) {                                                                      \
      fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #seen, seen_value,              \
              wanted_value);                                                                               \
      exit(1);                                                                                             \
    }                                                                                                      \
  } while (0)
#endif
