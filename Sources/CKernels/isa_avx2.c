#if defined(__x86_64__)
#include "elementwise_kernels.h"
#include "kernels.h"
#include "matrix.h"
#define SG_SUFFIX avx2
#define SG_LANES 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "isa_all.inc"
#pragma clang attribute pop
#endif
