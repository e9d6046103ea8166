/* Inside CKernels only: one table of inner loops an instruction set. A family is a file FAMILY.inc,
 * compiled once per instruction set (isa_*.c) into a table of its own, and FAMILY.c, which divides
 * the work over threads and calls through sg_kernels_now(). A new family: declare its table here,
 * add it to sg_kernels and to isa_all.inc. */
#ifndef SG_KERNELS_H
#define SG_KERNELS_H
#include "CKernels.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

#define SG_JOIN_(a, b) a##_##b
#define SG_JOIN(a, b) SG_JOIN_(a, b)
#define SG_NAME(name) SG_JOIN(name, SG_SUFFIX) /* SG_SUFFIX: baseline, avx2, avx512 */
#define SG_UNROLL _Pragma("GCC unroll 16")
#define SG_MIN(a, b) ((a) < (b) ? (a) : (b))
#define SG_MAX(a, b) ((a) > (b) ? (a) : (b))
static inline size_t sg_round_up(size_t x, size_t to) { return (x + to - 1) / to * to; }
static inline size_t sg_divide_up(size_t x, size_t by) { return (x + by - 1) / by; }

typedef struct sg_matrix_kernels sg_matrix_kernels;           /* matrix.h: products, convolution */
typedef struct sg_elementwise_kernels sg_elementwise_kernels; /* elementwise_kernels.h */

typedef struct {
  const sg_matrix_kernels *matrix;
  const sg_elementwise_kernels *elementwise;
} sg_kernels;

extern const sg_kernels sg_kernels_baseline, sg_kernels_avx2, sg_kernels_avx512;
const sg_kernels *sg_kernels_now(void);
#endif
