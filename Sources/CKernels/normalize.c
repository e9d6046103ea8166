#include "elementwise_kernels.h"

/* Work is cut into pieces of about SG_CHUNK elements: whole rows, as many as fill long rows (the
 * patterns of normalize.inc). */
enum { most_pieces = 512 };

typedef struct {
  const sg_elementwise_kernels *k;
  const float *g, *x, *y_in;
  float *y, *patterns;
  double *partial;
  size_t rows, channels, rows_a_piece, pieces, pattern;
  sg_normalization f;
} job;

static void cut(job *j) {
  j->pattern = sg_long_row(j->channels);
  size_t step = SG_MAX(j->pattern / j->channels, (size_t)16);
  size_t rows = SG_MAX(SG_CHUNK / j->channels, j->rows / most_pieces + 1);
  j->rows_a_piece = sg_round_up(rows, step);
  j->pieces = sg_divide_up(j->rows, j->rows_a_piece);
}

static void over_pieces(sg_task fn, job *j) {
  if (j->pieces == 1) fn(j, 0);
  else sg_parallel(j->pieces, fn, j);
}

static size_t rows_of(const job *j, size_t piece) {
  return SG_MIN(j->rows - piece * j->rows_a_piece, j->rows_a_piece);
}
#define PIECE                                                                                                \
  job *j = context;                                                                                          \
  size_t n = rows_of(j, piece) * j->channels, at = piece * j->rows_a_piece * j->channels

/* Factors of the channels, repeated; NULL, and noted, where there is no memory. */
static float *patterns_of(const job *j, size_t count) {
  return sg_memory_need(j->pattern * sizeof(float) * count);
}
static void repeat(const job *j, float *pattern) {
  for (size_t i = j->channels; i < j->pattern; i++) pattern[i] = pattern[i - j->channels];
}

/* A piece's two sums: room for [2][pattern], at last [2][channels]. */
static double *partial_of(const job *j, size_t piece) { return j->partial + piece * 2 * j->pattern; }
static double *cleared(const job *j, size_t piece) {
  return memset(partial_of(j, piece), 0, 2 * j->pattern * sizeof(double));
}
static void fold(const job *j, double *sums) {
  double *second = sums + j->pattern;
  sg_fold(sums, j->channels, j->pattern);
  sg_fold(second, j->channels, j->pattern);
  memmove(sums + j->channels, second, j->channels * sizeof *sums);
}
/* 0, or -1, and noted, where there is no memory. */
static int take_partial(job *j) {
  return (j->partial = sg_memory_need(j->pieces * 2 * j->pattern * sizeof(double))) ? 0 : -1;
}

/* Mean and sum of squared distances from it, of one piece, in two passes while it is in the
 * cache. */
static void moments_task(void *context, size_t piece) {
  PIECE;
  double *sums = cleared(j, piece), share = 1 / (double)rows_of(j, piece);
  j->k->add_rows(j->x + at, sums, n, j->pattern);
  sg_fold(sums, j->channels, j->pattern);
  float *center = j->patterns + piece * j->pattern;
  for (size_t c = 0; c < j->channels; c++) center[c] = (float)(sums[c] * share);
  repeat(j, center);
  cleared(j, piece);
  j->k->moment_sums(j->x + at, &(sg_normalization){.mean = center}, sums, n, j->pattern);
  fold(j, sums);
  for (size_t c = 0; c < j->channels; c++) {
    double s = sums[c];
    sums[c] = center[c] + s * share;
    sums[j->channels + c] -= s * s * share;
  }
}

/* Joins the next piece to the n rows before it (Chan, Golub & LeVeque 1979). */
static void join_moments(const job *j, size_t piece, double n) {
  const double *more = partial_of(j, piece);
  double m = (double)rows_of(j, piece), share = m / (n + m), *sums = j->partial;
  for (size_t c = 0; c < j->channels; c++) {
    double d = more[c] - sums[c];
    sums[c] += d * share;
    sums[j->channels + c] += more[j->channels + c] + d * d * (n * share);
  }
}

void sg_moments(const float *x, size_t rows, size_t channels, float *moments) {
  job j = {.k = sg_kernels_now()->elementwise, .x = x, .rows = rows, .channels = channels};
  if (!rows || !channels) {
    memset(moments, 0, 2 * channels * sizeof *moments);
    return;
  }
  cut(&j);
  j.patterns = patterns_of(&j, j.pieces);
  if (!j.patterns || take_partial(&j)) {
    sg_memory_give(j.patterns);
    return;
  }
  over_pieces(moments_task, &j);
  for (size_t p = 1; p < j.pieces; p++) join_moments(&j, p, (double)(p * j.rows_a_piece));
  for (size_t c = 0; c < channels; c++) {
    double variance = j.partial[channels + c] / (double)rows;
    moments[c] = (float)j.partial[c];
    moments[channels + c] = (float)(variance < 0 ? 0 : variance);
  }
  sg_memory_give(j.partial);
  sg_memory_give(j.patterns);
}

static double reciprocal_deviation(const job *j, const float *moments, float epsilon, size_t c) {
  return 1 / sqrt((double)moments[j->channels + c] + epsilon);
}

/* Cuts the job, and takes patterns: what the activation is given is scale x + offset, here and in
 * the derivative, so that its sign is the same. Two patterns more are the caller's. Returns their
 * first, or NULL where there is no memory. */
static float *take_patterns(job *j, const float *moments, const float *gamma, const float *beta,
                            float epsilon) {
  cut(j);
  j->patterns = patterns_of(j, 4);
  if (!j->patterns) return NULL;
  float *scale = j->patterns, *offset = scale + j->pattern;
  for (size_t c = 0; c < j->channels; c++) {
    double s = gamma[c] * reciprocal_deviation(j, moments, epsilon, c);
    scale[c] = (float)s;
    offset[c] = (float)(beta[c] - moments[c] * s);
  }
  repeat(j, scale), repeat(j, offset);
  j->f.scale = scale, j->f.offset = offset;
  return offset + j->pattern;
}

static void normalize_task(void *context, size_t piece) {
  PIECE;
  j->k->normalize(j->x + at, &j->f, j->y + at, n, j->pattern);
}
void sg_normalize(const float *x, const float *moments, const float *gamma, const float *beta, float epsilon,
                  sg_activation activation, float *y, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .x = x,
           .y = y,
           .rows = rows,
           .channels = channels,
           .f.activation = activation};
  if (!rows || !channels) return;
  if (!take_patterns(&j, moments, gamma, beta, epsilon)) return;
  over_pieces(normalize_task, &j);
  sg_memory_give(j.patterns);
}

static void sums_task(void *context, size_t piece) {
  PIECE;
  double *sums = cleared(j, piece);
  j->k->gradient_sums(j->g + at, j->x + at, j->y_in + at, &j->f, sums, n, j->pattern);
  fold(j, sums);
}
void sg_normalize_sums(const float *g, const float *x, const float *y, const float *moments,
                       const float *gamma, const float *beta, float epsilon, sg_activation activation,
                       float *sums, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .g = g,
           .x = x,
           .y_in = y,
           .rows = rows,
           .channels = channels,
           .f.activation = activation};
  memset(sums, 0, 2 * channels * sizeof *sums);
  if (!rows || !channels) return;
  float *mean = take_patterns(&j, moments, gamma, beta, epsilon);
  if (!mean) return;
  memcpy(mean, moments, channels * sizeof *mean);
  repeat(&j, mean);
  j.f.mean = mean;
  if (take_partial(&j)) {
    sg_memory_give(j.patterns);
    return;
  }
  over_pieces(sums_task, &j);
  for (size_t p = 1; p < j.pieces; p++)
    for (size_t i = 0; i < 2 * channels; i++) j.partial[i] += partial_of(&j, p)[i];
  for (size_t c = 0; c < channels; c++) {
    sums[c] = (float)j.partial[c];
    sums[channels + c] = (float)(j.partial[channels + c] * reciprocal_deviation(&j, moments, epsilon, c));
  }
  sg_memory_give(j.partial);
  sg_memory_give(j.patterns);
}

static void input_task(void *context, size_t piece) {
  PIECE;
  j->k->gradient_input(j->g + at, j->x + at, j->y_in + at, &j->f, j->y + at, n, j->pattern);
}
void sg_normalize_input(const float *g, const float *x, const float *y, const float *moments,
                        const float *gamma, const float *beta, const float *sums, float epsilon,
                        sg_activation activation, float *dx, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .g = g,
           .x = x,
           .y_in = y,
           .y = dx,
           .rows = rows,
           .channels = channels,
           .f.activation = activation};
  if (!rows || !channels) return;
  float *by_x = take_patterns(&j, moments, gamma, beta, epsilon);
  if (!by_x) return;
  float *by_one = by_x + j.pattern;
  double n = (double)rows;
  for (size_t c = 0; c < channels; c++) {
    double r = reciprocal_deviation(&j, moments, epsilon, c), s = gamma[c] * r;
    double b = -s * r * sums[channels + c] / n;
    by_x[c] = (float)b;
    by_one[c] = (float)(-s * sums[c] / n - b * moments[c]);
  }
  repeat(&j, by_x), repeat(&j, by_one);
  j.f.by_x = by_x, j.f.by_one = by_one;
  over_pieces(input_task, &j);
  sg_memory_give(j.patterns);
}
