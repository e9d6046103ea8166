#ifndef SG_CONVOLUTION_H
#define SG_CONVOLUTION_H
#include "activation.h"
#include <stdint.h>
/* Two-dimensional convolution (cross-correlation) in its three roles. x is NHWC
 * [batch][height][width][channels], y is [batch][out_height][out_width][out_channels], w is
 * [kernel_height][kernel_width][channels][out_channels]:
 *   y[b][i][j][n] = sum over u, v, c of x[b][i*stride + u - pad_top][j*stride + v - pad_left][c] w[u][v][c][n],
 * x being zero outside. The output size says how much is padded at the bottom and right; rows of x
 * that no output reaches are allowed. Order of summation depends on the geometry alone. */
typedef struct {
  int32_t batch, height, width, channels;
  int32_t out_height, out_width, out_channels;
  int32_t kernel_height, kernel_width, stride_height, stride_width, pad_top, pad_left;
} sg_convolution;
void sg_convolution_output(const sg_convolution *g, const float *x, const float *w, float *y,
                           const sg_epilogue *epilogue);
/* dx from dy: the adjoint in x, and the transposed convolution's forward pass (then with its
 * epilogue, bias by channel). */
void sg_convolution_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                          const sg_epilogue *epilogue);
/* dw from x and dy: the adjoint in w. */
void sg_convolution_weight(const sg_convolution *g, const float *x, const float *dy, float *dw);
/* The same in groups: both counts of channels are whole numbers of groups, output channel n of
 * group k sees the channels of group k alone, and w is [kernel_height][kernel_width][channels /
 * groups][out_channels]. */
void sg_grouped_output(const sg_convolution *g, int32_t groups, const float *x, const float *w, float *y,
                       const sg_epilogue *epilogue);
void sg_grouped_input(const sg_convolution *g, int32_t groups, const float *dy, const float *w, float *dx,
                      const sg_epilogue *epilogue);
void sg_grouped_weight(const sg_convolution *g, int32_t groups, const float *x, const float *dy, float *dw);
#endif
