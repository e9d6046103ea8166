/* Convolutions that need no memory beyond their arguments: what is left when the system has none to
 * give. */
#include "convolution_ways.h"

static int inside(ptrdiff_t i, ptrdiff_t n) { return i >= 0 && i < n; }

static void finish(const sg_epilogue *epilogue, float *y, size_t rows, size_t columns) {
  if (!epilogue) return;
  sg_finish f = {rows, columns, NULL, 0, y, columns, NULL, epilogue->bias, epilogue->activation};
  sg_kernels_now()->matrix->finish(&f);
}

/* Calls `body` for every pixel of x under a tap of a pixel of y: pixel and tap are offsets in
 * pixels and taps. */
#define SG_EACH_TAP(body)                                                                                    \
  for (ptrdiff_t b = 0, out = 0; b < g->batch; b++)                                                          \
    for (ptrdiff_t i = 0; i < g->out_height; i++)                                                            \
      for (ptrdiff_t j = 0; j < g->out_width; j++, out++)                                                    \
        for (ptrdiff_t u = 0, tap = 0; u < g->kernel_height; u++)                                            \
          for (ptrdiff_t v = 0; v < g->kernel_width; v++, tap++) {                                           \
            ptrdiff_t row = i * g->stride_height + u - g->pad_top,                                           \
                      column = j * g->stride_width + v - g->pad_left;                                        \
            if (!inside(row, g->height) || !inside(column, g->width)) continue;                              \
            ptrdiff_t in = (b * g->height + row) * g->width + column;                                        \
            for (ptrdiff_t c = 0; c < g->channels; c++)                                                      \
              for (ptrdiff_t n = 0; n < g->out_channels; n++) body;                                          \
          }
#define SG_X(array) array[in * g->channels + c]
#define SG_Y(array) array[out * g->out_channels + n]
#define SG_W(array) array[(tap * g->channels + c) * g->out_channels + n]

void sg_plain_output(const sg_convolution *g, const float *x, const float *w, float *y,
                     const sg_epilogue *epilogue) {
  size_t pixels = (size_t)g->batch * g->out_height * g->out_width;
  memset(y, 0, pixels * g->out_channels * sizeof(float));
  SG_EACH_TAP(SG_Y(y) += SG_X(x) * SG_W(w))
  finish(epilogue, y, pixels, g->out_channels);
}

void sg_plain_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                    const sg_epilogue *epilogue) {
  size_t pixels = (size_t)g->batch * g->height * g->width;
  memset(dx, 0, pixels * g->channels * sizeof(float));
  SG_EACH_TAP(SG_X(dx) += SG_Y(dy) * SG_W(w))
  finish(epilogue, dx, pixels, g->channels);
}

void sg_plain_weight(const sg_convolution *g, const float *x, const float *dy, float *dw) {
  memset(dw, 0, sg_taps(g) * g->channels * g->out_channels * sizeof(float));
  SG_EACH_TAP(SG_W(dw) += SG_X(x) * SG_Y(dy))
}
