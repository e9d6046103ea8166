#if defined(__x86_64__)
#include "elementwise_kernels.h"
#include "kernels.h"
#include "matrix.h"
#define SG_SUFFIX avx512
#define SG_LANES 16
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))),         \
                             apply_to = function)
#include "isa_all.inc"
#pragma clang attribute pop
#endif
