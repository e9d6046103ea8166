#include "elementwise_kernels.h"
#include "kernels.h"
#include "matrix.h"
#define SG_SUFFIX baseline
#define SG_LANES 4
#include "isa_all.inc"
