#include "elementwise_kernels.h"

/* One walk serves both directions: `a` is strided, `b` contiguous. */
typedef struct {
  float *a, *b;
  int gather, rank;
  size_t shape[6], inner, outer, rows_a_task;
  ptrdiff_t stride[6], step;
} copy_job;

static void copy_task(void *context, size_t task) {
  copy_job *j = context;
  size_t first = task * j->rows_a_task, count = SG_MIN(j->outer - first, j->rows_a_task), at[6];
  float *a = j->a, *b = j->b + first * j->inner;
  size_t rest = first;
  for (int axis = j->rank - 1; axis >= 0; axis--) {
    at[axis] = rest % j->shape[axis];
    rest /= j->shape[axis];
    a += (ptrdiff_t)at[axis] * j->stride[axis];
  }
  for (size_t row = 0; row < count; row++, b += j->inner) {
    if (j->step == 1) {
      if (j->gather) memcpy(b, a, j->inner * 4);
      else memcpy(a, b, j->inner * 4);
    } else if (j->gather) {
      for (size_t i = 0; i < j->inner; i++) b[i] = a[(ptrdiff_t)i * j->step];
    } else {
      for (size_t i = 0; i < j->inner; i++) a[(ptrdiff_t)i * j->step] = b[i];
    }
    for (int axis = j->rank - 1; axis >= 0; axis--) {
      a += j->stride[axis];
      if (++at[axis] < j->shape[axis]) break;
      a -= (ptrdiff_t)at[axis] * j->stride[axis];
      at[axis] = 0;
    }
  }
}

static void copy(float *a, const ptrdiff_t *stride, float *b, int rank, const size_t *shape, int gather) {
  copy_job j = {.a = a, .b = b, .gather = gather, .inner = 1, .outer = 1, .step = 1};
  size_t sizes[6];
  ptrdiff_t strides[6];
  int n = 0;
  for (int axis = 0; axis < rank; axis++) {
    if (shape[axis] == 0) return;
    if (shape[axis] == 1) continue;
    if (n && strides[n - 1] == stride[axis] * (ptrdiff_t)shape[axis])
      sizes[n - 1] *= shape[axis], strides[n - 1] = stride[axis];
    else sizes[n] = shape[axis], strides[n++] = stride[axis];
  }
  if (n) {
    j.inner = sizes[n - 1], j.step = strides[n - 1], j.rank = n - 1;
    for (int i = 0; i < n - 1; i++) j.shape[i] = sizes[i], j.stride[i] = strides[i], j.outer *= sizes[i];
  }
  enum { floats_a_task = 32768 };
  j.rows_a_task = j.inner >= floats_a_task ? 1 : floats_a_task / j.inner;
  size_t tasks = (j.outer + j.rows_a_task - 1) / j.rows_a_task;
  if (tasks == 1) copy_task(&j, 0);
  else sg_parallel(tasks, copy_task, &j);
}

void sg_copy_from(const float *x, const ptrdiff_t *x_stride, float *y, int rank, const size_t *shape) {
  copy((float *)x, x_stride, y, rank, shape, 1);
}
void sg_copy_to(const float *x, float *y, const ptrdiff_t *y_stride, int rank, const size_t *shape) {
  copy(y, y_stride, (float *)x, rank, shape, 0);
}

void sg_gather_rows(const float *x, size_t width, const int32_t *index, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) memcpy(y + i * width, x + (size_t)index[i] * width, width * 4);
}

void sg_scatter_add_rows(const float *x, size_t width, const int32_t *index, size_t n, float *y,
                         size_t rows) {
  memset(y, 0, rows * width * 4);
  for (size_t i = 0; i < n; i++) {
    float *to = y + (size_t)index[i] * width;
    for (size_t k = 0; k < width; k++) to[k] += x[i * width + k];
  }
}

typedef struct {
  const float *const *x, *const *more;
  const size_t *n;
  size_t count, total, piece;
  float *y;
  sg_binary_loop add;
} parts_job;
static void part_task(void *context, size_t task) {
  const parts_job *j = context;
  size_t from = task * j->piece, to = SG_MIN(j->total, from + j->piece), at = 0;
  for (size_t i = 0; i < j->count && at < to; at += j->n[i++]) {
    size_t first = SG_MAX(from, at), end = SG_MIN(to, at + j->n[i]);
    if (first >= end) continue;
    const float *x = j->x[i] + (first - at);
    float *y = j->y + first;
    if (j->more) j->add(x, j->more[i] + (first - at), y, end - first);
    else memcpy(y, x, (end - first) * 4);
  }
}
void sg_concatenate(const float *const *x, const float *const *more, const size_t *n, size_t count,
                    float *y) {
  parts_job j = {.x = x,
                 .more = more,
                 .n = n,
                 .count = count,
                 .y = y,
                 .add = sg_kernels_now()->elementwise->binary[SG_ADD][SG_BOTH]};
  for (size_t i = 0; i < count; i++) j.total += n[i];
  j.piece = j.total < 65536 ? j.total : SG_CHUNK;
  if (j.total) sg_parallel(sg_divide_up(j.total, j.piece), part_task, &j);
}
