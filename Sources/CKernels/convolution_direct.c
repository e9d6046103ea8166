/* Direct convolutions: products whose left matrix, the patches, is written out a block at a time;
 * pixels side by side share what they see. */
#include "convolution_ways.h"

/* Pixels a task, steps of k at a time, floats of B that the nearest cache holds beside the rest,
 * floats of a result that the caches do not hold. */
enum { MOST_PIXELS = 112, K_BLOCK = 320, NEAREST = 6144, FAR = 1 << 21 };

/* One product over patches. Pixel (b, i, j) of the result goes to y + b * image + i * row + j *
 * pixel. Where `span` is more than one, that many pixels side by side share a patch, which then is
 * as wide as all of them see: the rows of the left matrix overlap, in pieces of `run` floats that
 * lie `line` apart. */
typedef struct {
  sg_patches patches;                            /* of spans */
  size_t out_width, span, spans, run, line, hop; /* spans: of a row; hop: from pixel to pixel */
  size_t k, k_block, per_task;                   /* a task's spans */
  const float *packed;
  size_t tasks; /* of this product */
  float *y;
  size_t image, row, pixel;
} patch_product;

typedef struct {
  const sg_matrix_kernels *kernels;
  const sg_epilogue *epilogue;
  size_t products, batch, n, panel_group, groups, patch_floats;
  patch_product *product;
  int few; /* weights lie in rows along k, for dot products */
  int far; /* the result is larger than the caches */
  sg_workspace workspace;
} run;

static size_t padded(size_t n) {
  return sg_round_up(n, 16) + 16;
} /* an odd number of cache lines, or nearly */

/* Number of the first pixel of a span; also of the one behind the last. */
static size_t pixel_of(const patch_product *p, size_t span) {
  return span / p->spans * p->out_width + span % p->spans * p->span;
}

/* Spans first...last - 1, columns from j0 on, over one block of k. */
static void multiply(const run *t, const patch_product *p, size_t first, size_t last, size_t k0, size_t j0,
                     size_t columns, float *a, float *c, size_t c_row) {
  const sg_matrix_kernels *kernels = t->kernels;
  size_t kb = SG_MIN(p->k - k0, p->k_block), shared = p->span > 1, width = kernels->columns;
  size_t floats = shared ? kb / p->run * p->line : kb, a_row = padded(floats);
  kernels->patches(&p->patches, first, last - first, shared ? k0 / p->run * p->line : k0, floats, a, a_row);
  if (t->few) {
    kernels->dots(last - first, t->n, kb, a, a_row, p->packed + k0, p->k, c, c_row, 1);
    return;
  }
  sg_block b = {.k = kb, .a_row = a_row, .a_step = 1, .c_row = c_row, .accumulate = k0 > 0};
  if (shared) b.k = p->run, b.segments = kb / p->run, b.a_row = p->hop, b.a_segment = p->line;
  b.by_rows = kb == p->k && kb * columns <= NEAREST, b.far = t->far;
  b.b_panel = p->k * width;
  size_t group = b.by_rows ? columns : width;
  for (size_t j = 0; j < columns; j += group) {
    b.n = SG_MIN(columns - j, group);
    b.b = p->packed + (j0 + j) * p->k + k0 * sg_panel_width(kernels, b.n);
    for (size_t s = first, next; s < last; s = next) {
      next = shared ? s + 1 : last;
      b.m = pixel_of(p, next) - pixel_of(p, s);
      b.a = a + (s - first) * a_row, b.c = c + (pixel_of(p, s) - pixel_of(p, first)) * c_row + j;
      kernels->block(&b);
    }
  }
}

static void block_task(void *context, size_t task) {
  run *t = context;
  const patch_product *p = t->product;
  while (task >= p->tasks) task -= p++->tasks;
  const sg_matrix_kernels *kernels = t->kernels;
  size_t width = kernels->columns, height = p->patches.out_height, spans = t->batch * height * p->spans;
  size_t from = task / t->groups * p->per_task, until = SG_MIN(spans, from + p->per_task);
  size_t first = pixel_of(p, from), rows = pixel_of(p, until) - first;
  size_t j0 = task % t->groups * t->panel_group * width, columns = SG_MIN(t->n - j0, t->panel_group * width);
  int dense = p->pixel == t->n && p->row == p->pixel * p->out_width && p->image == p->row * height;

  float *a = sg_workspace_borrow(&t->workspace), *c = a + t->patch_floats;
  size_t c_row = columns;
  if (dense) c = p->y + first * t->n + j0, c_row = t->n;
  if (p->k == 0)
    for (size_t r = 0; r < rows; r++) memset(c + r * c_row, 0, columns * sizeof(float));
  for (size_t k0 = 0; k0 < p->k; k0 += p->k_block) multiply(t, p, from, until, k0, j0, columns, a, c, c_row);

  sg_finish f = {.rows = rows, .columns = columns, .x = c, .x_row = c_row};
  if (t->epilogue) f.activation = t->epilogue->activation;
  if (t->epilogue && t->epilogue->bias) f.bias = t->epilogue->bias + j0;
  float *to[MOST_PIXELS];
  if (dense) {
    f.y = c, f.y_row = c_row;
  } else {
    size_t j = first % p->out_width, i = first / p->out_width % height;
    float *image = p->y + first / p->out_width / height * p->image + j0;
    for (size_t r = 0; r < rows; r++) {
      to[r] = image + i * p->row + j * p->pixel;
      if (++j < p->out_width) continue;
      j = 0;
      if (++i < height) continue;
      i = 0;
      image += p->image;
    }
    f.row = to;
  }
  if (!dense || t->epilogue) kernels->finish(&f);
  sg_workspace_return(&t->workspace, a);
}

/* Weights of one tap, [channels][out_channels], into the k rows from `first` on: as they are or,
 * for the input role, transposed. */
typedef struct {
  const run *t;
  const sg_convolution *g;
  const float *w;
  const sg_phase *phase; /* of every product; NULL: output role */
  float *const *packed;
} packing;

static void pack_task(void *context, size_t task) {
  const packing *s = context;
  const sg_matrix_kernels *kernels = s->t->kernels;
  size_t channels = s->g->channels, n = s->g->out_channels, product = task / sg_taps(s->g),
         tap = task % sg_taps(s->g);
  float *packed = s->packed[product];
  size_t k = s->t->product[product].k;
  if (!s->phase) {
    const float *w = s->w + tap * channels * n;
    if (s->t->few)
      for (size_t c = 0; c < channels; c++)
        for (size_t j = 0; j < n; j++) packed[j * k + tap * channels + c] = w[c * n + j];
    else kernels->pack(channels, n, w, n, packed, k, tap * channels);
    return;
  }
  const sg_phase *f = s->phase + product;
  if ((ptrdiff_t)tap >= f->tap_rows * f->tap_columns) return;
  kernels->pack_transposed(n, channels, s->w + sg_phase_tap(s->g, f, tap) * channels * n, n, packed, k,
                           tap * n);
}

/* Lets pixels share patches where their taps overlap and the pixels of a row fill a tile. */
static void share_patches(const run *t, patch_product *p) {
  sg_patches *g = &p->patches;
  p->out_width = p->spans = g->out_width, p->span = 1;
  p->run = g->kernel_width * g->channels, p->hop = g->stride_width * g->channels;
  p->k_block = p->k;
  if (t->few || p->k == 0) return; /* dot products over the whole of k */
  p->k_block = sg_divide_up(p->k, sg_divide_up(p->k, K_BLOCK));
  if (p->run > K_BLOCK || g->kernel_width <= g->stride_width || p->out_width < t->kernels->rows) return;
  p->spans = sg_divide_up(p->out_width, MOST_PIXELS);
  p->span = sg_divide_up(p->out_width, p->spans);
  g->kernel_width += (p->span - 1) * g->stride_width;
  g->stride_width *= p->span;
  g->out_width = p->spans;
  p->line = g->kernel_width * g->channels;
  p->k_block = sg_divide_up(g->kernel_height, sg_divide_up(p->k, K_BLOCK)) * p->run;
}

/* Cuts the products into tasks; returns how many. */
static size_t cut(run *t) {
  size_t pixels = 0, tasks = 0, panels = sg_divide_up(t->n, t->kernels->columns);
  for (size_t i = 0; i < t->products; i++) {
    const patch_product *p = t->product + i;
    pixels += t->batch * p->patches.out_height * p->out_width;
  }
  t->far = t->products == 1 && pixels * t->n >= FAR;
  size_t row_block = SG_MIN((size_t)MOST_PIXELS, sg_round_up(sg_divide_up(pixels, 16), t->kernels->rows));
  size_t blocks = sg_divide_up(pixels, row_block);
  t->groups = t->few || blocks >= 16 ? 1 : SG_MIN(panels, sg_divide_up(16, blocks));
  t->panel_group = sg_divide_up(panels, t->groups);
  t->groups = sg_divide_up(panels, t->panel_group);
  for (size_t i = 0; i < t->products; i++) {
    patch_product *p = t->product + i;
    size_t most = t->few ? SG_MIN((size_t)MOST_PIXELS, 65536 / (p->k + 1) + 4) : row_block;
    p->per_task = p->span < most ? most / p->span : 1;
    p->tasks = sg_divide_up(t->batch * p->patches.out_height * p->spans, p->per_task) * t->groups;
    tasks += p->tasks;
    size_t floats = p->span > 1 ? p->k_block / p->run * p->line : p->k_block;
    t->patch_floats = SG_MAX(t->patch_floats, p->per_task * padded(floats));
  }
  return tasks;
}

/* Packs the weights and runs the products. */
static int run_products(run *t, const sg_convolution *g, const float *w, const sg_phase *phase) {
  size_t n = sg_round_up(t->n, t->kernels->columns), floats = 0;
  for (size_t i = 0; i < t->products; i++) {
    floats += sg_round_up(t->product[i].k, 16) * n;
    share_patches(t, t->product + i);
  }
  float *weights = sg_memory_take((floats + 1) * sizeof(float)),
        **packed = sg_memory_take(t->products * sizeof(float *));
  size_t tasks = cut(t), result = MOST_PIXELS * SG_MIN(t->n, t->panel_group * t->kernels->columns);
  int failed = !weights || !packed || sg_workspace_open(&t->workspace, t->patch_floats + result, tasks);
  if (!failed) {
    for (size_t i = 0, at = 0; i < t->products; i++) {
      t->product[i].packed = packed[i] = weights + at;
      at += sg_round_up(t->product[i].k, 16) * n;
    }
    packing s = {t, g, w, phase, packed};
    sg_run(t->products * sg_taps(g), pack_task, &s, sg_convolution_work(g));
    sg_run(tasks, block_task, t, sg_convolution_work(g));
    sg_workspace_close(&t->workspace);
  }
  sg_memory_give(weights);
  sg_memory_give(packed);
  return failed ? -1 : 0;
}

int sg_direct_output(const sg_convolution *g, const float *x, const float *w, float *y,
                     const sg_epilogue *epilogue) {
  size_t n = g->out_channels;
  patch_product p = {.patches = {x, g->height, g->width, g->channels, g->out_height, g->out_width,
                                 g->kernel_height, g->kernel_width, g->stride_height, g->stride_width,
                                 g->pad_top, g->pad_left},
                     .k = sg_taps(g) * g->channels,
                     .y = y,
                     .image = (size_t)g->out_height * g->out_width * n,
                     .row = g->out_width * n,
                     .pixel = n};
  run t = {
      .kernels = sg_kernels_now()->matrix, .epilogue = epilogue, .products = 1, .batch = g->batch, .n = n};
  t.product = &p;
  t.few = n <= sg_few(t.kernels);
  return run_products(&t, g, w, NULL);
}

sg_phase sg_convolution_phase(const sg_convolution *g, int row, int column) {
  sg_phase f = {.row0 = row, .column0 = column};
  f.rows = row < g->height ? (g->height - row - 1) / g->stride_height + 1 : 0;
  f.columns = column < g->width ? (g->width - column - 1) / g->stride_width + 1 : 0;
  ptrdiff_t y = (ptrdiff_t)row + g->pad_top, x = (ptrdiff_t)column + g->pad_left;
  f.first_row = y % g->stride_height, f.first_column = x % g->stride_width;
  f.tap_rows =
      f.first_row < g->kernel_height ? (g->kernel_height - f.first_row - 1) / g->stride_height + 1 : 0;
  f.tap_columns =
      f.first_column < g->kernel_width ? (g->kernel_width - f.first_column - 1) / g->stride_width + 1 : 0;
  f.pad_top = f.tap_rows - 1 - y / g->stride_height;
  f.pad_left = f.tap_columns - 1 - x / g->stride_width;
  return f;
}

int sg_direct_input(const sg_convolution *g, const float *dy, const float *w, float *dx,
                    const sg_epilogue *epilogue) {
  size_t channels = g->channels,
         most = (size_t)SG_MIN(g->stride_height, g->height) * SG_MIN(g->stride_width, g->width);
  sg_phase *phase = sg_memory_take(most * sizeof *phase);
  patch_product *product = sg_memory_take(most * sizeof *product);
  int failed = -1;
  if (phase && product) {
    size_t count = 0;
    for (int r = 0; r < SG_MIN(g->stride_height, g->height); r++)
      for (int c = 0; c < SG_MIN(g->stride_width, g->width); c++) {
        sg_phase f = phase[count] = sg_convolution_phase(g, r, c);
        product[count++] =
            (patch_product){.patches = {dy, g->out_height, g->out_width, g->out_channels, f.rows, f.columns,
                                        f.tap_rows, f.tap_columns, 1, 1, f.pad_top, f.pad_left},
                            .k = (size_t)(f.tap_rows * f.tap_columns) * g->out_channels,
                            .y = dx + ((size_t)r * g->width + c) * channels,
                            .image = (size_t)g->height * g->width * channels,
                            .row = (size_t)g->stride_height * g->width * channels,
                            .pixel = g->stride_width * channels};
      }
    run t = {.kernels = sg_kernels_now()->matrix, .epilogue = epilogue, .products = count, .batch = g->batch};
    t.n = channels, t.product = product;
    failed = run_products(&t, g, w, phase);
  }
  sg_memory_give(phase);
  sg_memory_give(product);
  return failed;
}
