/* The weight role, directly: patches transposed times dy, summed over the pixels in blocks. */
#include "convolution_ways.h"

enum { PIXEL_BLOCK = 256, MOST = 256 }; /* pixels a block; rows and columns a task */

typedef struct {
  const sg_matrix_kernels *kernels;
  sg_patches patches;
  const float *dy;
  size_t pixels, k, n; /* dw is k x n */
  size_t k_part, n_part, k_parts, n_parts, chunk, chunks;
  int across; /* few output channels: they become the rows and the patches the vectors, the sums are n x k */
  float *sums, *dw;
  sg_workspace workspace;
} weight;

static size_t padded(size_t n) { return sg_round_up(n, 16) + 16; }

static void block_task(void *context, size_t task) {
  weight *t = context;
  const sg_matrix_kernels *kernels = t->kernels;
  size_t chunk = task % t->chunks, k0 = task / t->chunks % t->k_parts * t->k_part;
  size_t n0 = task / t->chunks / t->k_parts * t->n_part;
  size_t rows = SG_MIN(t->k - k0, t->k_part), columns = SG_MIN(t->n - n0, t->n_part);
  size_t last = SG_MIN(t->pixels, (chunk + 1) * t->chunk), patch_row = padded(t->k_part);
  float *patches = sg_workspace_borrow(&t->workspace), *packed = patches + PIXEL_BLOCK * patch_row;
  float *sums = t->sums + chunk * t->k * t->n;
  for (size_t first = chunk * t->chunk; first < last; first += PIXEL_BLOCK) {
    size_t pixels = SG_MIN(last - first, PIXEL_BLOCK);
    const float *dy = t->dy + first * t->n + n0;
    kernels->patches(&t->patches, first, pixels, k0, rows, patches, patch_row);
    sg_block b = {.k = pixels, .accumulate = first > chunk * t->chunk};
    if (t->across) {
      b.m = columns, b.a = dy, b.a_row = 1, b.a_step = t->n;
      b.n = rows, b.b = patches, b.b_panel = kernels->columns, b.b_row = patch_row;
      b.c = sums + n0 * t->k + k0, b.c_row = t->k;
    } else {
      b.m = rows, b.a = patches, b.a_row = 1, b.a_step = patch_row;
      b.n = columns, b.b = dy, b.b_panel = kernels->columns, b.b_row = t->n;
      b.c = sums + k0 * t->n + n0, b.c_row = t->n;
      if (columns % kernels->lanes) {
        kernels->pack(pixels, columns, dy, t->n, packed, pixels, 0);
        b.b = packed, b.b_panel = kernels->columns * pixels, b.b_row = 0;
      }
    }
    kernels->block(&b);
  }
  sg_workspace_return(&t->workspace, patches);
}

static void sum_task(void *context, size_t row) {
  weight *t = context;
  size_t length = t->across ? t->k : t->n;
  float *sum = t->sums + row * length;
  for (size_t i = 1; i < t->chunks; i++)
    t->kernels->add(t->sums + i * t->k * t->n + row * length, sum, length);
  if (!t->across) memcpy(t->dw + row * length, sum, length * sizeof(float));
  else
    for (size_t i = 0; i < t->k; i++) t->dw[i * t->n + row] = sum[i];
}

int sg_direct_weight(const sg_convolution *g, const float *x, const float *dy, float *dw) {
  weight t = {.kernels = sg_kernels_now()->matrix,
              .patches = {x, g->height, g->width, g->channels, g->out_height, g->out_width, g->kernel_height,
                          g->kernel_width, g->stride_height, g->stride_width, g->pad_top, g->pad_left},
              .dy = dy,
              .pixels = (size_t)g->batch * g->out_height * g->out_width,
              .k = sg_taps(g) * g->channels,
              .n = g->out_channels,
              .dw = dw};
  t.across = t.n < t.kernels->lanes && t.n < t.k;
  t.k_part = sg_round_up(sg_divide_up(t.k, sg_divide_up(t.k, MOST)), 16);
  t.k_parts = sg_divide_up(t.k, t.k_part);
  t.n_part = sg_round_up(sg_divide_up(t.n, sg_divide_up(t.n, MOST)), t.kernels->columns);
  t.n_parts = sg_divide_up(t.n, t.n_part);
  size_t parts = t.k_parts * t.n_parts, most = t.pixels / 512 + 1;
  t.chunks = parts < 16 ? SG_MIN(sg_divide_up(16, parts), most) : 1;
  t.chunk = sg_round_up(sg_divide_up(t.pixels, t.chunks), 16);
  t.chunks = sg_divide_up(t.pixels, t.chunk);

  float *sums = NULL;
  int apart = t.chunks > 1 || t.across;
  if (apart && !(sums = sg_memory_take(t.chunks * t.k * t.n * sizeof(float)))) return -1;
  t.sums = apart ? sums : dw;
  int failed = sg_workspace_open(&t.workspace, PIXEL_BLOCK * (padded(t.k_part) + t.n_part), parts * t.chunks);
  if (!failed) {
    sg_run(parts * t.chunks, block_task, &t, sg_convolution_work(g));
    if (apart) sg_run(t.across ? t.n : t.k, sum_task, &t, (double)t.chunks * (double)t.k * (double)t.n);
    sg_workspace_close(&t.workspace);
  }
  sg_memory_give(sums);
  return failed;
}
