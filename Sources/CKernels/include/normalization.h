#ifndef SG_NORMALIZATION_H
#define SG_NORMALIZATION_H
#include "activation.h"
#include <stddef.h>
/* Batch normalization of x[rows][channels] by channel (Ioffe & Szegedy 2015). moments is
 * [2][channels]: mean, then biased variance. With r = 1/sqrt(variance + epsilon) and h = (x - mean)
 * r: y = activation(gamma h + beta). */
void sg_moments(const float *x, size_t rows, size_t channels, float *moments);
void sg_normalize(const float *x, const float *moments, const float *gamma, const float *beta, float epsilon,
                  sg_activation activation, float *y, size_t rows, size_t channels);
/* With d = g times the activation's derivative: sums is [2][channels]: sum of d, sum of d h. They
 * are the gradients of beta and gamma. y is what sg_normalize gave for the same arguments; it is
 * read for tanh and sigmoid only. */
void sg_normalize_sums(const float *g, const float *x, const float *y, const float *moments,
                       const float *gamma, const float *beta, float epsilon, sg_activation activation,
                       float *sums, size_t rows, size_t channels);
/* dx = gamma r (d - sums[0]/rows - h sums[1]/rows): the gradient through the moments as well. */
void sg_normalize_input(const float *g, const float *x, const float *y, const float *moments,
                        const float *gamma, const float *beta, const float *sums, float epsilon,
                        sg_activation activation, float *dx, size_t rows, size_t channels);
#endif
