#ifndef SG_ACTIVATION_H
#define SG_ACTIVATION_H
/* Activations that kernels can apply on the way out. Each has a derivative that is a function of
 * its output y. */
typedef enum { SG_IDENTITY = 0, SG_RELU, SG_LEAKY_RELU, SG_TANH, SG_SIGMOID } sg_activation_kind;
typedef struct {
  sg_activation_kind kind;
  float slope; /* LeakyReLU's, > 0 */
} sg_activation;
/* What a product or a convolution does to its result before writing it: y = activation(result +
 * bias[column]). */
typedef struct {
  const float *bias; /* one a column (output channel), or NULL */
  sg_activation activation;
} sg_epilogue;
#endif
