#include "elementwise_kernels.h"
#include <stdatomic.h>

typedef struct {
  const sg_elementwise_kernels *k;
  const sg_adam *adam;
  size_t n, piece;
  const float *g, *w, *m, *v, *x;
  float *w2, *m2, *v2, *x2;
  float rate, momentum, decay, rho, epsilon;
  int nesterov;
  _Atomic int finite;
} job;

#define PIECE                                                                                                \
  job *j = context;                                                                                          \
  size_t from = task * j->piece, n = SG_MIN(j->n - from, j->piece);                                          \
  const float *restrict g = j->g + from, *restrict w = j->w + from;                                          \
  float *restrict w2 = j->w2 + from

static int run(job *j, sg_task task) {
  atomic_init(&j->finite, 1);
  /* Small networks' weights go round, too: whole vectors, since a vector's lanes and a rest may
   * round differently. */
  j->piece = SG_MIN((j->n / 8 / 1024 + 1) * 1024, (size_t)SG_CHUNK);
  sg_parallel((j->n + j->piece - 1) / j->piece, task, j);
  return atomic_load(&j->finite);
}
static void check(job *j, const float *w2, size_t n) {
  if (!j->k->finite(w2, n)) atomic_store_explicit(&j->finite, 0, memory_order_relaxed);
}

/* Weights of so many floats are out of the caches before anybody reads them again. */
enum { FAR = 1 << 20 };

static void adam_task(void *context, size_t task) {
  PIECE;
  size_t odd = (uintptr_t)j->w2 | (uintptr_t)j->m2 | (uintptr_t)j->v2 | (j->x ? (uintptr_t)j->x2 : 0);
  int far = j->n >= FAR && odd % 64 == 0;
  int finite = j->k->adam(j->adam, n, g, w, j->m + from, j->v + from, j->x ? j->x + from : NULL, w2,
                          j->m2 + from, j->v2 + from, j->x ? j->x2 + from : NULL, far);
  if (far) atomic_thread_fence(memory_order_seq_cst); /* such stores are ordered by nothing else */
  if (!finite) atomic_store_explicit(&j->finite, 0, memory_order_relaxed);
}
int sg_adam_step(const sg_adam *p, size_t n, const float *g, const float *w, const float *m, const float *v,
                 const float *vmax, float *w2, float *m2, float *v2, float *vmax2) {
  job j = {.k = sg_kernels_now()->elementwise,
           .adam = p,
           .n = n,
           .g = g,
           .w = w,
           .m = m,
           .v = v,
           .x = vmax,
           .w2 = w2,
           .m2 = m2,
           .v2 = v2,
           .x2 = vmax2};
  return run(&j, adam_task);
}

static void sgd_task(void *context, size_t task) {
  PIECE;
  for (size_t i = 0; i < n; i++) {
    float d = g[i] + j->decay * w[i];
    if (j->momentum != 0) {
      float u = j->momentum * j->m[from + i] + d;
      j->m2[from + i] = u;
      d = j->nesterov ? d + j->momentum * u : u;
    }
    w2[i] = w[i] - j->rate * d;
  }
  check(j, w2, n);
}
int sg_sgd_step(float rate, float momentum, int nesterov, float weight_decay, size_t n, const float *g,
                const float *w, const float *u, float *w2, float *u2) {
  job j = {.k = sg_kernels_now()->elementwise,
           .n = n,
           .g = g,
           .w = w,
           .m = u,
           .w2 = w2,
           .m2 = u2,
           .rate = rate,
           .momentum = momentum,
           .decay = weight_decay,
           .nesterov = nesterov};
  return run(&j, sgd_task);
}

static void rmsprop_task(void *context, size_t task) {
  PIECE;
  for (size_t i = 0; i < n; i++) {
    float d = g[i] + j->decay * w[i];
    float s = j->rho * j->v[from + i] + (1 - j->rho) * d * d;
    j->v2[from + i] = s;
    d /= sqrtf(s) + j->epsilon;
    if (j->m) {
      d = j->momentum * j->m[from + i] + d;
      j->m2[from + i] = d;
    }
    w2[i] = w[i] - j->rate * d;
  }
  check(j, w2, n);
}
int sg_rmsprop_step(float rate, float rho, float epsilon, float momentum, float weight_decay, size_t n,
                    const float *g, const float *w, const float *s, const float *u, float *w2, float *s2,
                    float *u2) {
  job j = {.k = sg_kernels_now()->elementwise,
           .n = n,
           .g = g,
           .w = w,
           .v = s,
           .m = u,
           .w2 = w2,
           .v2 = s2,
           .m2 = u2,
           .rate = rate,
           .momentum = momentum,
           .decay = weight_decay,
           .rho = rho,
           .epsilon = epsilon};
  return run(&j, rmsprop_task);
}
