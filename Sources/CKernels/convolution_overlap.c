/* The input role for few channels (the last transposed convolution, to an image): taps times
 * channels are the columns of one product over the pixels of dy, so that no lane of a vector is
 * idle; then every row of dx gathers the taps that reach it. Nothing is scattered: a task owns rows
 * of dx and computes what they need.
 */
#include "convolution_ways.h"

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_convolution *g;
  const float *dy, *w, *bias;
  float *dx, *packed;
  const sg_epilogue *epilogue;
  size_t columns, column_row; /* taps times channels, and how far apart their rows are */
  ptrdiff_t strips, strip;    /* of dx rows, an image */
  size_t most_rows;           /* of dy under a strip */
  sg_workspace workspace;
} overlap;

enum { MOST_TAPS = 16 };

static size_t row_floats(const sg_convolution *g) {
  size_t pieces = sg_divide_up(g->kernel_width, g->stride_width);
  size_t reached = (g->out_width + pieces - 1) * g->stride_width, wanted = (size_t)g->pad_left + g->width;
  return (reached > wanted ? reached : wanted) * g->channels + 4;
}

/* One row of dx from the taps' sums of rows first... of dy. Windows of `stride` pixels: window j
 * gathers the taps s stride ... s stride + stride - 1 of column j - s of dy. */
static void gather_row(const overlap *t, ptrdiff_t row, const float *sums, ptrdiff_t first, float *to) {
  const sg_convolution *g = t->g;
  ptrdiff_t channels = g->channels, stride = g->stride_width, width = g->out_width, kernel = g->kernel_width;
  ptrdiff_t pieces = (kernel + stride - 1) / stride, window = stride * channels, y = row + g->pad_top;
  ptrdiff_t rows = (g->kernel_height + g->stride_height - 1) / g->stride_height;
  int even = kernel % stride == 0 && rows * pieces <= MOST_TAPS;
  for (ptrdiff_t j = 0, many; j < width + pieces - 1; j += many) {
    const float *x[MOST_TAPS];
    size_t count = 0;
    int inner = even && j >= pieces - 1 && j < width;
    many = inner ? width - j : 1;
    memset(to + j * window, 0, many * window * sizeof(float));
    for (ptrdiff_t u = y % g->stride_height; u < g->kernel_height && u <= y; u += g->stride_height) {
      ptrdiff_t i = (y - u) / g->stride_height;
      if (i >= g->out_height) continue;
      for (ptrdiff_t s = 0; s < pieces; s++) {
        if (j - s < 0 || j - s >= width) continue;
        const float *from =
            sums + ((i - first) * width + j - s) * t->column_row + (u * kernel + s * stride) * channels;
        ptrdiff_t n = SG_MIN(stride, kernel - s * stride) * channels;
        if (inner) x[count++] = from;
        else
          for (ptrdiff_t c = 0; c < n; c++) to[j * window + c] += from[c];
      }
    }
    if (count) t->kernels->overlap(x, t->column_row, count, to + j * window, window, window, many);
  }
  size_t reached = (width + pieces - 1) * window; /* and what no tap reaches */
  memset(to + reached, 0, (row_floats(g) - reached) * sizeof(float));
}

static void strip_task(void *context, size_t task) {
  overlap *t = context;
  const sg_convolution *g = t->g;
  ptrdiff_t image = task / t->strips, row = task % t->strips * t->strip,
            end = SG_MIN(g->height, row + t->strip);
  ptrdiff_t low = row + g->pad_top - g->kernel_height + 1,
            first = low <= 0 ? 0 : (low - 1) / g->stride_height + 1;
  ptrdiff_t last = SG_MIN(g->out_height, (end - 1 + g->pad_top) / g->stride_height + 1);
  float *line = sg_workspace_borrow(&t->workspace), *sums = line + sg_round_up(row_floats(g), 16);
  if (first < last) {
    sg_block b = {.m = (last - first) * g->out_width, .n = t->columns, .k = g->out_channels};
    b.a = t->dy + (image * g->out_height + first) * g->out_width * b.k, b.a_row = b.k, b.a_step = 1;
    b.b = t->packed, b.b_panel = b.k * t->kernels->columns;
    b.c = sums, b.c_row = t->column_row;
    t->kernels->block(&b);
  }
  size_t length = (size_t)g->width * g->channels, at = (size_t)g->pad_left * g->channels;
  for (; row < end; row++) {
    gather_row(t, row, sums, first, line);
    sg_finish f = {.rows = 1, .columns = length, .x = line + at, .bias = t->bias};
    f.y = t->dx + (image * g->height + row) * length;
    if (t->epilogue) f.activation = t->epilogue->activation;
    t->kernels->finish(&f);
  }
  sg_workspace_return(&t->workspace, line);
}

int sg_overlap_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                     const sg_epilogue *epilogue) {
  overlap t = {.kernels = sg_kernels_now()->matrix, .g = g, .dy = dy, .w = w, .dx = dx, .epilogue = epilogue};
  size_t n = g->out_channels, length = (size_t)g->width * g->channels;
  t.columns = sg_taps(g) * g->channels;
  t.column_row = sg_round_up(t.columns, 4);
  /* Enough strips for the threads, small enough for the cache, high enough that neighbors share
   * little. */
  size_t line = (size_t)g->out_width * t.column_row, strips = sg_divide_up(16, g->batch);
  size_t by_size = sg_divide_up(line * g->out_height, 131072);
  ptrdiff_t high = sg_divide_up(g->height, strips > by_size ? strips : by_size), least = 4 * g->stride_height;
  t.strip = high < least ? least : high;
  t.strips = sg_divide_up(g->height, t.strip);
  t.most_rows = SG_MIN((size_t)g->out_height, (size_t)(t.strip + g->kernel_height) / g->stride_height + 2);

  int failed = -1;
  size_t floats = sg_round_up(row_floats(g), 16) + t.most_rows * line + 16;
  t.packed = sg_memory_take((sg_round_up(t.columns, t.kernels->columns) * n + length) * sizeof(float));
  if (t.packed && !sg_workspace_open(&t.workspace, floats, g->batch * t.strips)) {
    if (epilogue && epilogue->bias) {
      float *bias = t.packed + sg_round_up(t.columns, t.kernels->columns) * n;
      for (size_t i = 0; i < length; i++) bias[i] = epilogue->bias[i % g->channels];
      t.bias = bias;
    }
    t.kernels->pack_transposed(n, t.columns, w, n, t.packed, n, 0);
    sg_run(g->batch * t.strips, strip_task, &t, sg_convolution_work(g));
    sg_workspace_close(&t.workspace);
    failed = 0;
  }
  sg_memory_give(t.packed);
  return failed;
}
