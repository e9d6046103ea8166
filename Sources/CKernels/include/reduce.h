#ifndef SG_REDUCE_H
#define SG_REDUCE_H
#include <stddef.h>
#include <stdint.h>
/* Reductions of a contiguous x[shape], rank 0...6, over the axes whose bit (1 << axis) is set in
 * `axes`; y is contiguous over the others, in order. Order and blocking of sums depend on the shape
 * alone; relative error of a sum against the sum of magnitudes at most 1e-6 at any length (blocked
 * partial sums). */
void sg_sum(const float *x, float *y, int rank, const size_t *shape, uint32_t axes);
void sg_max(const float *x, float *y, int rank, const size_t *shape, uint32_t axes); /* NaN wins */
/* Along the last axis: y[row] = log sum exp x[row][...], and softmax of each row; stable for any
 * finite x. */
void sg_log_sum_exp(const float *x, float *y, size_t rows, size_t columns);
void sg_softmax(const float *x, float *y, size_t rows, size_t columns);
double sg_sum_of_squares(const float *x, size_t n); /* fixed order; finite for any finite x */
#endif
