#ifndef SG_ELEMENTWISE_H
#define SG_ELEMENTWISE_H
#include "activation.h"
#include <stddef.h>
#include <stdint.h>
/* Elementwise functions. Relative error at most 1e-6 of the exact value (a few ulp), NaN in gives
 * NaN out, infinities give the limits. y may be x or z itself. */
typedef enum {
  SG_NEGATE,
  SG_ABSOLUTE,
  SG_SIGN,
  SG_STEP, /* STEP: 1 where x > 0, else 0 */
  SG_SQUARE,
  SG_RECIPROCAL,
  SG_SQRT,
  SG_RSQRT,
  SG_EXP,
  SG_LOG,
  SG_POWER,  /* POWER: x^a */
  SG_AFFINE, /* a x + b */
  SG_CLAMP,  /* min(max(x, a), b) */
  SG_TANH_OF,
  SG_SIGMOID_OF,
  SG_SOFTPLUS_OF,
  SG_RELU_OF,
  SG_LEAKY_RELU_OF,
  SG_ELU_OF,
  SG_SILU_OF, /* a: slope, ELU's alpha */
  SG_UNARY_COUNT
} sg_unary_op;
void sg_unary(sg_unary_op op, float a, float b, const float *x, float *y, size_t n);

typedef enum {
  SG_ADD,
  SG_SUBTRACT,
  SG_MULTIPLY,
  SG_DIVIDE,
  SG_MAXIMUM,
  SG_MINIMUM,
  SG_GREATER, /* 1 where x > z, else 0 */
  SG_EQUAL,   /* 1 where x == z, else 0 */
  SG_BINARY_COUNT
} sg_binary_op;
/* y[shape] = op(x, z), y contiguous; x and z are read with strides in floats, 0 along axes they are
 * broadcast over. rank 0...6. Same-shape, scalar, row and column broadcasts run at memory speed. */
void sg_binary(sg_binary_op op, const float *x, const ptrdiff_t *x_stride, const float *z,
               const ptrdiff_t *z_stride, float *y, int rank, const size_t *shape);

/* y = mask != 0 ? x : z, all of n elements. */
void sg_select(const float *mask, const float *x, const float *z, float *y, size_t n);
/* d = g times the activation's derivative, a function of its output y. */
void sg_activation_gradient(sg_activation activation, const float *g, const float *y, float *d, size_t n);
/* y[rows][columns] = activation(x + bias[column]); bias may be NULL. y may be x. */
void sg_bias_activate(const sg_epilogue *e, const float *x, float *y, size_t rows, size_t columns);
/* y = x + t (z - x) */
void sg_lerp(float t, const float *x, const float *z, float *y, size_t n);
void sg_fill(float value, float *y, size_t n);
int sg_all_finite(const float *x, size_t n); /* 1 when there is no NaN and no infinity */
#endif
