/* The matrix product. Which of the ways below is taken, and how the work is cut, follows from the
 * sizes alone. */
#include "matrix.h"
#include "workspace.h"

typedef struct {
  const sg_matrix_kernels *kernels;
  size_t m, n, k;
  const float *a, *b;
  size_t a_row, a_step, b_step,
      b_column; /* element (i, p) of op(A) at i a_row + p a_step; of op(B) likewise */
  float *c;
  size_t ldc;
  const sg_epilogue *epilogue;
  size_t row_block, row_blocks, panel_group, groups, chunk, chunks, k_block;
  const float *packed;   /* B in panels, NULL: each task packs what it needs */
  float *partial;        /* the chunks' sums */
  int in_place;          /* rows of B are read where they lie, in whole panels */
  int copies_a, borrows; /* a task needs working memory of its own */
  sg_workspace workspace;
} product;

static void finish(const product *t, float *c, size_t ldc, size_t rows, size_t first, size_t columns) {
  if (!t->epilogue) return;
  sg_finish f = {.rows = rows,
                 .columns = columns,
                 .y = c,
                 .y_row = ldc,
                 .bias = t->epilogue->bias ? t->epilogue->bias + first : NULL,
                 .activation = t->epilogue->activation};
  t->kernels->finish(&f);
}

static void pack_panels(const product *t, size_t p, size_t k, size_t column, size_t columns, float *packed,
                        size_t k_total, size_t first) {
  const float *from = t->b + p * t->b_step + column * t->b_column;
  if (t->b_column == 1) t->kernels->pack(k, columns, from, t->b_step, packed, k_total, first);
  else t->kernels->pack_transposed(k, columns, from, t->b_column, packed, k_total, first);
}

static void pack_task(void *context, size_t panel) {
  const product *t = context;
  size_t j = panel * t->kernels->columns;
  pack_panels(t, 0, t->k, j, SG_MIN(t->n - j, t->kernels->columns), (float *)t->packed + j * t->k, t->k, 0);
}

/* Rows x columns of C over one chunk of k: blocks of k outermost, so that a block of A is copied
 * once and a panel of B is read from the nearest cache by all rows. */
static void block_task(void *context, size_t task) {
  product *t = context;
  const sg_matrix_kernels *kernels = t->kernels;
  size_t width = kernels->columns, chunk = task % t->chunks, group = task / t->chunks % t->groups;
  size_t i0 = task / t->chunks / t->groups * t->row_block, rows = SG_MIN(t->m - i0, t->row_block);
  size_t j0 = group * t->panel_group * width, j1 = SG_MIN(t->n, j0 + t->panel_group * width);
  size_t k0 = chunk * t->chunk, k1 = SG_MIN(t->k, k0 + t->chunk);
  float *c = t->chunks > 1 ? t->partial + chunk * t->m * t->n : t->c;
  size_t ldc = t->chunks > 1 ? t->n : t->ldc;
  float *panel = t->borrows ? sg_workspace_borrow(&t->workspace) : NULL;
  float *copy = t->copies_a ? panel + t->k_block * width : NULL;
  for (size_t p = k0; p < k1; p += t->k_block) {
    size_t kb = SG_MIN(k1 - p, t->k_block);
    sg_block b = {.m = rows, .k = kb, .c_row = ldc, .accumulate = p > k0};
    b.a = t->a + i0 * t->a_row + p * t->a_step, b.a_row = t->a_row, b.a_step = t->a_step;
    if (t->copies_a) {
      int by_rows = t->a_step == 1;
      size_t count = by_rows ? rows : kb, length = by_rows ? kb : rows;
      size_t from_row = by_rows ? t->a_row : t->a_step, to_row = sg_round_up(length, 16) + 16;
      for (size_t r = 0; r < count; r++)
        memcpy(copy + r * to_row, b.a + r * from_row, length * sizeof(float));
      b.a = copy, b.a_row = by_rows ? to_row : 1, b.a_step = by_rows ? 1 : to_row;
    }
    for (size_t j = j0; j < j1; j += width) {
      size_t columns = SG_MIN(j1 - j, width), panel_width = sg_panel_width(kernels, columns);
      b.n = columns, b.c = c + i0 * ldc + j, b.b_row = 0;
      if (t->packed) {
        b.b = t->packed + j * t->k + p * panel_width;
      } else if (t->in_place && columns == panel_width) {
        b.b = t->b + p * t->b_step + j, b.b_row = t->b_step;
      } else {
        pack_panels(t, p, kb, j, columns, panel, kb, 0);
        b.b = panel;
      }
      kernels->block(&b);
      if (t->chunks == 1 && p + kb == k1) finish(t, b.c, ldc, rows, j, columns);
    }
  }
  if (t->borrows) sg_workspace_return(&t->workspace, panel);
}

static void sum_task(void *context, size_t row) {
  const product *t = context;
  float *c = t->c + row * t->ldc;
  memcpy(c, t->partial + row * t->n, t->n * sizeof(float));
  for (size_t i = 1; i < t->chunks; i++) t->kernels->add(t->partial + (i * t->m + row) * t->n, c, t->n);
  finish(t, c, t->ldc, 1, 0, t->n);
}

/* In multiplications; to move a number takes as long as four. */
static double work(const product *t) {
  double m = (double)t->m, n = (double)t->n, k = (double)t->k;
  return m * n * k + 4 * (m * n + m * k + n * k);
}

/* What needs no memory: the answer when there is none to be had. */
static void plain(const product *t) {
  for (size_t i = 0; i < t->m; i++) {
    float *c = t->c + i * t->ldc;
    memset(c, 0, t->n * sizeof(float));
    for (size_t p = 0; p < t->k; p++)
      for (size_t j = 0; j < t->n; j++)
        c[j] += t->a[i * t->a_row + p * t->a_step] * t->b[p * t->b_step + j * t->b_column];
    finish(t, c, t->ldc, 1, 0, t->n);
  }
}

/* Floats of B that a core's second-level cache keeps beside what else it reads. */
enum { KEPT = 1 << 16 };

static void general(product *t) {
  const sg_matrix_kernels *kernels = t->kernels;
  size_t panels = sg_divide_up(t->n, kernels->columns), most = kernels->rows * (kernels->rows > 8 ? 8 : 16);
  if (t->m <= 256 && panels >= 8) {
    t->row_block = t->m;
    t->groups = SG_MIN(panels, 32);
  } else {
    t->row_block = SG_MIN(most, sg_round_up(sg_divide_up(t->m, 16), kernels->rows));
    t->groups = SG_MIN(panels, sg_divide_up(16, sg_divide_up(t->m, t->row_block)));
  }
  t->row_blocks = sg_divide_up(t->m, t->row_block);
  t->row_block = sg_divide_up(t->m, t->row_blocks);
  t->panel_group = sg_divide_up(panels, t->groups);
  t->groups = sg_divide_up(panels, t->panel_group);
  t->chunks = t->row_blocks * t->groups < 8 && t->k >= 2048 ? SG_MIN(16, t->k / 1024) : 1;
  t->chunk = sg_divide_up(t->k, t->chunks);
  t->chunks = sg_divide_up(t->k, t->chunk);
  t->k_block = sg_divide_up(t->chunk, sg_divide_up(t->chunk, 320));
  size_t row_bytes = (t->a_step == 1 ? t->a_row : t->a_step) * sizeof(float);
  t->copies_a = t->panel_group >= 4 || (row_bytes % 2048 == 0 && t->panel_group > 1);

  size_t tasks = t->row_blocks * t->groups * t->chunks;
  size_t copy = t->a_step == 1 ? t->row_block * (sg_round_up(t->k_block, 16) + 16)
                               : t->k_block * (sg_round_up(t->row_block, 16) + 16);
  if (!t->copies_a) copy = 0;
  /* B stays where it lies if few rows read it, or if it is small enough for each core to keep. */
  int few_rows = t->m <= 2 * kernels->rows, whole = t->n % kernels->lanes == 0;
  t->in_place =
      t->b_column == 1 && t->row_block <= 2 * kernels->rows && (few_rows || (whole && t->n * t->k <= KEPT));
  int packs = t->row_blocks > 1 && !t->in_place;
  t->borrows = t->copies_a || !(packs || (t->in_place && whole));
  float *packed = NULL;
  t->partial = NULL;
  if (packs) packed = sg_memory_take(sg_round_up(t->n, kernels->columns) * t->k * sizeof(float));
  if (t->chunks > 1) t->partial = sg_memory_take(t->chunks * t->m * t->n * sizeof(float));
  int enough =
      (!packs || packed) && (t->chunks == 1 || t->partial) &&
      (!t->borrows || !sg_workspace_open(&t->workspace, t->k_block * kernels->columns + copy, tasks));
  if (enough) {
    t->packed = packed;
    if (packs) sg_run(panels, pack_task, t, work(t));
    sg_run(tasks, block_task, t, work(t));
    if (t->chunks > 1) sg_run(t->m, sum_task, t, (double)t->m * (double)t->n * (double)t->chunks);
    if (t->borrows) sg_workspace_close(&t->workspace);
  } else {
    plain(t);
  }
  sg_memory_give(packed);
  sg_memory_give(t->partial);
}

/* Few columns: dot products along k, in which both rows lie contiguous. */
typedef struct {
  const product *t;
  const float *x, *y;
  size_t rows, few, x_row, y_row, out_row, out_step, rows_per_task;
  int across; /* x's rows are C's columns */
} dots;

static void dots_task(void *context, size_t task) {
  const dots *d = context;
  size_t first = task * d->rows_per_task, rows = SG_MIN(d->rows - first, d->rows_per_task);
  float *c = d->t->c + first * d->out_row;
  d->t->kernels->dots(rows, d->few, d->t->k, d->x + first * d->x_row, d->x_row, d->y, d->y_row, c, d->out_row,
                      d->out_step);
  if (d->across) finish(d->t, c, d->t->ldc, d->few, first, rows);
  else finish(d->t, c, d->t->ldc, rows, 0, d->few);
}

/* x's rows against the `few` vectors at y, element p of vector j at j y_row + p y_step. */
static void few_dots(const product *t, dots d, size_t y_step) {
  float *copy = NULL;
  if (y_step != 1) {
    copy = sg_memory_take(d.few * t->k * sizeof(float));
    if (!copy) {
      plain(t);
      return;
    }
    for (size_t p = 0; p < t->k; p++)
      for (size_t j = 0; j < d.few; j++) copy[j * t->k + p] = d.y[j * d.y_row + p * y_step];
    d.y = copy, d.y_row = t->k;
  }
  d.t = t;
  d.rows_per_task = sg_round_up(sg_divide_up(d.rows, 32), 4);
  sg_run(sg_divide_up(d.rows, d.rows_per_task), dots_task, &d, work(t));
  sg_memory_give(copy);
}

/* Few columns of a product whose A is stored transposed: C' = B' A', whose rows are vectors of
 * A. */
static void swapped(const product *t) {
  product s = *t;
  float *c = sg_memory_take(t->m * t->n * sizeof(float));
  if (!c) {
    plain(t);
    return;
  }
  s.m = t->n, s.n = t->m, s.c = c, s.ldc = t->m, s.epilogue = NULL;
  s.a = t->b, s.a_row = t->b_column, s.a_step = t->b_step;
  s.b = t->a, s.b_step = t->a_step, s.b_column = t->a_row;
  general(&s);
  for (size_t i = 0; i < t->m; i++)
    for (size_t j = 0; j < t->n; j++) t->c[i * t->ldc + j] = c[j * t->m + i];
  finish(t, t->c, t->ldc, t->m, 0, t->n);
  sg_memory_give(c);
}

void sg_matmul(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
               const float *b, size_t ldb, float *c, size_t ldc, const sg_epilogue *epilogue) {
  if (m == 0 || n == 0) return;
  product t = {
      .kernels = sg_kernels_now()->matrix, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c, .ldc = ldc};
  t.epilogue = epilogue;
  t.a_row = transpose_a ? 1 : lda, t.a_step = transpose_a ? lda : 1;
  t.b_step = transpose_b ? 1 : ldb, t.b_column = transpose_b ? ldb : 1;
  size_t few = sg_few(t.kernels);
  if (k == 0) plain(&t);
  else if (n <= few && !transpose_a)
    few_dots(&t,
             (dots){.x = a,
                    .rows = m,
                    .x_row = lda,
                    .y = b,
                    .few = n,
                    .y_row = t.b_column,
                    .out_row = ldc,
                    .out_step = 1},
             t.b_step);
  else if (m <= few && transpose_b)
    few_dots(&t,
             (dots){.x = b,
                    .rows = n,
                    .x_row = ldb,
                    .y = a,
                    .few = m,
                    .y_row = t.a_row,
                    .out_row = 1,
                    .out_step = ldc,
                    .across = 1},
             t.a_step);
  else if (transpose_a && 2 * n <= t.kernels->lanes && m > n) swapped(&t);
  else general(&t);
}
