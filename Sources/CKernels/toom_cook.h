/* What the roles of a Toom-Cook convolution share. A 4 x 4 convolution of stride two is, by phases ("planes")
 * of its input, four 2 x 2 convolutions of stride one; each is cut into tiles of m x m outputs from (m + 1) x
 * (m + 1) inputs. */
#ifndef SG_TOOM_COOK_H
#define SG_TOOM_COOK_H
#include "convolution_ways.h"

enum { SG_SLAB = 64, SG_PLANES = 4, SG_MOST_SIDE = 5, SG_MOST_POINTS = SG_MOST_SIDE * SG_MOST_SIDE };

/* Every second (or every) pixel of a tensor [batch][height][width][channels], from (row, column) on; may
 * begin or end outside, where it reads as zero and is not written. */
typedef struct {
  const float *base;
  ptrdiff_t height, width, channels, row, column, step;
} sg_plane;

/* Tiles of all images, in order. */
typedef struct {
  size_t rows, columns, all; /* rows and columns an image */
} sg_tiles;

static inline sg_tiles sg_tiles_of(size_t batch, size_t rows, size_t columns, size_t outputs) {
  sg_tiles t = {sg_divide_up(rows, outputs), sg_divide_up(columns, outputs), 0};
  t.all = batch * t.rows * t.columns;
  return t;
}

/* Pointers to the side x side pixels of a tile; `outside` stands for those that do not exist. Returns whether
 * all do. */
static inline int sg_tile_pixels(const sg_plane *p, const sg_tiles *tiles, size_t tile, size_t outputs,
                                 size_t side, const float *outside, const float **pixel) {
  size_t image = tile / (tiles->rows * tiles->columns);
  ptrdiff_t y0 = p->row + p->step * (ptrdiff_t)(tile / tiles->columns % tiles->rows * outputs);
  ptrdiff_t x0 = p->column + p->step * (ptrdiff_t)(tile % tiles->columns * outputs);
  ptrdiff_t reach = p->step * (ptrdiff_t)(side - 1), down = p->step * p->width * p->channels;
  ptrdiff_t right = p->step * p->channels;
  const float *base =
      p->base + image * (p->height * p->width * p->channels) + (y0 * p->width + x0) * p->channels;
  int all = y0 >= 0 && x0 >= 0 && y0 + reach < p->height && x0 + reach < p->width;
  for (size_t u = 0; u < side; u++, y0 += p->step, base += down) {
    ptrdiff_t x = x0;
    int row = y0 >= 0 && y0 < p->height;
    for (size_t v = 0; v < side; v++, x += p->step)
      pixel[u * side + v] = all || (row && x >= 0 && x < p->width) ? base + (ptrdiff_t)v * right : outside;
  }
  return all;
}

/* Channels in slabs of at most SG_SLAB, whole vectors all, as even as can be. */
static inline size_t sg_slab_width(size_t channels) {
  return sg_round_up(sg_divide_up(channels, sg_divide_up(channels, SG_SLAB)), 16);
}

/* Phase (p, q) of x as the output role's tiles see it: pixel (2 i + p - pad, 2 j + q - pad). */
static inline sg_plane sg_input_plane(const sg_convolution *g, const float *x, int p, int q) {
  return (sg_plane){x, g->height, g->width, g->channels, p - g->pad_top, q - g->pad_left, 2};
}
#endif
