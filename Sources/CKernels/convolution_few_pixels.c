/* The input role for few pixels and many channels (the first transposed convolutions of a generator
 * that makes a sample or two). The weights are then the larger operand by far: they are the left
 * matrix, read once where they lie, and the patches of dy are packed instead. What comes out has
 * channels as rows, and is turned on its way to dx. */
#include "convolution_ways.h"

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_convolution *g;
  const float *dy, *w;
  float *dx;
  const sg_epilogue *epilogue;
  sg_phase *phase;
  float **packed;                                /* a phase's patches, as columns */
  size_t most, panels, group, groups, patch_row; /* most: pixels of a phase; group: channels a task */
  sg_workspace workspace;
} few_pixels;

static size_t pixels_of(const few_pixels *t, const sg_phase *f) {
  return (size_t)t->g->batch * f->rows * f->columns;
}
static size_t depth_of(const few_pixels *t, const sg_phase *f) {
  return (size_t)(f->tap_rows * f->tap_columns) * t->g->out_channels;
}

/* One panel of patches: written out as rows, then turned. */
static void patches_task(void *context, size_t task) {
  few_pixels *t = context;
  const sg_convolution *g = t->g;
  const sg_phase *f = t->phase + task / t->panels;
  size_t first = task % t->panels * t->kernels->columns, pixels = pixels_of(t, f), k = depth_of(t, f);
  if (first >= pixels || k == 0) return;
  size_t count = SG_MIN(pixels - first, t->kernels->columns);
  sg_patches p = {t->dy,
                  g->out_height,
                  g->out_width,
                  g->out_channels,
                  f->rows,
                  f->columns,
                  f->tap_rows,
                  f->tap_columns,
                  1,
                  1,
                  f->pad_top,
                  f->pad_left};
  float *rows = sg_workspace_borrow(&t->workspace);
  t->kernels->patches(&p, first, count, 0, k, rows, t->patch_row);
  t->kernels->pack_transposed(k, count, rows, t->patch_row, t->packed[task / t->panels] + first * k, k, 0);
  sg_workspace_return(&t->workspace, rows);
}

/* sums[channel][pixel] of a phase, from channel c0 on, tap by tap. */
static void multiply(const few_pixels *t, const sg_phase *f, const float *packed, size_t c0, size_t channels,
                     float *sums, size_t pixels) {
  const sg_convolution *g = t->g;
  size_t n = g->out_channels, k = depth_of(t, f), taps = f->tap_rows * f->tap_columns;
  for (size_t j = 0; j < pixels; j += t->kernels->columns)
    for (size_t tap = 0; tap < taps; tap++) {
      sg_block b = {
          .m = channels, .n = SG_MIN(pixels - j, t->kernels->columns), .k = n, .accumulate = tap > 0};
      b.a = t->w + (sg_phase_tap(g, f, tap) * g->channels + c0) * n, b.a_row = n, b.a_step = 1;
      b.b = packed + j * k + tap * n * sg_panel_width(t->kernels, b.n);
      b.c = sums + j, b.c_row = pixels;
      t->kernels->block(&b);
    }
}

static void product_task(void *context, size_t task) {
  few_pixels *t = context;
  const sg_convolution *g = t->g;
  const sg_phase *f = t->phase + task / t->groups;
  size_t c0 = task % t->groups * t->group, channels = SG_MIN((size_t)g->channels - c0, t->group),
         width = t->kernels->columns, pixels = pixels_of(t, f);
  float *sums = sg_workspace_borrow(&t->workspace), *turned = sums + sg_round_up(t->group * t->most, 16);
  float **to = (float **)(turned + width * t->most);
  if (depth_of(t, f)) multiply(t, f, t->packed[task / t->groups], c0, channels, sums, pixels);
  else memset(sums, 0, channels * pixels * sizeof(float));
  for (size_t c = 0; c < channels; c += width) {
    size_t many = SG_MIN(channels - c, width);
    t->kernels->pack_transposed(pixels, many, sums + c * pixels, pixels, turned, pixels, 0);
    for (size_t b = 0, p = 0; b < (size_t)g->batch; b++)
      for (ptrdiff_t i = 0; i < f->rows; i++)
        for (ptrdiff_t j = 0; j < f->columns; j++, p++) {
          ptrdiff_t row = f->row0 + i * g->stride_height, column = f->column0 + j * g->stride_width;
          to[p] = t->dx + ((b * g->height + row) * g->width + column) * g->channels + c0 + c;
        }
    sg_finish finish = {.rows = pixels, .columns = many, .x = turned, .row = to};
    finish.x_row = sg_panel_width(t->kernels, many);
    if (t->epilogue) finish.activation = t->epilogue->activation;
    if (t->epilogue && t->epilogue->bias) finish.bias = t->epilogue->bias + c0 + c;
    t->kernels->finish(&finish);
  }
  sg_workspace_return(&t->workspace, sums);
}

int sg_few_pixels_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                        const sg_epilogue *epilogue) {
  few_pixels t = {
      .kernels = sg_kernels_now()->matrix, .g = g, .dy = dy, .w = w, .dx = dx, .epilogue = epilogue};
  int rows = SG_MIN(g->stride_height, g->height), columns = SG_MIN(g->stride_width, g->width);
  size_t phases = (size_t)rows * columns, width = t.kernels->columns, floats = 0, deepest = 0;
  t.phase = sg_memory_take(phases * sizeof *t.phase);
  t.packed = sg_memory_take(phases * sizeof *t.packed);
  float *memory = NULL;
  int failed = -1;
  if (t.phase && t.packed) {
    for (size_t i = 0; i < phases; i++) {
      sg_phase *f = t.phase + i;
      *f = sg_convolution_phase(g, (int)(i / columns), (int)(i % columns));
      t.most = SG_MAX(t.most, pixels_of(&t, f));
      deepest = SG_MAX(deepest, depth_of(&t, f));
      floats += sg_round_up(pixels_of(&t, f), width) * depth_of(&t, f);
    }
    t.panels = sg_divide_up(t.most, width);
    t.group = sg_round_up(sg_divide_up(g->channels, sg_divide_up(16, phases)), width);
    t.groups = sg_divide_up(g->channels, t.group);
    t.patch_row = sg_round_up(deepest, 16) + 16;
    /* A task's patches; or its sums, a panel of them turned, and where its rows go. */
    size_t product = sg_round_up(t.group * t.most, 16) + width * t.most + 2 * t.most,
           slot = SG_MAX(t.patch_row * width, product), tasks = phases * SG_MAX(t.groups, t.panels);
    memory = sg_memory_take((floats + 16) * sizeof(float));
    failed = memory && !sg_workspace_open(&t.workspace, slot, tasks) ? 0 : -1;
  }
  if (!failed) {
    float *at = memory;
    for (size_t i = 0; i < phases; i++) {
      t.packed[i] = at;
      at += sg_round_up(pixels_of(&t, t.phase + i), width) * depth_of(&t, t.phase + i);
    }
    sg_run(phases * t.panels, patches_task, &t, sg_convolution_work(g));
    sg_run(phases * t.groups, product_task, &t, sg_convolution_work(g));
    sg_workspace_close(&t.workspace);
  }
  sg_memory_give(memory);
  sg_memory_give(t.packed);
  sg_memory_give(t.phase);
  return failed;
}
