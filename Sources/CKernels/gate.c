#include "gate.h"
#include "elementwise_kernels.h"

typedef struct {
  const float *g, *x;
  float *y;
  size_t rows, width, rows_a_task;
} gate_job;

static void task(void *context, size_t number) {
  const gate_job *j = context;
  size_t from = number * j->rows_a_task, n = SG_MIN(j->rows - from, j->rows_a_task);
  const sg_elementwise_kernels *k = sg_kernels_now()->elementwise;
  const float *x = j->x + from * 2 * j->width;
  if (j->g) k->gate_gradient(j->g + from * j->width, x, j->y + from * 2 * j->width, n, j->width);
  else k->gate(x, j->y + from * j->width, n, j->width);
}

static void run(gate_job *j) {
  if (!j->rows || !j->width) return;
  j->rows_a_task = SG_MAX(SG_CHUNK / j->width, (size_t)1);
  size_t tasks = sg_divide_up(j->rows, j->rows_a_task);
  if (tasks == 1) task(j, 0);
  else sg_parallel(tasks, task, j);
}

void sg_gate(const float *x, float *y, size_t rows, size_t width) {
  gate_job j = {.x = x, .y = y, .rows = rows, .width = width};
  run(&j);
}

void sg_gate_gradient(const float *g, const float *x, float *dx, size_t rows, size_t width) {
  gate_job j = {.g = g, .x = x, .y = dx, .rows = rows, .width = width};
  run(&j);
}
