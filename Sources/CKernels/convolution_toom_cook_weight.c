/* The weight role by Toom-Cook: point by point, transformed inputs transposed times transformed dy,
 * summed over a group of tiles; the adjoint of the weights' transform then adds to dw. */
#include "toom_cook.h"

enum { TILE_CHUNK = 4 };

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_toom_cook *transform;
  const sg_convolution *g;
  sg_plane in[SG_PLANES], out;
  sg_tiles tiles;
  size_t first, count;                 /* the tiles now under way */
  size_t slab, slabs, n_slab, n_slabs; /* of input and output channels */
  float *v, *m, *zeros;  /* [plane, slab][point][tile][channel] and [slab][point][tile][channel] */
  size_t v_step, m_step; /* from point to point */
  float *dw;
  sg_workspace workspace;
} run;

static size_t points(const run *t) { return (size_t)t->transform->points * t->transform->points; }

static void transform_task(void *context, size_t task) {
  const run *t = context;
  size_t end = SG_MIN(t->count, (task + 1) * TILE_CHUNK), more = t->transform->taps - 1;
  const float *pixel[SG_MOST_POINTS];
  for (size_t i = task * TILE_CHUNK; i < end; i++) {
    sg_tile tile = sg_tile_at(&t->tiles, t->first + i);
    size_t rows = tile.rows + more, columns = tile.columns + more;
    for (size_t p = 0; p < sg_planes(t->g); p++) {
      sg_tile_pixels(&t->in[p], &tile, rows, columns, t->zeros, pixel);
      for (size_t s = 0; s < t->slabs; s++) {
        size_t channel = s * t->slab, channels = SG_MIN(t->g->channels - channel, t->slab);
        float *v = t->v + (p * t->slabs + s) * points(t) * t->v_step + i * t->slab;
        t->transform->input(pixel, channel, v, t->v_step, channels, (int)rows, (int)columns);
      }
    }
    sg_tile_pixels(&t->out, &tile, tile.rows, tile.columns, NULL, pixel);
    for (size_t s = 0; s < t->n_slabs; s++) {
      size_t channel = s * t->n_slab, channels = SG_MIN(t->g->out_channels - channel, t->n_slab);
      float *to = t->m + s * points(t) * t->m_step + i * t->n_slab;
      t->transform->gradient(pixel, channel, to, t->m_step, channels, (int)rows, (int)columns);
    }
  }
}

static void product_task(void *context, size_t task) {
  run *t = context;
  size_t s = task / t->n_slabs, r = task % t->n_slabs, channel = s % t->slabs * t->slab,
         column = r * t->n_slab;
  size_t channels = SG_MIN(t->g->channels - channel, t->slab),
         n = SG_MIN(t->g->out_channels - column, t->n_slab);
  size_t step = t->slab * t->n_slab + 16, plane = s / t->slabs;
  float *u = sg_workspace_borrow(&t->workspace);
  for (size_t i = 0; i < points(t); i++) {
    sg_tile_range with = sg_tiles_with(&t->tiles, t->transform, i, t->first, t->first + t->count);
    size_t skip = with.first - t->first;
    sg_block b = {.m = channels, .n = n, .a_row = 1, .a_step = t->slab, .b_row = t->n_slab};
    b.k = with.end - with.first;
    b.a = t->v + (s * points(t) + i) * t->v_step + skip * t->slab;
    b.b = t->m + (r * points(t) + i) * t->m_step + skip * t->n_slab, b.b_panel = t->kernels->columns;
    b.c = u + i * step, b.c_row = t->n_slab;
    t->kernels->block(&b);
  }
  const sg_convolution *g = t->g;
  size_t side = t->transform->taps, stride = g->stride_height;
  float *tap[SG_MOST_TAPS];
  for (size_t i = 0; i < side * side; i++) {
    size_t row = stride * (i / side) + plane / stride, col = stride * (i % side) + plane % stride;
    tap[i] = t->dw + (row * g->kernel_width + col) * g->channels * g->out_channels +
             channel * g->out_channels + column;
  }
  t->transform->weight_gradient(u, t->n_slab, step, tap, g->out_channels, channels, n, t->first > 0);
  sg_workspace_return(&t->workspace, u);
}

int sg_toom_cook_weight(const sg_convolution *g, int points_a_side, const float *x, const float *dy,
                        float *dw) {
  run t = {.kernels = sg_kernels_now()->matrix, .g = g, .dw = dw};
  t.transform = sg_toom_cook_transform(g, points_a_side);
  size_t planes = sg_planes(g);
  for (size_t p = 0; p < planes; p++) t.in[p] = sg_input_plane(g, x, (int)p);
  t.out = (sg_plane){dy, g->out_height, g->out_width, g->out_channels, 0, 0, 1};
  t.tiles = sg_tiles_of(g->batch, g->out_height, g->out_width, t.transform->most);
  size_t all = t.tiles.begin[SG_TILE_KINDS];
  size_t slab = SG_SLAB;
  if (planes * sg_divide_up(g->channels, slab) * sg_divide_up(g->out_channels, slab) < 4) slab /= 2;
  t.slab = sg_slab_width(g->channels, slab), t.slabs = sg_divide_up(g->channels, t.slab);
  t.n_slab = sg_slab_width(g->out_channels, slab), t.n_slabs = sg_divide_up(g->out_channels, t.n_slab);

  size_t tile_floats = points(&t) * (planes * (size_t)g->channels + g->out_channels);
  size_t most = ((size_t)5 << 18) / tile_floats + 64;
  if (points_a_side == 8) most = SG_MIN(most, SG_DEPTH_8);
  size_t at_once = sg_divide_up(all, sg_divide_up(all, most));
  t.v_step = at_once * t.slab + 16, t.m_step = at_once * t.n_slab + 16;
  size_t v_floats = planes * t.slabs * points(&t) * t.v_step,
         most_channels = SG_MAX(g->channels, g->out_channels);
  t.v = sg_memory_take((v_floats + most_channels) * sizeof(float));
  t.m = sg_memory_take(t.n_slabs * points(&t) * t.m_step * sizeof(float));
  size_t tasks = planes * t.slabs * t.n_slabs;
  int failed = !t.v || !t.m || sg_workspace_open(&t.workspace, points(&t) * (t.slab * t.n_slab + 16), tasks);
  if (!failed) {
    t.zeros = memset(t.v + v_floats, 0, most_channels * sizeof(float));
    for (t.first = 0; t.first < all; t.first += at_once) {
      t.count = SG_MIN(all - t.first, at_once);
      double work = (double)t.count * (double)tile_floats * g->out_channels;
      sg_run(sg_divide_up(t.count, TILE_CHUNK), transform_task, &t, work);
      sg_run(tasks, product_task, &t, work);
    }
    sg_workspace_close(&t.workspace);
  }
  sg_memory_give(t.v);
  sg_memory_give(t.m);
  return failed ? -1 : 0;
}
