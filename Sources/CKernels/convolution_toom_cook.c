/* Output and input roles by Toom-Cook. A task takes a group of tiles and some output channels, and works on
 * one slab of input channels after the other, all in its nearest caches: it transforms the tiles, then for
 * each panel of output channels the weights, and multiplies point by point; when all slabs are through it
 * transforms back. Transforming the weights on the way takes a few per cent of the products' time; kept, they
 * would be six times as large as the weights. */
#include "toom_cook.h"

typedef struct {
  sg_plane in[SG_PLANES], out;
  sg_phase phase; /* input role */
  sg_tiles tiles;
  size_t group, groups; /* tiles a task, and how many such */
} part;

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_toom_cook *transform;
  const sg_convolution *g;
  const float *w, *zeros;
  const sg_epilogue *epilogue;
  int input_role;
  part part[SG_PLANES];
  size_t parts, planes, channels, n;
  size_t slab, slabs, points, group, columns, splits; /* columns a task */
  sg_workspace workspace;
} run;

/* The tiles' inputs in channels from `channel` on of a plane: [point][tile][channel]. */
static void transform_tiles(const run *t, const part *p, size_t plane, size_t channel, size_t channels,
                            size_t first, size_t tiles, float *v, size_t step) {
  const float *pixel[SG_MOST_POINTS];
  for (size_t tile = 0; tile < tiles; tile++) {
    sg_tile_pixels(&p->in[plane], &p->tiles, first + tile, t->transform->outputs, t->transform->inputs,
                   t->zeros, pixel);
    t->transform->input(pixel, channel, v + tile * t->slab, step, channels);
  }
}

/* The four taps of slab s's plane from the slab's first channel and `column` on. Rows of w are input channels
 * in the output role and output channels, that is columns, in the input role. */
static void find_taps(const run *t, const part *p, size_t s, size_t column, const float **tap) {
  size_t n = t->g->out_channels, plane = s / t->slabs, channel = s % t->slabs * t->slab;
  for (size_t i = 0; i < 4; i++) {
    size_t row = 2 * (i / 2) + plane / 2, col = 2 * (i % 2) + plane % 2;
    if (t->input_role)
      row = p->phase.first_row + 2 * (1 - i / 2), col = p->phase.first_column + 2 * (1 - i % 2);
    size_t first = t->input_role ? column * n + channel : channel * n + column;
    tap[i] = t->w + (row * 4 + col) * t->g->channels * n + first;
  }
}

/* Slab s's transformed weights for n columns from `column` on. */
static void transform_weights(const run *t, const part *p, size_t s, size_t channels, size_t column, size_t n,
                              float *u, size_t step, float *turned) {
  size_t width = sg_panel_width(t->kernels, n), w_row = t->g->out_channels;
  const float *tap[4];
  find_taps(t, p, s, column, tap);
  for (size_t i = 0; i < 4 && t->input_role; i++) {
    float *to = turned + i * t->slab * width;
    t->kernels->pack_transposed(channels, n, tap[i], w_row, to, channels, 0);
    tap[i] = to;
  }
  t->transform->weight(tap, t->input_role ? width : w_row, u, width, step, channels, width);
}

/* Asks for slab s's weights ahead of need, the given share of them: their short rows lie far apart, which the
 * processor does not foresee. */
static void prefetch_weights(const run *t, const part *p, size_t s, size_t j0, size_t j1, size_t share,
                             size_t shares) {
  if (s >= t->planes * t->slabs) return;
  size_t channels = SG_MIN(t->channels - s % t->slabs * t->slab, t->slab), columns = j1 - j0;
  size_t rows = t->input_role ? columns : channels, floats = t->input_role ? channels : columns;
  const float *tap[4];
  find_taps(t, p, s, j0, tap);
  for (size_t r = share * 4 * rows / shares; r < (share + 1) * 4 * rows / shares; r++)
    for (size_t c = 0; c < floats; c += 16)
      __builtin_prefetch(tap[r / rows] + r % rows * t->g->out_channels + c, 0, 2);
}

/* The tiles' outputs in n columns from `column` on. */
static void transform_back(const run *t, const part *p, size_t column, size_t n, size_t first, size_t tiles,
                           const float *m, size_t step) {
  float nowhere[2 * 16];
  size_t outputs = t->transform->outputs;
  sg_plane out = p->out;
  out.base += column;
  sg_finish f = {.columns = n};
  if (t->epilogue) f.activation = t->epilogue->activation;
  if (t->epilogue && t->epilogue->bias) f.bias = t->epilogue->bias + column;
  for (size_t tile = 0; tile < tiles; tile++) {
    const float *found[SG_MOST_POINTS];
    float *to[SG_MOST_POINTS], *real[SG_MOST_POINTS];
    sg_tile_pixels(&out, &p->tiles, first + tile, outputs, outputs, nowhere, found);
    f.rows = 0, f.row = real;
    for (size_t i = 0; i < outputs * outputs; i++) {
      to[i] = (float *)found[i];
      real[f.rows] = to[i];
      f.rows += to[i] != nowhere;
    }
    t->transform->output(m + tile * t->kernels->columns, step, to, n);
    if (t->epilogue) t->kernels->finish(&f);
  }
}

static void tile_task(void *context, size_t task) {
  run *t = context;
  const sg_matrix_kernels *kernels = t->kernels;
  const part *p = t->part + task / t->splits % t->parts; /* phases of the same pixels follow each other */
  size_t first = task / t->splits / t->parts * p->group;
  if (first >= p->tiles.all) return;
  size_t tiles = SG_MIN(p->tiles.all - first, p->group);
  size_t j0 = task % t->splits * t->columns, j1 = SG_MIN(t->n, j0 + t->columns), width = kernels->columns;
  size_t u_step = t->slab * width + 16, v_step = t->group * t->slab + 16, m_step = t->group * width + 16;
  float *u = sg_workspace_borrow(&t->workspace), *v = u + t->points * u_step,
        *turned = v + t->points * v_step;
  float *m = turned + 4 * t->slab * width;
  for (size_t s = 0; s < t->planes * t->slabs; s++) {
    size_t plane = s / t->slabs, channel = s % t->slabs * t->slab,
           channels = SG_MIN(t->channels - channel, t->slab);
    transform_tiles(t, p, plane, channel, channels, first, tiles, v, v_step);
    for (size_t j = j0; j < j1; j += width) {
      size_t n = SG_MIN(j1 - j, width);
      transform_weights(t, p, s, channels, j, n, u, u_step, turned);
      size_t panel = (j - j0) / width, panels = sg_divide_up(j1 - j0, width);
      sg_block b = {.m = tiles,
                    .n = n,
                    .k = channels,
                    .a_row = t->slab,
                    .a_step = 1,
                    .c_row = width,
                    .accumulate = s > 0};
      for (size_t i = 0; i < t->points; i++) {
        b.a = v + i * v_step, b.b = u + i * u_step;
        b.c = m + (panel * t->points + i) * m_step;
        prefetch_weights(t, p, s + 1, j0, j1, panel * t->points + i, panels * t->points);
        kernels->block(&b);
      }
    }
  }
  for (size_t j = j0; j < j1; j += width)
    transform_back(t, p, j, SG_MIN(j1 - j, width), first, tiles, m + (j - j0) / width * t->points * m_step,
                   m_step);
  sg_workspace_return(&t->workspace, u);
}

static int run_parts(run *t, int outputs) {
  const sg_matrix_kernels *kernels = t->kernels;
  t->transform = outputs == 2 ? &kernels->two : &kernels->four;
  t->points = t->transform->inputs * t->transform->inputs;
  t->slab = sg_slab_width(t->channels);
  t->slabs = sg_divide_up(t->channels, t->slab);
  /* A slab of a group's tiles takes less than half a megabyte, and with it a panel of weights. */
  size_t most = sg_round_up(1700 / t->points, kernels->rows), groups = 0;
  for (size_t i = 0; i < t->parts; i++) {
    part *p = t->part + i;
    p->groups = sg_divide_up(p->tiles.all, most);
    p->group = p->groups ? sg_divide_up(p->tiles.all, p->groups) : 0;
    groups = SG_MAX(groups, p->groups);
    t->group = SG_MAX(t->group, p->group);
  }
  if (groups == 0) return 0;
  size_t panels = sg_divide_up(t->n, kernels->columns), least = SG_MAX(1, 128 / kernels->columns);
  t->splits = sg_divide_up(panels, least);
  t->columns = sg_divide_up(panels, t->splits) * kernels->columns;
  t->splits = sg_divide_up(t->n, t->columns);

  size_t tile_floats = t->columns + t->slab, width = kernels->columns;
  size_t floats = t->points * (t->group * tile_floats + t->slab * width + 32 + 16 * (t->columns / width));
  float *zeros = sg_memory_take(t->channels * sizeof(float));
  int failed =
      !zeros || sg_workspace_open(&t->workspace, floats + 4 * t->slab * width, groups * t->parts * t->splits);
  if (!failed) {
    t->zeros = memset(zeros, 0, t->channels * sizeof(float));
    sg_run(groups * t->parts * t->splits, tile_task, t, sg_convolution_work(t->g));
    sg_workspace_close(&t->workspace);
  }
  sg_memory_give(zeros);
  return failed ? -1 : 0;
}

int sg_toom_cook_output(const sg_convolution *g, int outputs, const float *x, const float *w, float *y,
                        const sg_epilogue *epilogue) {
  run t = {.kernels = sg_kernels_now()->matrix,
           .g = g,
           .w = w,
           .epilogue = epilogue,
           .parts = 1,
           .planes = SG_PLANES};
  for (int p = 0; p < SG_PLANES; p++) t.part[0].in[p] = sg_input_plane(g, x, p / 2, p % 2);
  t.part[0].out = (sg_plane){y, g->out_height, g->out_width, g->out_channels, 0, 0, 1};
  t.part[0].tiles = sg_tiles_of(g->batch, g->out_height, g->out_width, outputs);
  t.channels = g->channels, t.n = g->out_channels;
  return run_parts(&t, outputs);
}

int sg_toom_cook_input(const sg_convolution *g, int outputs, const float *dy, const float *w, float *dx,
                       const sg_epilogue *epilogue) {
  run t = {.kernels = sg_kernels_now()->matrix,
           .g = g,
           .w = w,
           .epilogue = epilogue,
           .parts = SG_PLANES,
           .planes = 1};
  t.input_role = 1;
  for (int i = 0; i < SG_PLANES; i++) {
    sg_phase f = t.part[i].phase = sg_convolution_phase(g, i / 2, i % 2);
    t.part[i].in[0] =
        (sg_plane){dy, g->out_height, g->out_width, g->out_channels, -f.pad_top, -f.pad_left, 1};
    t.part[i].out = (sg_plane){dx, g->height, g->width, g->channels, f.row0, f.column0, 2};
    t.part[i].tiles = sg_tiles_of(g->batch, f.rows, f.columns, outputs);
  }
  t.channels = g->out_channels, t.n = g->channels;
  return run_parts(&t, outputs);
}
