#ifndef SG_OPTIMIZER_H
#define SG_OPTIMIZER_H
#include <stddef.h>
/* One step over flat buffers, out of place: new values are written beside the old, so that a step
 * can be dropped. Each returns 1 when all new weights are finite, else 0. PyTorch's conventions. */
typedef struct {
  float rate, beta1, beta2, epsilon;
  float weight_decay;             /* decoupled (AdamW): w -= rate * weight_decay * w first */
  float correction1, correction2; /* 1 - beta1^t, 1 - beta2^t, computed by the caller in double */
} sg_adam;
/* Kingma & Ba 2015: m2 = b1 m + (1-b1) g, v2 = b2 v + (1-b2) g^2, w2 = w - rate (m2/c1) /
 * (sqrt(v2/c2) + epsilon). With AMSGrad (Reddi et al. 2018) vmax2 = max(vmax, v2) stands for v2 in
 * w2; vmax and vmax2 NULL: without. */
int sg_adam_step(const sg_adam *p, size_t n, const float *g, const float *w, const float *m, const float *v,
                 const float *vmax, float *w2, float *m2, float *v2, float *vmax2);
/* u2 = momentum u + g'; w2 = w - rate u2 (or rate (g' + momentum u2) with Nesterov), g' = g +
 * weight_decay w. momentum 0: u and u2 may be NULL. */
int sg_sgd_step(float rate, float momentum, int nesterov, float weight_decay, size_t n, const float *g,
                const float *w, const float *u, float *w2, float *u2);
/* Tieleman & Hinton 2012: s2 = rho s + (1-rho) g^2; d = g / (sqrt(s2) + epsilon); with momentum u2
 * = momentum u + d. */
int sg_rmsprop_step(float rate, float rho, float epsilon, float momentum, float weight_decay, size_t n,
                    const float *g, const float *w, const float *s, const float *u, float *w2, float *s2,
                    float *u2);
#endif
