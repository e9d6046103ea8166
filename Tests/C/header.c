/* The header alone, as C: run.sh compiles this with -std=c99 -pedantic -Wall -Wextra -Werror. */
#include "swiftgan.h"
int header_as_c(void) { return SWIFTGAN_OK; }
