/* What the roles of a Toom-Cook convolution share. A convolution of stride s with kernels of s r x
 * s r is, by phases ("planes") of its input, s^2 convolutions of r x r taps and stride one; the
 * maps of their outputs are cut into tiles. */
#ifndef SG_TOOM_COOK_H
#define SG_TOOM_COOK_H
#include "convolution_ways.h"

enum { SG_SLAB = 64, SG_PLANES = 4, SG_MOST_SIDE = 8, SG_MOST_POINTS = SG_MOST_SIDE * SG_MOST_SIDE };
/* How many terms the sums on eight points may have: their rounding errors, which grow with the root
 * of it, stay below 1e-5. */
enum { SG_MOST_TAPS = 9, SG_DEPTH_8 = 256 };

/* Every second (or every) pixel of a tensor [batch][height][width][channels], from (row, column)
 * on; may begin or end outside, where it reads as zero. */
typedef struct {
  const float *base;
  ptrdiff_t height, width, channels, row, column, step;
} sg_plane;

/* A side of a map cut into as few tiles as can be, as even as can be: first `longer` tiles of
 * `outputs`, then the others, of one less. */
typedef struct {
  size_t outputs, all, longer;
} sg_cut;

/* The tiles of all images in the order of their kinds: by rows and columns longer and shorter,
 * longer and longer, shorter and longer, shorter and shorter. A shorter tile lacks one point, so
 * that whichever tiles have a point follow each other. */
enum { SG_TILE_KINDS = 4 };
typedef struct {
  sg_cut rows, columns;
  size_t batch, begin[SG_TILE_KINDS + 1]; /* of each kind; the last: how many in all */
} sg_tiles;

/* One tile: its first output and how many outputs it has. */
typedef struct {
  size_t image, row, column, rows, columns;
} sg_tile;

sg_tiles sg_tiles_of(size_t batch, size_t rows, size_t columns, size_t most);
sg_tile sg_tile_at(const sg_tiles *tiles, size_t number);
/* Those of the tiles from `first` on to below `end` that have the point; `taps` and `points` of the
 * transform. */
typedef struct {
  size_t first, end;
} sg_tile_range;
sg_tile_range sg_tiles_with(const sg_tiles *tiles, const sg_toom_cook *transform, size_t point, size_t first,
                            size_t end);
/* Pointers to the rows x columns pixels of a plane from the tile's first on; `outside` stands for
 * those that do not exist. */
void sg_tile_pixels(const sg_plane *p, const sg_tile *tile, size_t rows, size_t columns, const float *outside,
                    const float **pixel);

/* The transform that a convolution of so many points a side runs with. */
const sg_toom_cook *sg_toom_cook_transform(const sg_convolution *g, int points);
/* Tap (i, j) of plane (p, q) is at row stride i + p and column stride j + q of the kernel. */
static inline size_t sg_planes(const sg_convolution *g) { return (size_t)g->stride_height * g->stride_width; }

/* Channels in slabs of at most so many, whole vectors all, as even as can be. */
static inline size_t sg_slab_width(size_t channels, size_t most) {
  return sg_round_up(sg_divide_up(channels, sg_divide_up(channels, most)), 16);
}

/* Plane number `plane` of x as the output role's tiles see it: pixel (stride i + p - pad, stride j
 * + q - pad). */
static inline sg_plane sg_input_plane(const sg_convolution *g, const float *x, int plane) {
  int p = plane / g->stride_width, q = plane % g->stride_width;
  return (sg_plane){x, g->height, g->width, g->channels, p - g->pad_top, q - g->pad_left, g->stride_height};
}
#endif
