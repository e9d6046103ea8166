#include "counter.h"
#include <stdatomic.h>

static _Atomic uint64_t last;
uint64_t sg_next_id(void) { return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1; }
