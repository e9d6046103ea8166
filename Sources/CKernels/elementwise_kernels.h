/* The vector family's table of inner loops; see kernels.h. Each works on one thread's piece. */
#ifndef SG_ELEMENTWISE_KERNELS_H
#define SG_ELEMENTWISE_KERNELS_H
#include "kernels.h"

typedef void (*sg_unary_loop)(float a, float b, const float *x, float *y, size_t n);
/* How an operand is read along the innermost axis. */
typedef enum { SG_BOTH = 0, SG_FIRST_SCALAR, SG_SECOND_SCALAR, SG_PAIRINGS } sg_pairing;
typedef void (*sg_binary_loop)(const float *x, const float *z, float *y, size_t n);

/* Factors of the channels, as patterns: see normalize.inc. */
typedef struct {
  const float *scale, *offset, *mean, *by_x, *by_one;
  sg_activation activation;
} sg_normalization;

struct sg_elementwise_kernels {
  sg_unary_loop unary[SG_UNARY_COUNT];
  sg_binary_loop binary[SG_BINARY_COUNT][SG_PAIRINGS];
  void (*select)(const float *mask, const float *x, const float *z, float *y, size_t n);
  void (*activation_gradient)(sg_activation a, const float *g, const float *y, float *d, size_t n);
  void (*activate)(sg_activation a, float *y, size_t n);
  void (*lerp)(float t, const float *x, const float *z, float *y, size_t n);
  /* reductions */
  double (*sum)(const float *x, size_t n);
  double (*sum_of_squares)(const float *x, size_t n);
  float (*maximum)(const float *x, size_t n);
  /* y[i] += sum over rows of x[row][i]; n elements in all, `columns` a row, the last row may be
   * incomplete */
  void (*add_rows)(const float *x, double *y, size_t n, size_t columns);
  void (*max_rows)(const float *x, size_t rows, size_t stride, float *y, size_t n);
  void (*softmax)(const float *x, float *y, size_t rows, size_t columns);
  void (*log_sum_exp)(const float *x, float *y, size_t rows, size_t columns);
  /* normalization: see normalize.inc */
  void (*moment_sums)(const float *x, const sg_normalization *f, double *sums, size_t n, size_t pattern);
  void (*normalize)(const float *x, const sg_normalization *f, float *y, size_t n, size_t pattern);
  void (*gradient_sums)(const float *g, const float *x, const float *y, const sg_normalization *f,
                        double *sums, size_t n, size_t pattern);
  void (*gradient_input)(const float *g, const float *x, const float *y, const sg_normalization *f, float *dx,
                         size_t n, size_t pattern);
  /* optimizers; 1 when all new weights are finite. far: results go past the caches, from aligned
   * vectors on. */
  int (*adam)(const sg_adam *p, size_t n, const float *g, const float *w, const float *m, const float *v,
              const float *vmax, float *w2, float *m2, float *v2, float *vmax2, int far);
  int (*finite)(const float *x, size_t n);
  /* random numbers: the words of `blocks` blocks from number `block` of sample counter[1] on, `per`
   * of each sample */
  void (*philox)(const uint32_t key[2], const uint32_t counter[4], uint32_t block, uint32_t per, uint32_t *y,
                 size_t blocks);
  void (*box_muller)(const uint32_t *words, float mean, float deviation, float *y, size_t n);
  /* one place of causal.c, see causal.inc */
  void (*causal_forward)(size_t batch, const float *x, const float *w, const float *v, float *a, float *h,
                         float *y);
  void (*causal_backward)(size_t batch, const float *g, const float *x, const float *w, const float *v,
                          const float *h, float *s, float *dx, float *dw, float *dv);
  /* gated units, see gate.inc */
  void (*gate)(const float *x, float *y, size_t rows, size_t width);
  void (*gate_gradient)(const float *g, const float *x, float *dx, size_t rows, size_t width);
};

/* Columns that a task of causal.c carries; a multiple of every vector's length. */
enum { SG_CAUSAL_COLUMNS = 32 };

/* Rows of few columns are read several at a time, as one row that is long and a whole number of
 * vectors. Its length, and its sums folded into one a column. */
static inline size_t sg_long_row(size_t columns) {
  size_t n = columns % 16 ? 16 * columns : columns;
  while (n < 128) n *= 2;
  return n;
}
static inline void sg_fold(double *sums, size_t columns, size_t n) {
  for (size_t first = columns; first < n; first += columns)
    for (size_t i = 0; i < columns; i++) sums[i] += sums[first + i];
}

/* Elements a task; a multiple of every vector's length, so that an element's bits do not depend on
 * the split. */
enum { SG_CHUNK = 16384 };
#endif
