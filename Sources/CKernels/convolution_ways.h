/* The ways a convolution is computed, and what they share. convolution.c picks one by the geometry.
 * Each returns 0, or -1 when there was no memory for it. */
#ifndef SG_CONVOLUTION_WAYS_H
#define SG_CONVOLUTION_WAYS_H
#include "convolution_way.h"
#include "matrix.h"
#include "workspace.h"

/* Pixels of one phase of the input role: those whose row is row0 + stride a and column is column0 +
 * stride e. The taps that reach them are first_row + stride t, first_column + stride s; in falling
 * order they make an ordinary convolution of stride one over dy. */
typedef struct {
  ptrdiff_t row0, column0, rows, columns;
  ptrdiff_t first_row, first_column, tap_rows, tap_columns;
  ptrdiff_t pad_top, pad_left; /* of that convolution; may be negative */
} sg_phase;
sg_phase sg_convolution_phase(const sg_convolution *g, int row, int column);

/* Which of the kernel's taps is number `tap` of a phase's convolution. */
static inline size_t sg_phase_tap(const sg_convolution *g, const sg_phase *f, size_t tap) {
  ptrdiff_t i = (ptrdiff_t)tap / f->tap_columns, j = (ptrdiff_t)tap % f->tap_columns;
  ptrdiff_t u = f->first_row + g->stride_height * (f->tap_rows - 1 - i);
  return (size_t)(u * g->kernel_width + f->first_column + g->stride_width * (f->tap_columns - 1 - j));
}

static inline size_t sg_taps(const sg_convolution *g) {
  return (size_t)g->kernel_height * (size_t)g->kernel_width;
}
static inline double sg_convolution_work(const sg_convolution *g) {
  return (double)g->batch * g->out_height * g->out_width * (double)sg_taps(g) * g->channels * g->out_channels;
}

/* Implicit products over patches. */
int sg_direct_output(const sg_convolution *g, const float *x, const float *w, float *y,
                     const sg_epilogue *epilogue);
int sg_direct_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                    const sg_epilogue *epilogue);
int sg_direct_weight(const sg_convolution *g, const float *x, const float *dy, float *dw);
/* The input role for few channels: every tap of every pixel in one product, then overlapping
 * sums. */
int sg_overlap_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                     const sg_epilogue *epilogue);
/* The input role for few pixels: weights are read where they lie. */
int sg_few_pixels_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                        const sg_epilogue *epilogue);
/* Toom-Cook by phases, with 5 or 8 points a side; where sg_toom_cook_applies. */
int sg_toom_cook_applies(const sg_convolution *g, sg_convolution_role role, int points);
/* Steps of a vector that it costs, in units of one multiply-add. */
double sg_toom_cook_cost(const sg_convolution *g, sg_convolution_role role, int points);
int sg_toom_cook_output(const sg_convolution *g, int points, const float *x, const float *w, float *y,
                        const sg_epilogue *epilogue);
int sg_toom_cook_input(const sg_convolution *g, int points, const float *dy, const float *w, float *dx,
                       const sg_epilogue *epilogue);
int sg_toom_cook_weight(const sg_convolution *g, int points, const float *x, const float *dy, float *dw);
/* Plain loops that need no memory. */
void sg_plain_output(const sg_convolution *g, const float *x, const float *w, float *y,
                     const sg_epilogue *epilogue);
void sg_plain_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                    const sg_epilogue *epilogue);
void sg_plain_weight(const sg_convolution *g, const float *x, const float *dy, float *dw);
#endif
