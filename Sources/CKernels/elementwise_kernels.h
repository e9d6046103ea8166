/* The elementwise family's table of inner loops; see kernels.h. */
#ifndef SG_ELEMENTWISE_KERNELS_H
#define SG_ELEMENTWISE_KERNELS_H
#include "kernels.h"
struct sg_elementwise_kernels {
  int lanes;
};
#endif
