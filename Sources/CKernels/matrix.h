/* The matrix family's table of inner loops; see kernels.h. */
#ifndef SG_MATRIX_H
#define SG_MATRIX_H
#include "kernels.h"

/* C[m][n] (+)= A B. A is read where it lies: element (i, p) at a[i * a_row + p * a_step]. B lies in
 * panels of `columns` columns (the table's), the last one only `lanes` wide where that is enough:
 * panel q starts at b + q * b_panel, its row p at p * b_row floats more; b_row 0 says packed: rows
 * as wide as the panel. B is read in whole vectors. The steps of k come in `segments` runs (0: one)
 * of k each: along A they start a_segment apart, B's rows go on. */
typedef struct {
  size_t m, n, k, segments;
  const float *a;
  size_t a_row, a_step, a_segment;
  const float *b;
  size_t b_panel, b_row;
  float *c;
  size_t c_row;
  int accumulate;
  /* by_rows: B is small, so C is written from its beginning to its end, not panel by panel; far:
   * and C is larger than what the caches have room for. */
  int by_rows, far;
} sg_block;

/* A rectangle on its way out: y = activation(x + bias[column]). Row i of y is at y + i * y_row or,
 * where `row` is set, at row[i]; x NULL: in place. */
typedef struct {
  size_t rows, columns;
  const float *x;
  size_t x_row;
  float *y;
  size_t y_row;
  float *const *row;
  const float *bias;
  sg_activation activation;
} sg_finish;

/* The patches of x that a convolution's output pixels see: row `pixel` of a matrix that is never
 * whole in memory. */
typedef struct {
  const float *x; /* [batch][height][width][channels] */
  ptrdiff_t height, width, channels;
  ptrdiff_t out_height, out_width, kernel_height, kernel_width;
  ptrdiff_t stride_height, stride_width, pad_top, pad_left; /* padding may be negative */
} sg_patches;

/* Toom and Cook's convolutions of taps x taps on points x points, all for `channels` (whole
 * vectors) at once. Untransformed numbers lie at the given pointers (and `offset` floats on), row
 * by row; transformed ones `step` floats apart, point (i, j) at i * points + j. A tile of fewer
 * than `most` outputs uses only the first of the points and the last: `rows` and `columns` count
 * those in use, outputs + taps - 1. */
typedef struct {
  int points, taps, most;
  void (*input)(const float *const *x, size_t offset, float *v, size_t step, size_t channels, int rows,
                int columns);
  void (*output)(const float *m, size_t step, float *const *y, size_t channels, int rows, int columns);
  void (*gradient)(const float *const *dy, size_t offset, float *m, size_t step, size_t channels, int rows,
                   int columns); /* the adjoint of output */
  /* w: the taps row by row, each a matrix whose rows are w_row floats apart; u: rows u_row floats
   * apart. */
  void (*weight)(const float *const *w, size_t w_row, float *u, size_t u_row, size_t step, size_t rows,
                 size_t columns);
  /* The adjoint of weight; adds to w where `accumulate`. */
  void (*weight_gradient)(const float *u, size_t u_row, size_t step, float *const *w, size_t w_row,
                          size_t rows, size_t columns, int accumulate);
} sg_toom_cook;

struct sg_matrix_kernels {
  size_t lanes, rows, columns; /* floats a vector; rows and columns of the tile held in registers */
  void (*block)(const sg_block *);
  /* B[k][n] into rows first... of packed panels of k_total rows, the last panel filled up with
   * zeros; transposed: B is stored [n][k]. */
  void (*pack)(size_t k, size_t n, const float *b, size_t ldb, float *packed, size_t k_total, size_t first);
  void (*pack_transposed)(size_t k, size_t n, const float *b, size_t ldb, float *packed, size_t k_total,
                          size_t first);
  /* out[i * out_row + j * out_step] = sum over p of x[i * x_row + p] y[j * y_row + p] for few j. */
  void (*dots)(size_t rows, size_t few, size_t k, const float *x, size_t x_row, const float *y, size_t y_row,
               float *out, size_t out_row, size_t out_step);
  void (*finish)(const sg_finish *);
  void (*add)(const float *x, float *y, size_t n); /* y += x */
  /* Columns first... of the patches of `pixels` pixels from number `pixel` on. */
  void (*patches)(const sg_patches *, size_t pixel, size_t pixels, size_t first, size_t columns, float *out,
                  size_t out_row);
  /* Row by row y[i] = x[0][i] + x[1][i] ... (count of them, in order), x and y moving on by their
   * steps from row to row; reads and writes up to 3 floats beyond n. */
  void (*overlap)(const float *const *x, size_t x_step, size_t count, float *y, size_t y_step, size_t n,
                  size_t rows);
  /* One pixel, or one tap's weights, of convolutions in groups: see grouped.inc. */
  void (*grouped_pixel)(size_t groups, size_t sources, size_t targets, size_t count, const float *const *x,
                        const float *const *w, float *y);
  void (*depthwise_pixel)(size_t n, size_t count, const float *const *x, const float *const *w, float *y);
  void (*grouped_weight)(size_t rows, size_t columns, size_t count, const float *const *x,
                         const float *const *y, float *w, size_t row);
  sg_toom_cook toom_cook_5_2, toom_cook_8_2, toom_cook_5_3; /* points, taps */
};

/* Products with at most this many columns run as dot products along k. */
static inline size_t sg_few(const sg_matrix_kernels *kernels) { return kernels->lanes / 4; }
static inline size_t sg_panel_width(const sg_matrix_kernels *kernels, size_t columns_left) {
  return columns_left <= kernels->lanes ? kernels->lanes : kernels->columns;
}
#endif
