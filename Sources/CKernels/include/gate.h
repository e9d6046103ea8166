#ifndef SG_GATE_H
#define SG_GATE_H
#include <stddef.h>
/* The gated unit of PixelCNN and WaveNet (van den Oord et al. 2016): y = tanh(a) sigmoid(b), where
 * each row of x is a, then b. x is [rows][2 width], y [rows][width]. */
void sg_gate(const float *x, float *y, size_t rows, size_t width);
/* dx = the derivative of sum g y by x, g [rows][width]. */
void sg_gate_gradient(const float *g, const float *x, float *dx, size_t rows, size_t width);
#endif
