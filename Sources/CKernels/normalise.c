#include "elementwise_kernels.h"

/* Work is cut into pieces of whole rows: about 32 KB, and a multiple of 16 rows, so that a per-channel pattern of at most
 * 16 repetitions begins anew with each piece. */
enum { most_lanes = 16, floats_a_piece = 8192, most_pieces = 512 };

typedef struct {
  const sg_elementwise_kernels *k;
  const float *g, *x, *y_in, *a, *b, *c;
  float *y;
  double *partial;
  size_t rows, channels, rows_a_piece, repeats;
  sg_activation activation;
} job;

static size_t cut(job *j) {
  size_t rows = (floats_a_piece / j->channels + most_lanes - 1) / most_lanes * most_lanes;
  if (rows == 0) rows = most_lanes;
  if (rows * most_pieces < j->rows) rows = (j->rows / most_pieces + most_lanes) / most_lanes * most_lanes;
  j->rows_a_piece = rows;
  j->repeats = j->channels % most_lanes ? most_lanes : 1;
  return (j->rows + rows - 1) / rows;
}

static void over_pieces(size_t pieces, sg_task fn, job *j) {
  if (pieces == 1) fn(j, 0);
  else sg_parallel(pieces, fn, j);
}

/* The factors of a channel, repeated; with room for a vector's reading past the end. */
static float *pattern_of(const job *j, int count) {
  return sg_memory_take((j->channels * j->repeats + most_lanes) * sizeof(float) * (size_t)count);
}
static void repeat(const job *j, float *pattern) {
  for (size_t i = j->channels; i < j->channels * j->repeats + most_lanes; i++)
    pattern[i] = pattern[i - j->channels];
}

#define PIECE                                                                                                \
  job *j = context;                                                                                          \
  size_t first = piece * j->rows_a_piece, rows = SG_MIN(j->rows - first, j->rows_a_piece),                   \
         n = rows * j->channels, at = first * j->channels, pattern = j->channels * j->repeats,               \
         whole = n / pattern, rest = n % pattern;                                                            \
  (void)n, (void)at, (void)whole, (void)rest, (void)rows

/* Folds sums over a pattern into sums over channels. `partial` is [2][pattern] wide, the result its first [2][channels]. */
static void fold(const job *j, const double *wide, double *sums) {
  size_t pattern = j->channels * j->repeats;
  for (int which = 0; which < 2; which++)
    for (size_t c = 0; c < j->channels; c++) {
      double s = 0;
      for (size_t r = 0; r < j->repeats; r++) s += wide[which * pattern + r * j->channels + c];
      sums[which * j->channels + c] = s;
    }
}

static size_t partial_size(const job *j) { return 2 * j->channels * j->repeats + 2 * j->channels; }

/* Mean and sum of squared distances from it, of one piece, in two passes while it is in the cache. */
static void moments_task(void *context, size_t piece) {
  PIECE;
  double *sums = j->partial + piece * partial_size(j), *wide = sums + 2 * j->channels;
  memset(wide, 0, pattern * sizeof *wide);
  j->k->add_rows(j->x + at, whole, pattern, wide, pattern);
  j->k->add_rows(j->x + at + whole * pattern, rest ? 1 : 0, rest, wide, rest);
  float *centre = pattern_of(j, 1);
  for (size_t c = 0; c < j->channels; c++) {
    double s = 0;
    for (size_t r = 0; r < j->repeats; r++) s += wide[r * j->channels + c];
    centre[c] = (float)(s / (double)rows);
  }
  repeat(j, centre);
  memset(wide, 0, 2 * pattern * sizeof *wide);
  j->k->moment_sums(j->x + at, centre, whole, pattern, wide);
  if (rest) { /* the incomplete last repetition */
    double *tail = sg_memory_take(2 * rest * sizeof *tail);
    memset(tail, 0, 2 * rest * sizeof *tail);
    j->k->moment_sums(j->x + at + whole * pattern, centre, 1, rest, tail);
    for (size_t i = 0; i < rest; i++) wide[i] += tail[i], wide[pattern + i] += tail[rest + i];
    sg_memory_give(tail);
  }
  fold(j, wide, sums);
  for (size_t c = 0; c < j->channels; c++) {
    double s = sums[c], q = sums[j->channels + c];
    sums[j->channels + c] = q - s * s / (double)rows;
    sums[c] = centre[c] + s / (double)rows;
  }
  sg_memory_give(centre);
}

void sg_moments(const float *x, size_t rows, size_t channels, float *moments) {
  job j = {.k = sg_kernels_now()->elementwise, .x = x, .rows = rows, .channels = channels};
  if (!rows || !channels) {
    memset(moments, 0, 2 * channels * sizeof *moments);
    return;
  }
  size_t pieces = cut(&j);
  j.partial = sg_memory_take(pieces * partial_size(&j) * sizeof(double));
  over_pieces(pieces, moments_task, &j);
  /* Pieces are joined in order (Chan, Golub & LeVeque 1979). */
  for (size_t c = 0; c < channels; c++) {
    double n = 0, mean = 0, square = 0;
    for (size_t p = 0; p < pieces; p++) {
      const double *sums = j.partial + p * partial_size(&j);
      double m = (double)SG_MIN(rows - p * j.rows_a_piece, j.rows_a_piece), d = sums[c] - mean;
      square += sums[channels + c] + d * d * n * m / (n + m);
      mean += d * m / (n + m);
      n += m;
    }
    moments[c] = (float)mean;
    moments[channels + c] = (float)(square / n < 0 ? 0 : square / n);
  }
  sg_memory_give(j.partial);
}

static void normalise_task(void *context, size_t piece) {
  PIECE;
  j->k->normalise(j->x + at, j->a, j->b, j->activation, j->y + at, n, pattern);
}
void sg_normalise(const float *x, const float *moments, const float *gamma, const float *beta, float epsilon,
                  sg_activation activation, float *y, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .x = x,
           .y = y,
           .rows = rows,
           .channels = channels,
           .activation = activation};
  if (!rows || !channels) return;
  size_t pieces = cut(&j), room = channels * j.repeats + most_lanes;
  float *factors = pattern_of(&j, 2), *scale = factors, *offset = factors + room;
  for (size_t c = 0; c < channels; c++) {
    double s = gamma[c] / sqrt((double)moments[channels + c] + epsilon);
    scale[c] = (float)s;
    offset[c] = (float)(beta[c] - moments[c] * s);
  }
  repeat(&j, scale), repeat(&j, offset);
  j.a = scale, j.b = offset;
  over_pieces(pieces, normalise_task, &j);
  sg_memory_give(factors);
}

static void sums_task(void *context, size_t piece) {
  PIECE;
  double *sums = j->partial + piece * partial_size(j), *wide = sums + 2 * j->channels;
  memset(wide, 0, 2 * pattern * sizeof *wide);
  j->k->gradient_sums(j->g + at, j->x + at, j->y_in + at, j->a, j->b, j->activation, wide, whole, pattern);
  if (rest) {
    double *tail = sg_memory_take(2 * rest * sizeof *tail);
    memset(tail, 0, 2 * rest * sizeof *tail);
    size_t from = at + whole * pattern;
    j->k->gradient_sums(j->g + from, j->x + from, j->y_in + from, j->a, j->b, j->activation, tail, 1, rest);
    for (size_t i = 0; i < rest; i++) wide[i] += tail[i], wide[pattern + i] += tail[rest + i];
    sg_memory_give(tail);
  }
  fold(j, wide, sums);
}
void sg_normalise_sums(const float *g, const float *x, const float *y, const float *moments, float epsilon,
                       sg_activation activation, float *sums, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .g = g,
           .x = x,
           .y_in = y,
           .rows = rows,
           .channels = channels,
           .activation = activation};
  memset(sums, 0, 2 * channels * sizeof *sums);
  if (!rows || !channels) return;
  size_t pieces = cut(&j), room = channels * j.repeats + most_lanes;
  float *factors = pattern_of(&j, 2), *mean = factors, *r = factors + room;
  for (size_t c = 0; c < channels; c++)
    mean[c] = moments[c], r[c] = (float)(1 / sqrt((double)moments[channels + c] + epsilon));
  repeat(&j, mean), repeat(&j, r);
  j.a = mean, j.b = r;
  j.partial = sg_memory_take(pieces * partial_size(&j) * sizeof(double));
  over_pieces(pieces, sums_task, &j);
  for (size_t c = 0; c < 2 * channels; c++) {
    double total = 0;
    for (size_t p = 0; p < pieces; p++) total += j.partial[p * partial_size(&j) + c];
    sums[c] = (float)total;
  }
  sg_memory_give(j.partial);
  sg_memory_give(factors);
}

static void input_task(void *context, size_t piece) {
  PIECE;
  j->k->gradient_input(j->g + at, j->x + at, j->y_in + at, j->a, j->b, j->c, j->activation, j->y + at, n,
                       pattern);
}
void sg_normalise_input(const float *g, const float *x, const float *y, const float *moments,
                        const float *gamma, const float *sums, float epsilon, sg_activation activation,
                        float *dx, size_t rows, size_t channels) {
  job j = {.k = sg_kernels_now()->elementwise,
           .g = g,
           .x = x,
           .y_in = y,
           .y = dx,
           .rows = rows,
           .channels = channels,
           .activation = activation};
  if (!rows || !channels) return;
  size_t pieces = cut(&j), room = channels * j.repeats + most_lanes;
  float *factors = pattern_of(&j, 3), *scale = factors, *by_x = factors + room, *offset = factors + 2 * room;
  double n = (double)rows;
  for (size_t c = 0; c < channels; c++) {
    double r = 1 / sqrt((double)moments[channels + c] + epsilon), s = gamma[c] * r;
    double b = -s * r * sums[channels + c] / n;
    scale[c] = (float)s;
    by_x[c] = (float)b;
    offset[c] = (float)(-s * sums[c] / n - b * moments[c]);
  }
  repeat(&j, scale), repeat(&j, by_x), repeat(&j, offset);
  j.a = scale, j.b = by_x, j.c = offset;
  over_pieces(pieces, input_task, &j);
  sg_memory_give(factors);
}
