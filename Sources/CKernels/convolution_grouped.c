/* Convolutions in groups: output channels see the input channels of their group alone. Tasks are
 * rows of the map that is written, or groups, so that no sum is cut by the number of threads. */
#include "convolution_ways.h"

enum { at_a_time = 64, depthwise_channels = 16 };

/* How the pixels of one map, the target, take from those of the other, the source. */
typedef struct {
  const sg_convolution *g;
  size_t groups, sources, targets; /* channels of a group on each side */
  int input;                       /* whether x is the target */
  const float *from, *w;           /* w: [taps][sources][groups * targets] */
  float *to;
  const sg_epilogue *epilogue;
} grouped_job;

/* The source's place along one axis for the target's place and a tap, or -1. */
static ptrdiff_t source(int input, ptrdiff_t target, ptrdiff_t tap, ptrdiff_t stride, ptrdiff_t pad,
                        ptrdiff_t extent) {
  ptrdiff_t place = input ? target + pad - tap : target * stride + tap - pad;
  if (input) {
    if (place < 0 || place % stride) return -1;
    place /= stride;
  }
  return place >= 0 && place < extent ? place : -1;
}

static void row_task(void *context, size_t task) {
  const grouped_job *j = context;
  const sg_convolution *g = j->g;
  ptrdiff_t height = j->input ? g->height : g->out_height, width = j->input ? g->width : g->out_width;
  ptrdiff_t high = j->input ? g->out_height : g->height, wide = j->input ? g->out_width : g->width;
  ptrdiff_t image = (ptrdiff_t)task / height, row = (ptrdiff_t)task % height;
  size_t from_channels = j->groups * j->sources, to_channels = j->groups * j->targets;
  float *y = j->to + task * (size_t)width * to_channels;
  const sg_matrix_kernels *kernels = sg_kernels_now()->matrix;
  const float *x[at_a_time], *w[at_a_time];
  memset(y, 0, (size_t)width * to_channels * 4);
  for (ptrdiff_t column = 0; column < width; column++) {
    size_t count = 0;
    float *pixel = y + (size_t)column * to_channels;
    for (ptrdiff_t u = 0; u < g->kernel_height; u++) {
      ptrdiff_t i = source(j->input, row, u, g->stride_height, g->pad_top, high);
      for (ptrdiff_t v = 0; i >= 0 && v < g->kernel_width; v++) {
        ptrdiff_t k = source(j->input, column, v, g->stride_width, g->pad_left, wide);
        if (k < 0) continue;
        x[count] = j->from + (size_t)((image * high + i) * wide + k) * from_channels;
        w[count] = j->w + (size_t)(u * g->kernel_width + v) * j->sources * to_channels;
        if (++count < at_a_time) continue;
        if (j->sources == 1 && j->targets == 1) kernels->depthwise_pixel(to_channels, count, x, w, pixel);
        else kernels->grouped_pixel(j->groups, j->sources, j->targets, count, x, w, pixel);
        count = 0;
      }
    }
    if (j->sources == 1 && j->targets == 1) kernels->depthwise_pixel(to_channels, count, x, w, pixel);
    else kernels->grouped_pixel(j->groups, j->sources, j->targets, count, x, w, pixel);
  }
  if (!j->epilogue) return;
  sg_finish f = {.rows = (size_t)width, .columns = to_channels, .y = y, .y_row = to_channels};
  f.bias = j->epilogue->bias, f.activation = j->epilogue->activation;
  kernels->finish(&f);
}

void sg_grouped_output(const sg_convolution *g, int32_t groups, const float *x, const float *w, float *y,
                       const sg_epilogue *epilogue) {
  grouped_job j = {.g = g, .groups = (size_t)groups, .from = x, .w = w, .to = y, .epilogue = epilogue};
  j.sources = (size_t)g->channels / j.groups, j.targets = (size_t)g->out_channels / j.groups;
  size_t rows = (size_t)g->batch * g->out_height;
  if (rows && g->out_width && g->out_channels) sg_parallel(rows, row_task, &j);
}

void sg_grouped_input(const sg_convolution *g, int32_t groups, const float *dy, const float *w, float *dx,
                      const sg_epilogue *epilogue) {
  grouped_job j = {.g = g, .groups = (size_t)groups, .from = dy, .to = dx, .epilogue = epilogue, .input = 1};
  j.sources = (size_t)g->out_channels / j.groups, j.targets = (size_t)g->channels / j.groups;
  size_t rows = (size_t)g->batch * g->height, taps = sg_taps(g);
  if (!rows || !g->width || !g->channels) return;
  /* Each group's weights turned: the channels of x are the columns. */
  float *turned = sg_memory_need(SG_MAX(taps * j.sources * (size_t)g->channels, (size_t)1) * 4);
  if (!turned) return;
  for (size_t tap = 0; tap < taps; tap++)
    for (size_t c = 0; c < j.targets; c++)
      for (size_t k = 0; k < j.groups; k++)
        for (size_t n = 0; n < j.sources; n++)
          turned[(tap * j.sources + n) * (size_t)g->channels + k * j.targets + c] =
              w[(tap * j.targets + c) * (size_t)g->out_channels + k * j.sources + n];
  j.w = turned;
  sg_parallel(rows, row_task, &j);
  sg_memory_give(turned);
}

typedef struct {
  const sg_convolution *g;
  size_t groups, rows, columns;
  const float *x, *dy;
  float *dw;
} weight_job;

/* The weights of one group, or of several of one channel each. */
static void weight_task(void *context, size_t task) {
  const weight_job *j = context;
  const sg_convolution *g = j->g;
  int depthwise = j->rows == 1 && j->columns == 1;
  size_t wide = depthwise ? depthwise_channels : 1, first = task * wide, n = SG_MIN(wide, j->groups - first);
  const sg_matrix_kernels *kernels = sg_kernels_now()->matrix;
  const float *x[at_a_time], *dy[at_a_time];
  for (ptrdiff_t u = 0; u < g->kernel_height; u++)
    for (ptrdiff_t v = 0; v < g->kernel_width; v++) {
      float *dw = j->dw + (size_t)(u * g->kernel_width + v) * j->rows * (size_t)g->out_channels;
      size_t count = 0;
      for (size_t c = 0; c < j->rows; c++)
        memset(dw + c * (size_t)g->out_channels + first * j->columns, 0, n * j->columns * 4);
      for (ptrdiff_t b = 0; b < g->batch; b++)
        for (ptrdiff_t i = 0; i < g->out_height; i++) {
          ptrdiff_t row = source(0, i, u, g->stride_height, g->pad_top, g->height);
          for (ptrdiff_t k = 0; row >= 0 && k <= g->out_width; k++) {
            int last = k == g->out_width;
            if (!last) {
              ptrdiff_t column = source(0, k, v, g->stride_width, g->pad_left, g->width);
              if (column < 0) continue;
              x[count] = j->x + (size_t)((b * g->height + row) * g->width + column) * (size_t)g->channels +
                         first * j->rows;
              dy[count++] = j->dy +
                            (size_t)((b * g->out_height + i) * g->out_width + k) * (size_t)g->out_channels +
                            first * j->columns;
            }
            if (count < at_a_time && !last) continue;
            /* A row's sum, or a part of it, is a number of its own before it joins the others. */
            float *to = dw + first * j->columns;
            if (depthwise) {
              float sum[depthwise_channels] = {0};
              kernels->depthwise_pixel(n, count, x, dy, sum);
              for (size_t c = 0; c < n; c++) to[c] += sum[c];
            } else {
              kernels->grouped_weight(j->rows, j->columns, count, x, dy, to, (size_t)g->out_channels);
            }
            count = 0;
          }
        }
    }
}

void sg_grouped_weight(const sg_convolution *g, int32_t groups, const float *x, const float *dy, float *dw) {
  weight_job j = {.g = g, .groups = (size_t)groups, .x = x, .dy = dy, .dw = dw};
  j.rows = (size_t)g->channels / j.groups, j.columns = (size_t)g->out_channels / j.groups;
  size_t wide = j.rows == 1 && j.columns == 1 ? depthwise_channels : 1;
  if (j.rows && j.columns && sg_taps(g)) sg_parallel(sg_divide_up(j.groups, wide), weight_task, &j);
}
