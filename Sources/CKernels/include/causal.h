#ifndef SG_CAUSAL_H
#define SG_CAUSAL_H
#include <stddef.h>
/* Sigmoid units that gain one input at each place (Larochelle & Murray 2011, eqs. 4 and 5), for
 * `batch` samples:
 *
 *   a[0] = c,  h[d] = sigmoid(a[d]),  y[d] = h[d] . v[d],  a[d + 1] = a[d] + x[d] w[d].
 *
 * x and y are [places][batch], w and v [places][width], c [width]. Sums are ordered by the sizes
 * alone. A lack of memory is noted (shortage.h). */
void sg_causal(size_t places, size_t batch, size_t width, const float *x, const float *w, const float *c,
               const float *v, float *y);
/* The derivatives of sum g y, g [places][batch]; dx may be NULL. States a[d] are kept at every 32nd
 * place, the others computed again. */
void sg_causal_gradient(size_t places, size_t batch, size_t width, const float *g, const float *x,
                        const float *w, const float *c, const float *v, float *dx, float *dw, float *dc,
                        float *dv);
#endif
