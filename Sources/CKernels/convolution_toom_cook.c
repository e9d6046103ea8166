/* Output and input roles by Toom-Cook. A task takes a group of tiles and some output channels, and
 * works on one slab of input channels after the other, all in its nearest caches: it transforms the
 * tiles, then for each panel of output channels the weights, and multiplies point by point; when
 * all slabs are through it transforms back. Transforming the weights on the way takes a few per
 * cent of the products' time; kept, they would be six times as large as the weights. */
#include "toom_cook.h"

typedef struct {
  sg_plane in[SG_PLANES], out;
  sg_phase phase;       /* input role */
  size_t rows, columns; /* of the map */
  sg_tiles tiles;
  size_t all; /* how many */
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
  size_t slab, slabs, points, taps;
  size_t group, columns, splits; /* tiles and columns a task, tasks by columns */
  sg_workspace workspace;
} run;

/* The tiles' inputs in channels from `channel` on of a plane: [point][tile][channel]. */
static void transform_tiles(const run *t, const part *p, size_t plane, size_t channel, size_t channels,
                            size_t first, size_t tiles, float *v, size_t step) {
  const float *pixel[SG_MOST_POINTS];
  const size_t more = t->transform->taps - 1;
  for (size_t i = 0; i < tiles; i++) {
    sg_tile tile = sg_tile_at(&p->tiles, first + i);
    size_t rows = tile.rows + more, columns = tile.columns + more;
    sg_tile_pixels(&p->in[plane], &tile, rows, columns, t->zeros, pixel);
    t->transform->input(pixel, channel, v + i * t->slab, step, channels, (int)rows, (int)columns);
  }
}

/* The taps of slab s's plane from the slab's first channel and `column` on. Rows of w are input
 * channels in the output role and output channels, that is columns, in the input role. */
static void find_taps(const run *t, const part *p, size_t s, size_t column, const float **tap) {
  const sg_convolution *g = t->g;
  size_t n = g->out_channels, plane = s / t->slabs, channel = s % t->slabs * t->slab,
         stride = g->stride_height;
  size_t first = t->input_role ? column * n + channel : channel * n + column, side = t->transform->taps;
  for (size_t i = 0; i < side * side; i++) {
    size_t row = stride * (i / side) + plane / stride, col = stride * (i % side) + plane % stride;
    size_t which = t->input_role ? sg_phase_tap(g, &p->phase, i) : row * g->kernel_width + col;
    tap[i] = t->w + which * g->channels * n + first;
  }
}

/* Slab s's transformed weights for n columns from `column` on. */
static void transform_weights(const run *t, const part *p, size_t s, size_t channels, size_t column, size_t n,
                              float *u, size_t step, float *turned) {
  size_t width = sg_panel_width(t->kernels, n), w_row = t->g->out_channels;
  const float *tap[SG_MOST_TAPS];
  find_taps(t, p, s, column, tap);
  for (size_t i = 0; i < t->taps && t->input_role; i++) {
    float *to = turned + i * t->slab * width;
    t->kernels->pack_transposed(channels, n, tap[i], w_row, to, channels, 0);
    tap[i] = to;
  }
  t->transform->weight(tap, t->input_role ? width : w_row, u, width, step, channels, width);
}

/* Asks for slab s's weights ahead of need, the given share of them: their short rows lie far apart,
 * which the processor does not foresee. */
static void prefetch_weights(const run *t, const part *p, size_t s, size_t j0, size_t j1, size_t share,
                             size_t shares) {
  if (s >= t->planes * t->slabs) return;
  size_t channels = SG_MIN(t->channels - s % t->slabs * t->slab, t->slab), columns = j1 - j0;
  size_t rows = t->input_role ? columns : channels, floats = t->input_role ? channels : columns;
  const float *tap[SG_MOST_TAPS];
  find_taps(t, p, s, j0, tap);
  for (size_t r = share * t->taps * rows / shares; r < (share + 1) * t->taps * rows / shares; r++)
    for (size_t c = 0; c < floats; c += 16)
      __builtin_prefetch(tap[r / rows] + r % rows * t->g->out_channels + c, 0, 2);
}

/* The tiles' outputs in n columns from `column` on. */
static void transform_back(const run *t, const part *p, size_t column, size_t n, size_t first, size_t tiles,
                           const float *m, size_t step) {
  const int more = t->transform->taps - 1;
  const float *pixel[SG_MOST_POINTS];
  sg_plane out = p->out;
  out.base += column;
  sg_finish f = {.columns = n, .row = (float **)pixel};
  if (t->epilogue) f.activation = t->epilogue->activation;
  if (t->epilogue && t->epilogue->bias) f.bias = t->epilogue->bias + column;
  for (size_t i = 0; i < tiles; i++) {
    sg_tile tile = sg_tile_at(&p->tiles, first + i);
    sg_tile_pixels(&out, &tile, tile.rows, tile.columns, NULL, pixel);
    t->transform->output(m + i * t->kernels->columns, step, (float *const *)pixel, n, (int)tile.rows + more,
                         (int)tile.columns + more);
    f.rows = tile.rows * tile.columns;
    if (t->epilogue) t->kernels->finish(&f);
  }
}

static void tile_task(void *context, size_t task) {
  run *t = context;
  const sg_matrix_kernels *kernels = t->kernels;
  const part *p = t->part + task / t->splits % t->parts; /* phases of the same pixels follow each other */
  size_t first = task / t->splits / t->parts * t->group;
  if (first >= p->all) return;
  size_t tiles = SG_MIN(p->all - first, t->group);
  size_t j0 = task % t->splits * t->columns, j1 = SG_MIN(t->n, j0 + t->columns), width = kernels->columns;
  size_t u_step = t->slab * width + 16, v_step = t->group * t->slab + 16, m_step = t->group * width + 16;
  float *u = sg_workspace_borrow(&t->workspace), *v = u + t->points * u_step,
        *turned = v + t->points * v_step;
  float *m = turned + t->taps * t->slab * width;
  for (size_t s = 0; s < t->planes * t->slabs; s++) {
    size_t plane = s / t->slabs, channel = s % t->slabs * t->slab,
           channels = SG_MIN(t->channels - channel, t->slab);
    transform_tiles(t, p, plane, channel, channels, first, tiles, v, v_step);
    for (size_t j = j0; j < j1; j += width) {
      size_t n = SG_MIN(j1 - j, width);
      transform_weights(t, p, s, channels, j, n, u, u_step, turned);
      size_t panel = (j - j0) / width, panels = sg_divide_up(j1 - j0, width);
      sg_block b = {
          .n = n, .k = channels, .a_row = t->slab, .a_step = 1, .c_row = width, .accumulate = s > 0};
      for (size_t i = 0; i < t->points; i++) {
        sg_tile_range with = sg_tiles_with(&p->tiles, t->transform, i, first, first + tiles);
        size_t skip = with.first - first;
        b.m = with.end - with.first;
        b.a = v + i * v_step + skip * t->slab, b.b = u + i * u_step;
        b.c = m + (panel * t->points + i) * m_step + skip * width;
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

/* Cuts tiles and output channels into tasks of about two megabytes of sums, as many as there are
 * threads or a multiple of it; no sum is cut.
 * Returns how many groups of tiles there are. */
static size_t cut_tasks(run *t, int points) {
  size_t most_tiles = sg_round_up(64, t->kernels->rows), width = t->kernels->columns, all = 0,
         threads = sg_threads();
  for (size_t i = 0; i < t->parts; i++) all = SG_MAX(all, t->part[i].all);
  if (all == 0) return 0;
  size_t panels = sg_divide_up(t->n, width), most_panels = SG_MAX(1, (points == 5 ? 256 : 64) / width);
  size_t groups = sg_divide_up(all, most_tiles), splits = sg_divide_up(panels, most_panels);
  /* Each of the splits transforms the tiles anew, each of the groups the weights. */
  splits = SG_MIN(panels, SG_MAX(splits, sg_divide_up(threads, groups * t->parts)));
  t->columns = sg_divide_up(panels, splits) * width;
  t->splits = sg_divide_up(t->n, t->columns);
  if (groups > 1 && t->parts * t->splits < threads) groups = sg_round_up(groups, threads);
  t->group = sg_divide_up(all, groups);
  return sg_divide_up(all, t->group);
}

static int run_parts(run *t, int points) {
  const sg_matrix_kernels *kernels = t->kernels;
  t->transform = sg_toom_cook_transform(t->g, points);
  t->points = (size_t)points * points, t->taps = (size_t)t->transform->taps * t->transform->taps;
  t->slab = sg_slab_width(t->channels, SG_SLAB);
  t->slabs = sg_divide_up(t->channels, t->slab);
  for (size_t i = 0; i < t->parts; i++) {
    part *p = t->part + i;
    p->tiles = sg_tiles_of(t->g->batch, p->rows, p->columns, t->transform->most);
    p->all = p->tiles.begin[SG_TILE_KINDS];
  }
  size_t groups = cut_tasks(t, points);
  if (groups == 0) return 0;

  size_t tile_floats = t->columns + t->slab, width = kernels->columns;
  size_t floats = t->points * (t->group * tile_floats + t->slab * width + 32 + 16 * (t->columns / width));
  float *zeros = sg_memory_take(t->channels * sizeof(float));
  int failed = !zeros || sg_workspace_open(&t->workspace, floats + t->taps * t->slab * width,
                                           groups * t->parts * t->splits);
  if (!failed) {
    t->zeros = memset(zeros, 0, t->channels * sizeof(float));
    sg_run(groups * t->parts * t->splits, tile_task, t, sg_convolution_work(t->g));
    sg_workspace_close(&t->workspace);
  }
  sg_memory_give(zeros);
  return failed ? -1 : 0;
}

int sg_toom_cook_output(const sg_convolution *g, int points, const float *x, const float *w, float *y,
                        const sg_epilogue *epilogue) {
  run t = {.kernels = sg_kernels_now()->matrix,
           .g = g,
           .w = w,
           .epilogue = epilogue,
           .parts = 1,
           .planes = sg_planes(g)};
  for (size_t p = 0; p < t.planes; p++) t.part[0].in[p] = sg_input_plane(g, x, (int)p);
  t.part[0].out = (sg_plane){y, g->out_height, g->out_width, g->out_channels, 0, 0, 1};
  t.part[0].rows = g->out_height, t.part[0].columns = g->out_width;
  t.channels = g->channels, t.n = g->out_channels;
  return run_parts(&t, points);
}

int sg_toom_cook_input(const sg_convolution *g, int points, const float *dy, const float *w, float *dx,
                       const sg_epilogue *epilogue) {
  run t = {.kernels = sg_kernels_now()->matrix,
           .g = g,
           .w = w,
           .epilogue = epilogue,
           .parts = sg_planes(g),
           .planes = 1};
  t.input_role = 1;
  int stride = g->stride_height;
  for (int i = 0; i < (int)t.parts; i++) {
    sg_phase f = t.part[i].phase = sg_convolution_phase(g, i / stride, i % stride);
    t.part[i].in[0] =
        (sg_plane){dy, g->out_height, g->out_width, g->out_channels, -f.pad_top, -f.pad_left, 1};
    t.part[i].out = (sg_plane){dx, g->height, g->width, g->channels, f.row0, f.column0, stride};
    t.part[i].rows = f.rows, t.part[i].columns = f.columns;
  }
  t.channels = g->out_channels, t.n = g->channels;
  return run_parts(&t, points);
}
