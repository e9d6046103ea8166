#ifndef SG_LAYOUT_H
#define SG_LAYOUT_H
#include <stddef.h>
#include <stdint.h>
/* Moves without arithmetic. Strides in floats, any sign; rank 0...6. */
/* y contiguous [shape] = x read with x_stride: broadcast (stride 0), permute, slice. */
void sg_copy_from(const float *x, const ptrdiff_t *x_stride, float *y, int rank, const size_t *shape);
/* y written with y_stride = x contiguous [shape]: pad, concatenate. */
void sg_copy_to(const float *x, float *y, const ptrdiff_t *y_stride, int rank, const size_t *shape);
/* y[n][width] = x[index[i]][width] */
void sg_gather_rows(const float *x, size_t width, const int32_t *index, size_t n, float *y);
/* y[rows][width] = sum of x[i] over the i whose index is the row, in the order of i. */
void sg_scatter_add_rows(const float *x, size_t width, const int32_t *index, size_t n, float *y, size_t rows);
/* One flat y from `count` pieces x[i] of n[i] floats, in order; plus more[i], where `more` is not
 * NULL. */
void sg_concatenate(const float *const *x, const float *const *more, const size_t *n, size_t count, float *y);
/* Images [count][height][width][channels], each with three numbers in `moves`: rows down, columns
 * to the right, and whether it is mirrored left to right before that. Pixels from outside are 0. */
void sg_move_images(size_t count, size_t height, size_t width, size_t channels, const int32_t *moves,
                    const float *x, float *y);
#endif
