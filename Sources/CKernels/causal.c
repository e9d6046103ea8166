#include "causal.h"
#include "elementwise_kernels.h"

/* Tasks are columns: each carries its columns of a through all places, for all samples, so that a
 * and one row of each weight stay in the nearest cache. What sums over all columns, y and dx, each
 * task writes into a part of its own; the parts of at most `abreast` tasks are there at a time, and
 * are added in order. */
enum { columns = SG_CAUSAL_COLUMNS, abreast = 16, apart = 32 };

typedef struct {
  const sg_elementwise_kernels *k;
  size_t places, batch, width, first;
  const float *g, *x, *w, *c, *v;
  float *dx, *dw, *dc, *dv;
  float *state, *parts, *out;
  size_t state_floats;
} causal_job;

/* A row's columns of a task, 0 beyond the last. */
static void take_columns(const causal_job *j, const float *row, size_t from, float *to) {
  size_t n = SG_MIN(j->width - from, (size_t)columns);
  memcpy(to, row + from, n * 4);
  memset(to + n, 0, (columns - n) * 4);
}

static void give_columns(const causal_job *j, float *row, size_t from, const float *of) {
  memcpy(row + from, of, SG_MIN(j->width - from, (size_t)columns) * 4);
}

static void begin(const causal_job *j, size_t from, float *a) {
  take_columns(j, j->c, from, a);
  for (size_t b = 1; b < j->batch; b++) memcpy(a + b * columns, a, columns * 4);
}

static void forward_task(void *context, size_t task) {
  const causal_job *j = context;
  size_t from = (j->first + task) * columns;
  float w[columns], v[columns], *a = j->state + task * j->state_floats;
  float *y = j->parts + task * j->places * j->batch;
  begin(j, from, a);
  for (size_t d = 0; d < j->places; d++) {
    take_columns(j, j->w + d * j->width, from, w);
    take_columns(j, j->v + d * j->width, from, v);
    j->k->causal_forward(j->batch, j->x + d * j->batch, w, v, a, NULL, y + d * j->batch);
  }
}

static void backward_task(void *context, size_t task) {
  const causal_job *j = context;
  size_t from = (j->first + task) * columns, rows = j->batch * columns;
  size_t blocks = sg_divide_up(j->places, apart);
  float w[columns], v[columns], dw[columns], dv[columns];
  /* a, s, h of a block, a at the beginning of every block */
  float *a = j->state + task * j->state_floats, *s = a + rows, *h = s + rows, *kept = h + apart * rows;
  begin(j, from, a);
  for (size_t d = 0; d < j->places; d++) {
    if (d % apart == 0) memcpy(kept + d / apart * rows, a, rows * 4);
    take_columns(j, j->w + d * j->width, from, w);
    j->k->causal_forward(j->batch, j->x + d * j->batch, w, NULL, a, NULL, NULL);
  }
  memset(s, 0, rows * 4);
  for (size_t block = blocks; block-- > 0;) {
    size_t start = block * apart, end = SG_MIN(start + apart, j->places);
    float *at = kept + block * rows;
    for (size_t d = start; d < end; d++) {
      take_columns(j, j->w + d * j->width, from, w);
      take_columns(j, j->v + d * j->width, from, v);
      j->k->causal_forward(j->batch, j->x + d * j->batch, w, v, at, h + (d - start) * rows, NULL);
    }
    for (size_t d = end; d-- > start;) {
      take_columns(j, j->w + d * j->width, from, w);
      take_columns(j, j->v + d * j->width, from, v);
      j->k->causal_backward(j->batch, j->g + d * j->batch, j->x + d * j->batch, w, v, h + (d - start) * rows,
                            s, j->dx ? j->parts + (task * j->places + d) * j->batch : NULL, dw, dv);
      give_columns(j, j->dw + d * j->width, from, dw);
      give_columns(j, j->dv + d * j->width, from, dv);
    }
  }
  memset(dw, 0, sizeof dw);
  for (size_t b = 0; b < j->batch; b++)
    for (size_t i = 0; i < columns; i++) dw[i] += s[b * columns + i];
  give_columns(j, j->dc, from, dw);
}

/* Runs the tasks, as many at a time as parts are there for, and adds their parts to out, where
 * there is one. */
static void run(causal_job *j, sg_task task, size_t state_floats) {
  size_t tasks = sg_divide_up(j->width, columns), most = SG_MIN(tasks, (size_t)abreast);
  size_t n = j->places * j->batch;
  if (j->out) memset(j->out, 0, n * 4);
  if (!n || !tasks) return;
  j->state_floats = state_floats;
  j->state = sg_memory_need(most * state_floats * 4);
  j->parts = j->out ? sg_memory_need(most * n * 4) : NULL;
  if (j->state && (j->parts || !j->out))
    for (j->first = 0; j->first < tasks; j->first += most) {
      size_t now = SG_MIN(tasks - j->first, most);
      sg_parallel(now, task, j);
      for (size_t t = 0; j->out && t < now; t++)
        for (size_t i = 0; i < n; i++) j->out[i] += j->parts[t * n + i];
    }
  sg_memory_give(j->parts);
  sg_memory_give(j->state);
}

void sg_causal(size_t places, size_t batch, size_t width, const float *x, const float *w, const float *c,
               const float *v, float *y) {
  causal_job j = {.k = sg_kernels_now()->elementwise,
                  .places = places,
                  .batch = batch,
                  .width = width,
                  .x = x,
                  .w = w,
                  .c = c,
                  .v = v,
                  .out = y};
  run(&j, forward_task, batch * columns);
}

void sg_causal_gradient(size_t places, size_t batch, size_t width, const float *g, const float *x,
                        const float *w, const float *c, const float *v, float *dx, float *dw, float *dc,
                        float *dv) {
  if (!places || !batch) {
    memset(dw, 0, places * width * 4);
    memset(dv, 0, places * width * 4);
    memset(dc, 0, width * 4);
  }
  causal_job j = {.k = sg_kernels_now()->elementwise,
                  .places = places,
                  .batch = batch,
                  .width = width,
                  .g = g,
                  .x = x,
                  .w = w,
                  .c = c,
                  .v = v,
                  .dx = dx,
                  .dw = dw,
                  .dc = dc,
                  .dv = dv,
                  .out = dx};
  run(&j, backward_task, (2 + apart + sg_divide_up(places, apart)) * batch * columns);
}
