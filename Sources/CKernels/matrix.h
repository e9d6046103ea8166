/* The matrix family's table of inner loops; see kernels.h. */
#ifndef SG_MATRIX_H
#define SG_MATRIX_H
#include "kernels.h"
struct sg_matrix_kernels {
  int lanes;
};
#endif
