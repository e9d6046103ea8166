/* Output and input roles by Toom-Cook. The tiles go through in groups that the caches hold: all threads
 * transform a group's inputs, then each takes some tiles and a panel of output channels, transforms the
 * weights it needs on the way (they take a few per cent of the products' time, and transformed weights would
 * be six times the weights), multiplies point by point and transforms back. */
#include "toom_cook.h"

enum { TILE_CHUNK = 4 };

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_toom_cook *transform;
  const sg_convolution *g;
  const float *w;
  const sg_epilogue *epilogue;
  sg_plane in[SG_PLANES], out;
  const sg_phase *phase; /* of the input role; NULL: output */
  size_t planes, channels, n;
  sg_tiles tiles;
  size_t slab, slabs, slab_floats, group, groups, groups_at_once, panels;
  size_t first, count; /* the tiles now under way */
  float *v;            /* [plane, slab][point][tile][channel] */
  size_t v_step;       /* from point to point */
  sg_workspace workspace;
} run;

static const float zeros[SG_SLAB];
static size_t points(const run *t) { return t->transform->inputs * t->transform->inputs; }

static void input_task(void *context, size_t task) {
  const run *t = context;
  size_t end = SG_MIN(t->count, (task + 1) * TILE_CHUNK);
  for (size_t tile = task * TILE_CHUNK; tile < end; tile++)
    for (size_t p = 0; p < t->planes; p++)
      for (size_t s = 0; s < t->slabs; s++) {
        size_t channel = s * t->slab, channels = SG_MIN(t->channels - channel, t->slab);
        const float *pixel[SG_MOST_POINTS];
        sg_tile_pixels(&t->in[p], &t->tiles, t->first + tile, t->transform->outputs, t->transform->inputs,
                       channel, NULL, pixel);
        for (size_t i = 0; i < points(t); i++)
          if (!pixel[i]) pixel[i] = zeros;
        t->transform->input(pixel, t->v + (p * t->slabs + s) * t->slab_floats + tile * t->slab, t->v_step,
                            channels);
      }
}

/* The transformed weights of `channels` channels from `channel` on of a plane, for n columns from `column`
 * on. */
static void transform_weights(const run *t, size_t plane, size_t channel, size_t channels, size_t column,
                              size_t n, size_t width, float *u, size_t step, float *turned) {
  const sg_convolution *g = t->g;
  size_t tap_floats = (size_t)g->channels * g->out_channels, turned_floats = t->slab * t->kernels->columns;
  const float *tap[4];
  for (size_t i = 0; i < 4; i++) {
    size_t a = i / 2, b = i % 2;
    if (!t->phase) {
      tap[i] = t->w + ((2 * a + plane / 2) * 4 + 2 * b + plane % 2) * tap_floats + channel * g->out_channels +
               column;
      continue;
    }
    size_t row = t->phase->first_row + 2 * (1 - a), col = t->phase->first_column + 2 * (1 - b);
    const float *from = t->w + (row * 4 + col) * tap_floats + column * g->out_channels + channel;
    t->kernels->pack_transposed(channels, n, from, g->out_channels, turned + i * turned_floats, channels, 0);
    tap[i] = turned + i * turned_floats;
  }
  t->transform->weight(tap, t->phase ? width : (size_t)g->out_channels, u, width, step, channels, width);
}

static void product_task(void *context, size_t task) {
  run *t = context;
  const sg_matrix_kernels *kernels = t->kernels;
  size_t first = task / t->panels * t->group, tiles = SG_MIN(t->count - first, t->group);
  size_t column = task % t->panels * kernels->columns, n = SG_MIN(t->n - column, kernels->columns);
  size_t width = sg_panel_width(kernels, n), u_step = t->slab * kernels->columns + 16;
  size_t m_step = t->group * kernels->columns + 16;
  float *u = sg_workspace_borrow(&t->workspace), *m = u + points(t) * u_step,
        *turned = m + points(t) * m_step;
  for (size_t s = 0; s < t->planes * t->slabs; s++) {
    size_t channel = s % t->slabs * t->slab, channels = SG_MIN(t->channels - channel, t->slab);
    transform_weights(t, s / t->slabs, channel, channels, column, n, width, u, u_step, turned);
    for (size_t i = 0; i < points(t); i++) {
      sg_block b = {.m = tiles, .n = n, .k = channels, .a_row = t->slab, .a_step = 1, .accumulate = s > 0};
      b.a = t->v + s * t->slab_floats + i * t->v_step + first * t->slab;
      b.b = u + i * u_step;
      b.c = m + i * m_step, b.c_row = kernels->columns;
      kernels->block(&b);
    }
  }
  float nowhere[2 * 16];
  size_t outputs = t->transform->outputs;
  sg_finish f = {.columns = n};
  if (t->epilogue) f.activation = t->epilogue->activation;
  if (t->epilogue && t->epilogue->bias) f.bias = t->epilogue->bias + column;
  for (size_t tile = 0; tile < tiles; tile++) {
    const float *found[SG_MOST_POINTS];
    float *to[SG_MOST_POINTS], *real[SG_MOST_POINTS];
    f.rows = 0, f.row = real;
    sg_tile_pixels(&t->out, &t->tiles, t->first + first + tile, outputs, outputs, column, nowhere, found);
    for (size_t i = 0; i < outputs * outputs; i++) {
      to[i] = (float *)found[i];
      if (to[i] != nowhere) real[f.rows++] = to[i];
    }
    t->transform->output(m + tile * kernels->columns, m_step, to, n);
    if (t->epilogue) kernels->finish(&f);
  }
  sg_workspace_return(&t->workspace, u);
}

static int run_tiles(run *t) {
  const sg_matrix_kernels *kernels = t->kernels;
  if (t->tiles.all == 0) return 0;
  t->slab = sg_slab_width(t->channels);
  t->slabs = sg_divide_up(t->channels, t->slab);
  t->panels = sg_divide_up(t->n, kernels->columns);
  t->groups = sg_divide_up(t->tiles.all, sg_round_up(64, kernels->rows));
  t->group = sg_divide_up(t->tiles.all, t->groups);
  size_t tile_floats = points(t) * t->planes * t->channels,
         most = ((size_t)2 << 20) / (tile_floats * t->group) + 1;
  t->groups_at_once = sg_divide_up(t->groups, sg_divide_up(t->groups, most));
  size_t at_once = SG_MIN(t->tiles.all, t->groups_at_once * t->group);
  t->v_step = at_once * t->slab + 16;
  t->slab_floats = points(t) * t->v_step;

  size_t scratch =
      points(t) * ((t->slab + t->group) * kernels->columns + 32) + 4 * t->slab * kernels->columns;
  t->v = sg_memory_take(t->planes * t->slabs * t->slab_floats * sizeof(float));
  int failed = !t->v || sg_workspace_open(&t->workspace, scratch, t->groups_at_once * t->panels);
  if (!failed) {
    for (t->first = 0; t->first < t->tiles.all; t->first += at_once) {
      t->count = SG_MIN(t->tiles.all - t->first, at_once);
      double work = (double)t->count * (double)tile_floats * (double)t->n;
      sg_run(sg_divide_up(t->count, TILE_CHUNK), input_task, t, work);
      sg_run(sg_divide_up(t->count, t->group) * t->panels, product_task, t, work);
    }
    sg_workspace_close(&t->workspace);
  }
  sg_memory_give(t->v);
  return failed ? -1 : 0;
}

static const sg_toom_cook *transform_of(const sg_matrix_kernels *kernels, int outputs) {
  return outputs == 2 ? &kernels->two : &kernels->four;
}

int sg_toom_cook_output(const sg_convolution *g, int outputs, const float *x, const float *w, float *y,
                        const sg_epilogue *epilogue) {
  run t = {.kernels = sg_kernels_now()->matrix, .g = g, .w = w, .epilogue = epilogue, .planes = SG_PLANES};
  t.transform = transform_of(t.kernels, outputs);
  for (int p = 0; p < SG_PLANES; p++) t.in[p] = sg_input_plane(g, x, p / 2, p % 2);
  t.out = (sg_plane){y, g->out_height, g->out_width, g->out_channels, 0, 0, 1};
  t.channels = g->channels, t.n = g->out_channels;
  t.tiles = sg_tiles_of(g->batch, g->out_height, g->out_width, outputs);
  return run_tiles(&t);
}

int sg_toom_cook_input(const sg_convolution *g, int outputs, const float *dy, const float *w, float *dx,
                       const sg_epilogue *epilogue) {
  for (int p = 0; p < SG_PLANES; p++) {
    sg_phase f = sg_convolution_phase(g, p / 2, p % 2);
    run t = {
        .kernels = sg_kernels_now()->matrix, .g = g, .w = w, .epilogue = epilogue, .planes = 1, .phase = &f};
    t.transform = transform_of(t.kernels, outputs);
    t.in[0] = (sg_plane){dy, g->out_height, g->out_width, g->out_channels, -f.pad_top, -f.pad_left, 1};
    t.out = (sg_plane){dx, g->height, g->width, g->channels, f.row0, f.column0, 2};
    t.channels = g->out_channels, t.n = g->channels;
    t.tiles = sg_tiles_of(g->batch, f.rows, f.columns, outputs);
    if (run_tiles(&t)) return -1;
  }
  return 0;
}
