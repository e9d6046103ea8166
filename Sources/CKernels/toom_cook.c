/* How maps are cut into Toom-Cook tiles, when that applies and what it costs. */
#include "toom_cook.h"

static sg_cut cut(size_t n, size_t most) {
  if (n == 0) return (sg_cut){0};
  size_t all = sg_divide_up(n, most), outputs = sg_divide_up(n, all);
  return (sg_cut){outputs, all, n - all * (outputs - 1)};
}

sg_tiles sg_tiles_of(size_t batch, size_t rows, size_t columns, size_t most) {
  sg_tiles t = {.rows = cut(rows, most), .columns = cut(columns, most), .batch = batch};
  size_t longer = t.rows.longer, shorter = t.rows.all - longer, wider = t.columns.longer,
         narrower = t.columns.all - wider;
  size_t count[SG_TILE_KINDS] = {longer * narrower, longer * wider, shorter * wider, shorter * narrower};
  for (int i = 0; i < SG_TILE_KINDS; i++) t.begin[i + 1] = t.begin[i] + batch * count[i];
  return t;
}

/* Place number i of those of one length: what comes before it. */
static size_t along(const sg_cut *c, size_t i, int shorter) {
  return shorter ? c->longer * c->outputs + i * (c->outputs - 1) : i * c->outputs;
}

sg_tile sg_tile_at(const sg_tiles *t, size_t number) {
  int kind = 0;
  while (number >= t->begin[kind + 1]) kind++;
  number -= t->begin[kind];
  int shorter = kind > 1, narrower = kind == 0 || kind == 3;
  size_t rows = shorter ? t->rows.all - t->rows.longer : t->rows.longer;
  size_t columns = narrower ? t->columns.all - t->columns.longer : t->columns.longer;
  return (sg_tile){.image = number / (rows * columns),
                   .row = along(&t->rows, number / columns % rows, shorter),
                   .column = along(&t->columns, number % columns, narrower),
                   .rows = t->rows.outputs - shorter,
                   .columns = t->columns.outputs - narrower};
}

sg_tile_range sg_tiles_with(const sg_tiles *t, const sg_toom_cook *transform, size_t point, size_t first,
                            size_t end) {
  /* The points that the longer side has: the first ones and the last. The shorter one lacks the
   * last but one. */
  size_t points = transform->points, side[2] = {point / points, point % points};
  size_t used[2] = {t->rows.outputs + transform->taps - 1, t->columns.outputs + transform->taps - 1};
  int extra[2];
  for (int i = 0; i < 2; i++) {
    if (side[i] + 1 >= used[i] && side[i] + 1 < points) return (sg_tile_range){first, first};
    extra[i] = side[i] + 2 == used[i] && side[i] + 1 < points;
  }
  size_t from = t->begin[extra[1] ? 1 : 0], to = t->begin[extra[0] ? 2 : extra[1] ? 3 : 4];
  sg_tile_range r = {SG_MAX(first, from), SG_MIN(end, to)};
  if (r.end < r.first) r.end = r.first;
  return r;
}

void sg_tile_pixels(const sg_plane *p, const sg_tile *tile, size_t rows, size_t columns, const float *outside,
                    const float **pixel) {
  ptrdiff_t y = p->row + p->step * (ptrdiff_t)tile->row, x0 = p->column + p->step * (ptrdiff_t)tile->column;
  ptrdiff_t right = p->step * p->channels, down = right * p->width;
  const float *base =
      p->base + tile->image * (p->height * p->width * p->channels) + (y * p->width + x0) * p->channels;
  if (y >= 0 && x0 >= 0 && y + p->step * (ptrdiff_t)(rows - 1) < p->height &&
      x0 + p->step * (ptrdiff_t)(columns - 1) < p->width) {
    for (size_t u = 0; u < rows; u++, base += down)
      for (size_t v = 0; v < columns; v++) *pixel++ = base + (ptrdiff_t)v * right;
    return;
  }
  for (size_t u = 0; u < rows; u++, y += p->step, base += down) {
    ptrdiff_t x = x0;
    int row = y >= 0 && y < p->height;
    for (size_t v = 0; v < columns; v++, x += p->step)
      *pixel++ = row && x >= 0 && x < p->width ? base + (ptrdiff_t)v * right : outside;
  }
}

const sg_toom_cook *sg_toom_cook_transform(const sg_convolution *g, int points) {
  const sg_matrix_kernels *kernels = sg_kernels_now()->matrix;
  int taps = g->kernel_height / g->stride_height;
  return points == 8 ? &kernels->toom_cook_8_2
         : taps == 3 ? &kernels->toom_cook_5_3
                     : &kernels->toom_cook_5_2;
}

/* The maps that are cut into tiles: the phases of the input in the input role, else the output.
 * They differ by at most one pixel a side; these are the largest. */
static void map_of(const sg_convolution *g, sg_convolution_role role, size_t side[2]) {
  side[0] = role == SG_INPUT ? sg_divide_up(g->height, g->stride_height) : (size_t)g->out_height;
  side[1] = role == SG_INPUT ? sg_divide_up(g->width, g->stride_width) : (size_t)g->out_width;
}

int sg_toom_cook_applies(const sg_convolution *g, sg_convolution_role role, int points) {
  int stride = g->stride_height, taps = stride ? g->kernel_height / stride : 0;
  if (g->kernel_height != g->kernel_width || stride != g->stride_width || stride > 2) return 0;
  if (taps * stride != g->kernel_height || taps < 2 || taps > 3) return 0;
  if (g->channels % 16 || g->out_channels % 16) return 0;
  if (points == 5) return 1;
  /* Eight points have full tiles only. The weight role bounds its sums by itself. */
  size_t side[2];
  map_of(g, role, side);
  int whole = side[0] % 7 == 0 && side[1] % 7 == 0;
  if (role == SG_INPUT) whole = whole && g->height % stride == 0 && g->width % stride == 0;
  size_t depth = role == SG_INPUT ? (size_t)g->out_channels : sg_planes(g) * g->channels;
  return taps == 2 && whole && (role == SG_WEIGHT || depth <= SG_DEPTH_8);
}

/* Measured on Zen 4 with AVX-512: five multiply-adds' time to transform a number in or out, three
 * and a half for a weight. */
double sg_toom_cook_cost(const sg_convolution *g, sg_convolution_role role, int points) {
  double taps = g->kernel_height / g->stride_height, planes = (double)sg_planes(g), in = g->channels,
         out = g->out_channels;
  size_t side[2];
  map_of(g, role, side);
  double products = (double)g->batch;
  for (int i = 0; i < 2; i++) {
    sg_cut c = cut(side[i], points - (size_t)taps + 1);
    products *= (double)side[i] + (double)c.all * (taps - 1);
  }
  double moves = role == SG_INPUT ? planes * (in + out) : planes * in + out;
  return products * (planes * in * out + 5 * moves) + points * points * 3.5 * planes * in * out;
}
