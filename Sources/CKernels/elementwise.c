#include "elementwise_kernels.h"

/* How many elements one task takes; below one task's worth the calling thread does it all. */
static void over_chunks(size_t n, sg_task fn, void *context) {
  size_t tasks = (n + SG_CHUNK - 1) / SG_CHUNK;
  if (tasks <= 1)
    for (size_t i = 0; i < tasks; i++) fn(context, i);
  else sg_parallel(tasks, fn, context);
}
#define PIECE(job, task)                                                                                     \
  size_t from = (task) * (size_t)SG_CHUNK, n = SG_MIN((job)->n - from, (size_t)SG_CHUNK)

typedef struct {
  sg_unary_loop loop;
  float a, b;
  const float *x;
  float *y;
  size_t n;
} unary_job;
static void unary_task(void *context, size_t task) {
  unary_job *j = context;
  PIECE(j, task);
  j->loop(j->a, j->b, j->x + from, j->y + from, n);
}
void sg_unary(sg_unary_op op, float a, float b, const float *x, float *y, size_t n) {
  unary_job j = {sg_kernels_now()->elementwise->unary[op], a, b, x, y, n};
  over_chunks(n, unary_task, &j);
}

/* ---- two operands, broadcast */

typedef struct {
  const sg_binary_loop *loops;
  const float *x, *z;
  float *y;
  int rank; /* of the axes outside the innermost */
  size_t shape[6], inner, outer, rows_a_task;
  ptrdiff_t sx[6], sz[6], ix, iz;
} binary_job;

static void binary_rows(const binary_job *j, size_t first, size_t count) {
  size_t at[6];
  const float *x = j->x, *z = j->z;
  for (int axis = j->rank - 1, i = 0; axis >= 0; axis--, i++) {
    size_t rest = first;
    for (int k = j->rank - 1; k > axis; k--) rest /= j->shape[k];
    at[axis] = rest % j->shape[axis];
    x += (ptrdiff_t)at[axis] * j->sx[axis];
    z += (ptrdiff_t)at[axis] * j->sz[axis];
  }
  float *y = j->y + first * j->inner;
  for (size_t row = 0; row < count; row++, y += j->inner) {
    if (j->ix == 1 && j->iz == 1) {
      j->loops[SG_BOTH](x, z, y, j->inner);
    } else if (j->ix == 0 && j->iz == 1) {
      j->loops[SG_FIRST_SCALAR](x, z, y, j->inner);
    } else if (j->ix == 1 && j->iz == 0) {
      j->loops[SG_SECOND_SCALAR](x, z, y, j->inner);
    } else {
      for (size_t i = 0; i < j->inner; i++)
        j->loops[SG_BOTH](x + (ptrdiff_t)i * j->ix, z + (ptrdiff_t)i * j->iz, y + i, 1);
    }
    for (int axis = j->rank - 1; axis >= 0; axis--) {
      x += j->sx[axis], z += j->sz[axis];
      if (++at[axis] < j->shape[axis]) break;
      x -= (ptrdiff_t)at[axis] * j->sx[axis], z -= (ptrdiff_t)at[axis] * j->sz[axis];
      at[axis] = 0;
    }
  }
}
static void binary_task(void *context, size_t task) {
  binary_job *j = context;
  size_t first = task * j->rows_a_task;
  binary_rows(j, first, SG_MIN(j->outer - first, j->rows_a_task));
}
static void binary_flat_task(void *context, size_t task) {
  binary_job *j = context;
  size_t from = task * (size_t)SG_CHUNK, n = SG_MIN(j->inner - from, (size_t)SG_CHUNK);
  int pairing = j->ix ? (j->iz ? SG_BOTH : SG_SECOND_SCALAR) : SG_FIRST_SCALAR;
  j->loops[pairing](j->x + from * (size_t)j->ix, j->z + from * (size_t)j->iz, j->y + from, n);
}

void sg_binary(sg_binary_op op, const float *x, const ptrdiff_t *x_stride, const float *z,
               const ptrdiff_t *z_stride, float *y, int rank, const size_t *shape) {
  binary_job j = {.loops = sg_kernels_now()->elementwise->binary[op],
                  .x = x,
                  .z = z,
                  .y = y,
                  .inner = 1,
                  .outer = 1,
                  .ix = 1,
                  .iz = 1};
  /* Axes that both operands run through evenly become one; axes of extent 1 go. */
  size_t sizes[6];
  ptrdiff_t sx[6], sz[6];
  int n = 0;
  for (int axis = 0; axis < rank; axis++) {
    if (shape[axis] == 0) return;
    if (shape[axis] == 1) continue;
    if (n && sx[n - 1] == x_stride[axis] * (ptrdiff_t)shape[axis] &&
        sz[n - 1] == z_stride[axis] * (ptrdiff_t)shape[axis]) {
      sizes[n - 1] *= shape[axis], sx[n - 1] = x_stride[axis], sz[n - 1] = z_stride[axis];
    } else {
      sizes[n] = shape[axis], sx[n] = x_stride[axis], sz[n] = z_stride[axis], n++;
    }
  }
  if (n) {
    j.inner = sizes[n - 1], j.ix = sx[n - 1], j.iz = sz[n - 1];
    j.rank = n - 1;
    for (int i = 0; i < n - 1; i++)
      j.shape[i] = sizes[i], j.sx[i] = sx[i], j.sz[i] = sz[i], j.outer *= sizes[i];
  }
  int even = (j.ix == 1 || j.ix == 0) && (j.iz == 1 || j.iz == 0) && (j.ix || j.iz);
  if (j.outer == 1 && even) {
    over_chunks(j.inner, binary_flat_task, &j);
    return;
  }
  j.rows_a_task = j.inner >= SG_CHUNK ? 1 : SG_CHUNK / j.inner;
  size_t tasks = (j.outer + j.rows_a_task - 1) / j.rows_a_task;
  if (tasks == 1) binary_rows(&j, 0, j.outer);
  else sg_parallel(tasks, binary_task, &j);
}

/* ---- the rest: pieces of flat arrays */

typedef struct {
  const sg_elementwise_kernels *k;
  const float *m, *x, *z;
  float *y;
  sg_activation activation;
  float t;
  size_t n;
} flat_job;

static void select_task(void *context, size_t task) {
  flat_job *j = context;
  PIECE(j, task);
  j->k->select(j->m + from, j->x + from, j->z + from, j->y + from, n);
}
void sg_select(const float *mask, const float *x, const float *z, float *y, size_t n) {
  flat_job j = {.k = sg_kernels_now()->elementwise, .m = mask, .x = x, .z = z, .y = y, .n = n};
  over_chunks(n, select_task, &j);
}

static void gradient_task(void *context, size_t task) {
  flat_job *j = context;
  PIECE(j, task);
  j->k->activation_gradient(j->activation, j->x + from, j->z + from, j->y + from, n);
}
void sg_activation_gradient(sg_activation activation, const float *g, const float *y, float *d, size_t n) {
  flat_job j = {.k = sg_kernels_now()->elementwise, .x = g, .z = y, .y = d, .activation = activation, .n = n};
  over_chunks(n, gradient_task, &j);
}

static void lerp_task(void *context, size_t task) {
  flat_job *j = context;
  PIECE(j, task);
  j->k->lerp(j->t, j->x + from, j->z + from, j->y + from, n);
}
void sg_lerp(float t, const float *x, const float *z, float *y, size_t n) {
  flat_job j = {.k = sg_kernels_now()->elementwise, .x = x, .z = z, .y = y, .t = t, .n = n};
  over_chunks(n, lerp_task, &j);
}

static void fill_task(void *context, size_t task) {
  flat_job *j = context;
  PIECE(j, task);
  for (size_t i = 0; i < n; i++) j->y[from + i] = j->t;
}
void sg_fill(float value, float *y, size_t n) {
  flat_job j = {.y = y, .t = value, .n = n};
  over_chunks(n, fill_task, &j);
}

int sg_all_finite(const float *x, size_t n) { return sg_kernels_now()->elementwise->finite(x, n); }

typedef struct {
  const sg_elementwise_kernels *k;
  const sg_epilogue *e;
  const float *x;
  float *y;
  size_t rows, columns, rows_a_task;
} bias_job;
static void bias_task(void *context, size_t task) {
  bias_job *j = context;
  size_t first = task * j->rows_a_task, count = SG_MIN(j->rows - first, j->rows_a_task);
  for (size_t r = first; r < first + count; r++) {
    float *y = j->y + r * j->columns;
    const float *x = j->x + r * j->columns;
    if (j->e->bias) j->k->binary[SG_ADD][SG_BOTH](x, j->e->bias, y, j->columns);
    else if (x != y) memcpy(y, x, j->columns * 4);
    j->k->activate(j->e->activation, y, j->columns);
  }
}
void sg_bias_activate(const sg_epilogue *e, const float *x, float *y, size_t rows, size_t columns) {
  if (!rows || !columns) return;
  bias_job j = {
      sg_kernels_now()->elementwise, e, x, y, rows, columns, columns >= SG_CHUNK ? 1 : SG_CHUNK / columns};
  size_t tasks = (rows + j.rows_a_task - 1) / j.rows_a_task;
  if (tasks == 1) bias_task(&j, 0);
  else sg_parallel(tasks, bias_task, &j);
}
