/* The three roles of a convolution: picks the way. The rule follows from the geometry alone, never
 * from the machine, so that the same network sums in the same order everywhere. */
#include "convolution_ways.h"
#include <stdatomic.h>

static _Atomic int forced = SG_AUTOMATIC;
void sg_convolution_force(sg_convolution_way way) { atomic_store(&forced, way); }

static int unpadded(const sg_convolution *g) { return g->pad_top == 0 && g->pad_left == 0; }
/* The kernel covers the whole map: y's one pixel sees all of x. */
static int dense(const sg_convolution *g) {
  return unpadded(g) && g->out_height == 1 && g->out_width == 1 && g->kernel_height == g->height &&
         g->kernel_width == g->width;
}
/* Every pixel by itself. */
static int pointwise(const sg_convolution *g) {
  return unpadded(g) && g->kernel_height == 1 && g->kernel_width == 1 && g->stride_height == 1 &&
         g->stride_width == 1 && g->out_height == g->height && g->out_width == g->width;
}

int sg_convolution_applies(const sg_convolution *g, sg_convolution_role role, sg_convolution_way way) {
  switch (way) {
  case SG_MATMUL:
    return dense(g) || pointwise(g);
  case SG_OVERLAP:
  case SG_FEW_PIXELS:
    return role == SG_INPUT;
  case SG_TOOM_COOK_5:
    return sg_toom_cook_applies(g, role, 5);
  case SG_TOOM_COOK_8:
    return sg_toom_cook_applies(g, role, 8);
  default:
    return 1;
  }
}

/* Measured on Zen 4 with AVX-512, in multiply-adds: turning a number on its way into a packed
 * operand. */
enum { TURN = 12 };

sg_convolution_way sg_convolution_choose(const sg_convolution *g, sg_convolution_role role) {
  sg_convolution_way wanted = (sg_convolution_way)atomic_load(&forced);
  if (wanted != SG_AUTOMATIC && sg_convolution_applies(g, role, wanted)) return wanted;
  if (sg_convolution_applies(g, role, SG_MATMUL)) return SG_MATMUL;
  if (role == SG_INPUT && g->channels <= 8) return SG_OVERLAP;
  sg_convolution_way best = SG_DIRECT;
  double least = 1.1 * sg_convolution_work(g);
  if (role == SG_INPUT) { /* either the weights are turned or the patches */
    double pixels = (double)g->batch * (double)sg_divide_up(g->height, g->stride_height) *
                    (double)sg_divide_up(g->width, g->stride_width);
    if (pixels < g->channels) best = SG_FEW_PIXELS;
    least += TURN * (double)sg_taps(g) * g->out_channels * SG_MIN(pixels, g->channels);
  }
  for (int points = 5; points <= 8; points += 3) {
    if (!sg_toom_cook_applies(g, role, points)) continue;
    double cost = sg_toom_cook_cost(g, role, points);
    if (cost < least) least = cost, best = points == 5 ? SG_TOOM_COOK_5 : SG_TOOM_COOK_8;
  }
  return best;
}

static void matmul_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                         const sg_epilogue *e) {
  size_t n = g->out_channels, channels = g->channels;
  if (pointwise(g)) {
    sg_matmul(0, 1, (size_t)g->batch * g->height * g->width, channels, n, dy, n, w, n, dx, channels, e);
    return;
  }
  size_t columns = sg_taps(g) * channels;
  sg_matmul(0, 1, g->batch, columns, n, dy, n, w, n, dx, columns, NULL);
  if (!e) return;
  sg_finish f = {.rows = g->batch * sg_taps(g), .columns = channels, .y = dx, .y_row = channels};
  f.bias = e->bias, f.activation = e->activation;
  sg_kernels_now()->matrix->finish(&f);
}

void sg_convolution_output(const sg_convolution *g, const float *x, const float *w, float *y,
                           const sg_epilogue *epilogue) {
  size_t pixels = (size_t)g->batch * g->out_height * g->out_width, n = g->out_channels,
         k = sg_taps(g) * g->channels;
  if (pixels == 0 || n == 0) return;
  sg_convolution_way way = k == 0 ? SG_PLAIN : sg_convolution_choose(g, SG_OUTPUT);
  int failed = -1;
  switch (way) {
  case SG_MATMUL:
    sg_matmul(0, 0, pixels, n, k, x, k, w, n, y, n, epilogue);
    return;
  case SG_TOOM_COOK_5:
  case SG_TOOM_COOK_8:
    failed = sg_toom_cook_output(g, way == SG_TOOM_COOK_5 ? 5 : 8, x, w, y, epilogue);
    break;
  case SG_PLAIN:
    break;
  default:
    failed = sg_direct_output(g, x, w, y, epilogue);
  }
  if (failed) sg_plain_output(g, x, w, y, epilogue);
}

void sg_convolution_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                          const sg_epilogue *epilogue) {
  if (g->batch == 0 || g->height == 0 || g->width == 0 || g->channels == 0) return;
  int empty = g->out_height == 0 || g->out_width == 0 || g->out_channels == 0 || sg_taps(g) == 0;
  sg_convolution_way way = empty ? SG_PLAIN : sg_convolution_choose(g, SG_INPUT);
  int failed = -1;
  switch (way) {
  case SG_MATMUL:
    matmul_input(g, dy, w, dx, epilogue);
    return;
  case SG_OVERLAP:
    failed = sg_overlap_input(g, dy, w, dx, epilogue);
    break;
  case SG_FEW_PIXELS:
    failed = sg_few_pixels_input(g, dy, w, dx, epilogue);
    break;
  case SG_TOOM_COOK_5:
  case SG_TOOM_COOK_8:
    failed = sg_toom_cook_input(g, way == SG_TOOM_COOK_5 ? 5 : 8, dy, w, dx, epilogue);
    break;
  case SG_PLAIN:
    break;
  default:
    failed = sg_direct_input(g, dy, w, dx, epilogue);
  }
  if (failed) sg_plain_input(g, dy, w, dx, epilogue);
}

void sg_convolution_weight(const sg_convolution *g, const float *x, const float *dy, float *dw) {
  size_t pixels = (size_t)g->batch * g->out_height * g->out_width, n = g->out_channels,
         k = sg_taps(g) * g->channels;
  if (n == 0 || k == 0) return;
  int empty = pixels == 0 || g->height == 0 || g->width == 0;
  sg_convolution_way way = empty ? SG_PLAIN : sg_convolution_choose(g, SG_WEIGHT);
  int failed = -1;
  switch (way) {
  case SG_MATMUL:
    sg_matmul(1, 0, k, n, pixels, x, k, dy, n, dw, n, NULL);
    return;
  case SG_TOOM_COOK_5:
  case SG_TOOM_COOK_8:
    failed = sg_toom_cook_weight(g, way == SG_TOOM_COOK_5 ? 5 : 8, x, dy, dw);
    break;
  case SG_PLAIN:
    break;
  default:
    failed = sg_direct_weight(g, x, dy, dw);
  }
  if (failed) sg_plain_weight(g, x, dy, dw);
}
