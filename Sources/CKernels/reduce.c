#include "elementwise_kernels.h"
#include <stdlib.h>

/* Any reduction is brought to a list of axes that are alternately kept and summed. The two common
 * patterns have loops of their own: [outer][summed], and [outer][summed][inner]. Longer lists
 * reduce their last summed axis first. */

typedef struct {
  const sg_elementwise_kernels *k;
  const float *x;
  float *y;
  double *partial;
  size_t outer, reduced, inner, row, rows_a_task, tasks_an_outer;
  int is_max;
} reduce_job;

/* [outer][reduced]: whole rows, many of them. */
static void row_task(void *context, size_t task) {
  reduce_job *j = context;
  size_t first = task * j->rows_a_task, count = SG_MIN(j->outer - first, j->rows_a_task);
  for (size_t r = first; r < first + count; r++)
    j->y[r] = j->is_max ? j->k->maximum(j->x + r * j->reduced, j->reduced)
                        : (float)j->k->sum(j->x + r * j->reduced, j->reduced);
}

/* One long row: partial sums of chunks, added in order. */
static void long_task(void *context, size_t task) {
  reduce_job *j = context;
  size_t from = task * (size_t)SG_CHUNK, n = SG_MIN(j->reduced - from, (size_t)SG_CHUNK);
  j->partial[task] = j->is_max ? j->k->maximum(j->x + from, n) : j->k->sum(j->x + from, n);
}

/* [outer][reduced][inner]: rows_a_task rows of `inner` into a partial row, whose place has room for
 * a long one. */
static void column_task(void *context, size_t task) {
  reduce_job *j = context;
  size_t o = task / j->tasks_an_outer, first = task % j->tasks_an_outer * j->rows_a_task;
  size_t count = SG_MIN(j->reduced - first, j->rows_a_task);
  const float *x = j->x + (o * j->reduced + first) * j->inner;
  if (j->is_max) {
    float *m = (float *)(j->partial + task * j->row);
    for (size_t i = 0; i < j->inner; i++) m[i] = -INFINITY;
    j->k->max_rows(x, count, j->inner, m, j->inner);
  } else {
    double *s = j->partial + task * j->row;
    memset(s, 0, j->row * sizeof *s);
    j->k->add_rows(x, s, count * j->inner, j->row);
    sg_fold(s, j->inner, j->row);
  }
}

static double take_maximum(double a, double b) { return a != a ? a : b != b ? b : a > b ? a : b; }

/* The partial rows of one outer index, in order, into the first of them and then into y. */
static void join(const reduce_job *j, double *first, float *y) {
  float *largest = (float *)first;
  for (size_t t = 1; t < j->tasks_an_outer; t++) {
    const double *part = first + t * j->row;
    if (j->is_max)
      for (size_t i = 0; i < j->inner; i++)
        largest[i] = (float)take_maximum(largest[i], ((const float *)part)[i]);
    else
      for (size_t i = 0; i < j->inner; i++) first[i] += part[i];
  }
  for (size_t i = 0; i < j->inner; i++) y[i] = j->is_max ? largest[i] : (float)first[i];
}

static void reduce_pattern(int is_max, const float *x, float *y, size_t outer, size_t reduced, size_t inner) {
  if (!outer || !inner) return;
  reduce_job j = {sg_kernels_now()->elementwise, x, y, NULL, outer, reduced, inner, inner, 0, 0, is_max};
  if (inner == 1) {
    size_t tasks = (reduced + SG_CHUNK - 1) / SG_CHUNK;
    if (tasks <= 1 || outer > 64) {
      j.rows_a_task = reduced >= SG_CHUNK ? 1 : SG_CHUNK / (reduced ? reduced : 1);
      size_t n = (outer + j.rows_a_task - 1) / j.rows_a_task;
      if (n <= 1)
        for (size_t t = 0; t < n; t++) row_task(&j, t);
      else sg_parallel(n, row_task, &j);
      return;
    }
    if (!(j.partial = sg_memory_need(tasks * sizeof(double)))) return;
    for (size_t o = 0; o < outer; o++, j.x += reduced) {
      sg_parallel(tasks, long_task, &j);
      double total = j.partial[0];
      for (size_t t = 1; t < tasks; t++)
        total = is_max ? take_maximum(total, j.partial[t]) : total + j.partial[t];
      y[o] = (float)total;
    }
    sg_memory_give(j.partial);
    return;
  }
  j.rows_a_task = inner >= SG_CHUNK / 16 ? 16 : (SG_CHUNK / inner + 15) / 16 * 16;
  if (j.rows_a_task * 256 < reduced)
    j.rows_a_task = (reduced / 256 + 15) / 16 * 16; /* bounds the partials' memory */
  if (inner < 32 && reduced * inner >= SG_CHUNK) j.row = sg_long_row(inner);
  j.tasks_an_outer = reduced ? (reduced + j.rows_a_task - 1) / j.rows_a_task : 1;
  size_t tasks = outer * j.tasks_an_outer;
  if (!(j.partial = sg_memory_need(tasks * j.row * sizeof(double)))) return;
  if (tasks == 1) column_task(&j, 0);
  else sg_parallel(tasks, column_task, &j);
  for (size_t o = 0; o < outer; o++) join(&j, j.partial + o * j.tasks_an_outer * j.row, y + o * inner);
  sg_memory_give(j.partial);
}

static void reduce(int is_max, const float *x, float *y, int rank, const size_t *shape, uint32_t axes) {
  size_t sizes[6];
  int summed[6], n = 0;
  size_t count = 1;
  for (int axis = 0; axis < rank; axis++) {
    int s = axes >> axis & 1;
    count *= shape[axis];
    if (n && summed[n - 1] == s) sizes[n - 1] *= shape[axis];
    else sizes[n] = shape[axis], summed[n++] = s;
  }
  float *scratch[2] = {NULL, NULL};
  for (;;) {
    int last = n - 1;
    while (last >= 0 && !summed[last]) last--;
    if (last < 0) { /* nothing to reduce */
      memcpy(y, x, count * 4);
      break;
    }
    size_t outer = 1, inner = last + 1 < n ? sizes[last + 1] : 1;
    int others = 0;
    for (int i = 0; i < last; i++) outer *= sizes[i], others |= summed[i];
    if (!others) {
      reduce_pattern(is_max, x, y, outer, sizes[last], inner);
      break;
    }
    count /= sizes[last] ? sizes[last] : 1;
    float *next = sg_memory_need((outer * inner + 1) * 4);
    if (!next) break;
    reduce_pattern(is_max, x, next, outer, sizes[last], inner);
    sg_memory_give(scratch[0]);
    scratch[0] = next;
    x = next;
    /* The axis goes, and the kept axes around it become one. */
    if (last + 1 < n) {
      sizes[last - 1] *= sizes[last + 1];
      for (int i = last; i + 2 < n; i++) sizes[i] = sizes[i + 2], summed[i] = summed[i + 2];
      n -= 2;
    } else {
      n--;
    }
  }
  sg_memory_give(scratch[0]);
}

void sg_sum(const float *x, float *y, int rank, const size_t *shape, uint32_t axes) {
  reduce(0, x, y, rank, shape, axes);
}
void sg_max(const float *x, float *y, int rank, const size_t *shape, uint32_t axes) {
  reduce(1, x, y, rank, shape, axes);
}

static void squares_task(void *context, size_t task) {
  reduce_job *j = context;
  size_t from = task * (size_t)SG_CHUNK;
  j->partial[task] = j->k->sum_of_squares(j->x + from, SG_MIN(j->reduced - from, (size_t)SG_CHUNK));
}
static double fast_sum_of_squares(const float *x, size_t n) {
  size_t tasks = (n + SG_CHUNK - 1) / SG_CHUNK;
  if (tasks <= 1) return sg_kernels_now()->elementwise->sum_of_squares(x, n);
  reduce_job j = {
      .k = sg_kernels_now()->elementwise, .x = x, .reduced = n, .partial = sg_memory_need(tasks * 8)};
  if (!j.partial) return 0;
  sg_parallel(tasks, squares_task, &j);
  double total = 0;
  for (size_t t = 0; t < tasks; t++) total += j.partial[t];
  sg_memory_give(j.partial);
  return total;
}
double sg_sum_of_squares(const float *x, size_t n) {
  double total = fast_sum_of_squares(x, n);
  if (isfinite(total)) return total;
  /* Squares above FLT_MAX overflow a float. A double holds the sum of any number of them. */
  total = 0;
  for (size_t i = 0; i < n; i++) total += (double)x[i] * x[i];
  return total;
}

typedef struct {
  void (*loop)(const float *, float *, size_t, size_t);
  const float *x;
  float *y;
  size_t rows, columns, rows_a_task, y_stride;
} last_axis_job;
static void last_axis_task(void *context, size_t task) {
  last_axis_job *j = context;
  size_t first = task * j->rows_a_task;
  j->loop(j->x + first * j->columns, j->y + first * j->y_stride, SG_MIN(j->rows - first, j->rows_a_task),
          j->columns);
}
static void along_last_axis(last_axis_job *j) {
  j->rows_a_task = j->columns >= 4096 ? 1 : 4096 / (j->columns ? j->columns : 1);
  size_t tasks = (j->rows + j->rows_a_task - 1) / j->rows_a_task;
  if (tasks <= 1)
    for (size_t t = 0; t < tasks; t++) last_axis_task(j, t);
  else sg_parallel(tasks, last_axis_task, j);
}
void sg_log_sum_exp(const float *x, float *y, size_t rows, size_t columns) {
  last_axis_job j = {sg_kernels_now()->elementwise->log_sum_exp, x, y, rows, columns, 0, 1};
  along_last_axis(&j);
}
void sg_softmax(const float *x, float *y, size_t rows, size_t columns) {
  last_axis_job j = {sg_kernels_now()->elementwise->softmax, x, y, rows, columns, 0, columns};
  along_last_axis(&j);
}
