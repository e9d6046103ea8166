/* What the examples share: an error ends the program with the library's words. */
#ifndef EXAMPLE_H
#define EXAMPLE_H
#include <stdio.h>
#include <stdlib.h>
#include <swiftgan.h>

static inline void check(swiftgan_status status) {
  if (status == SWIFTGAN_OK) return;
  fprintf(stderr, "%s: %s\n", swiftgan_status_name(status), swiftgan_last_error());
  exit(1);
}
#endif
