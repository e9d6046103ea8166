/* The kernels against plain loops in double, as one C program without Swift: for processors that
 * are only at hand in an emulator. On x86-64 the Swift tests of CKernels do more of the same. */
#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

static void check(int right, const char *what, double found) {
  if (right) {
    passed++;
  } else {
    failed++;
    printf("FAILED: %s: %g\n", what, found);
  }
}

static uint32_t state = 1;
static uint32_t below(uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (uint32_t)((uint64_t)state * n >> 32);
}
static float *floats(size_t n) {
  float *x = malloc((n + 1) * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = (float)below(1 << 24) / (1 << 23) - 1;
  return x;
}

/* Root mean square of the error, of the result's. */
static double error_of(const float *y, const double *want, size_t n) {
  double e = 0, w = 1e-300;
  for (size_t i = 0; i < n; i++) e += (y[i] - want[i]) * (y[i] - want[i]), w += want[i] * want[i];
  return sqrt(e / w);
}

static double activated(sg_activation a, double x) {
  switch (a.kind) {
  case SG_RELU:
    return x > 0 ? x : 0;
  case SG_LEAKY_RELU:
    return x > 0 ? x : a.slope * x;
  case SG_TANH:
    return tanh(x);
  case SG_SIGMOID:
    return 1 / (1 + exp(-x));
  default:
    return x;
  }
}

static sg_epilogue some_epilogue(size_t columns, float **bias) {
  *bias = floats(columns);
  return (sg_epilogue){.bias = *bias, .activation = {(sg_activation_kind)below(5), 0.2f}};
}

static void product(size_t m, size_t n, size_t k, int ta, int tb) {
  float *a = floats(m * k), *b = floats(k * n), *c = floats(m * n), *bias;
  double *want = calloc(m * n + 1, sizeof *want);
  sg_epilogue e = some_epilogue(n, &bias);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double s = 0;
      for (size_t p = 0; p < k; p++)
        s += (double)a[ta ? p * m + i : i * k + p] * b[tb ? j * k + p : p * n + j];
      want[i * n + j] = activated(e.activation, s + bias[j]);
    }
  sg_matmul(ta, tb, m, n, k, a, ta ? m : k, b, tb ? k : n, c, n, &e);
  char what[96];
  snprintf(what, sizeof what, "product %zu x %zu x %zu, transposed %d %d", m, n, k, ta, tb);
  double error = error_of(c, want, m * n);
  check(error < 1e-5, what, error);
  free(a), free(b), free(c), free(bias), free(want);
}

static void products(void) {
  static const size_t sizes[] = {1, 2, 3, 5, 8, 11, 12, 13, 16, 17, 31, 33, 64, 97};
  static const size_t longer[][3] = {{300, 70, 300}, {9, 300, 330}, {10, 30, 2000},
                                     {400, 1, 513},  {1, 400, 513}, {130, 33, 600}};
  for (int i = 0; i < 150; i++)
    product(sizes[below(14)], sizes[below(14)], sizes[below(14)], (int)below(2), (int)below(2));
  for (int i = 0; i < 6; i++)
    for (int t = 0; t < 4; t++) product(longer[i][0], longer[i][1], longer[i][2], t & 1, t >> 1);
}

static void convolution(sg_convolution g) {
  size_t nx = (size_t)g.batch * g.height * g.width * g.channels;
  size_t ny = (size_t)g.batch * g.out_height * g.out_width * g.out_channels;
  size_t nw = (size_t)g.kernel_height * g.kernel_width * g.channels * g.out_channels;
  float *x = floats(nx), *y = floats(ny), *w = floats(nw);
  double *want[3] = {calloc(ny, 8), calloc(nx, 8), calloc(nw, 8)};
  for (int b = 0; b < g.batch; b++)
    for (int i = 0; i < g.out_height; i++)
      for (int j = 0; j < g.out_width; j++)
        for (int u = 0; u < g.kernel_height; u++)
          for (int v = 0; v < g.kernel_width; v++) {
            int r = i * g.stride_height + u - g.pad_top, s = j * g.stride_width + v - g.pad_left;
            if (r < 0 || s < 0 || r >= g.height || s >= g.width) continue;
            size_t px = (((size_t)b * g.height + r) * g.width + s) * g.channels;
            size_t py = (((size_t)b * g.out_height + i) * g.out_width + j) * g.out_channels;
            size_t pw = ((size_t)u * g.kernel_width + v) * g.channels * g.out_channels;
            for (int c = 0; c < g.channels; c++)
              for (int o = 0; o < g.out_channels; o++) {
                size_t q = pw + (size_t)c * g.out_channels + o;
                want[0][py + o] += (double)x[px + c] * w[q];
                want[1][px + c] += (double)y[py + o] * w[q];
                want[2][q] += (double)x[px + c] * y[py + o];
              }
          }
  float *out[3] = {malloc(ny * 4), malloc(nx * 4), malloc(nw * 4)};
  size_t n[3] = {ny, nx, nw};
  for (int way = SG_AUTOMATIC; way <= SG_TOOM_COOK_8; way++)
    for (int role = 0; role < 3; role++) {
      if (way && !sg_convolution_applies(&g, (sg_convolution_role)role, (sg_convolution_way)way)) continue;
      sg_convolution_force((sg_convolution_way)way);
      if (role == SG_OUTPUT) sg_convolution_output(&g, x, w, out[0], NULL);
      if (role == SG_INPUT) sg_convolution_input(&g, y, w, out[1], NULL);
      if (role == SG_WEIGHT) sg_convolution_weight(&g, x, y, out[2]);
      sg_convolution_force(SG_AUTOMATIC);
      char what[96];
      snprintf(what, sizeof what, "convolution %d x %d x %d to %d, kernel %d, role %d, way %d", g.height,
               g.width, g.channels, g.out_channels, g.kernel_height, role, way);
      double error = error_of(out[role], want[role], n[role]);
      check(error < 1e-5, what, error);
    }
  for (int i = 0; i < 3; i++) free(want[i]), free(out[i]);
  free(x), free(y), free(w);
}

static void convolutions(void) {
  static const sg_convolution all[] = {
      {3, 8, 8, 16, 4, 4, 32, 4, 4, 2, 2, 1, 1},     {2, 14, 14, 32, 7, 7, 16, 4, 4, 2, 2, 1, 1},
      {2, 16, 16, 3, 8, 8, 16, 4, 4, 2, 2, 1, 1},    {2, 16, 12, 1, 8, 6, 16, 4, 4, 2, 2, 1, 1},
      {2, 9, 7, 5, 9, 7, 6, 3, 3, 1, 1, 1, 1},       {2, 11, 10, 4, 4, 3, 7, 5, 4, 3, 3, 2, 1},
      {5, 4, 4, 24, 1, 1, 10, 4, 4, 1, 1, 0, 0},     {2, 6, 6, 8, 6, 6, 12, 1, 1, 1, 1, 0, 0},
      {1, 32, 32, 16, 16, 16, 16, 4, 4, 2, 2, 1, 1}, {2, 14, 14, 128, 7, 7, 64, 4, 4, 2, 2, 1, 1},
      {2, 10, 6, 16, 5, 3, 32, 4, 4, 2, 2, 1, 1},    {2, 8, 7, 32, 8, 7, 16, 3, 3, 1, 1, 1, 1},
      {2, 3, 5, 16, 3, 5, 16, 3, 3, 1, 1, 1, 1},     {1, 28, 28, 16, 14, 14, 48, 4, 4, 2, 2, 1, 1},
      {2, 5, 229, 3, 5, 229, 20, 3, 5, 1, 1, 1, 2},  {1, 9, 40, 70, 9, 20, 33, 3, 4, 1, 2, 1, 1},
      {1, 4, 30, 3, 2, 15, 40, 1, 5, 2, 2, 0, 2},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) convolution(all[i]);
}

static double exact(sg_unary_op op, double x) {
  switch (op) {
  case SG_NEGATE:
    return -x;
  case SG_ABSOLUTE:
    return fabs(x);
  case SG_SIGN:
    return (x > 0) - (x < 0);
  case SG_STEP:
    return x > 0;
  case SG_SQUARE:
    return x * x;
  case SG_RECIPROCAL:
    return 1 / x;
  case SG_SQRT:
    return sqrt(x);
  case SG_RSQRT:
    return 1 / sqrt(x);
  case SG_EXP:
    return exp(x);
  case SG_LOG:
    return log(x);
  case SG_POWER:
    return pow(x, 1.5);
  case SG_AFFINE:
    return 1.5 * x + 0.25;
  case SG_CLAMP:
    return fmin(fmax(x, 0.25), 1.5);
  case SG_TANH_OF:
    return tanh(x);
  case SG_SIGMOID_OF:
    return 1 / (1 + exp(-x));
  case SG_SOFTPLUS_OF:
    return log1p(exp(x));
  case SG_RELU_OF:
    return x > 0 ? x : 0;
  case SG_LEAKY_RELU_OF:
    return x > 0 ? x : 1.5 * x;
  case SG_ELU_OF:
    return x > 0 ? x : 1.5 * expm1(x);
  default:
    return x / (1 + exp(-x));
  }
}

static void functions(void) {
  float x[1003], y[1003];
  for (int op = 0; op < SG_UNARY_COUNT; op++) {
    int positive = op == SG_SQRT || op == SG_RSQRT || op == SG_LOG || op == SG_POWER;
    double worst = 0;
    for (int i = 0; i < 1003; i++) {
      x[i] = ((float)i - 501.3f) / 40;
      if (positive) x[i] = fabsf(x[i]);
    }
    float a = op == SG_CLAMP ? 0.25f : 1.5f, b = op == SG_CLAMP ? 1.5f : 0.25f;
    sg_unary((sg_unary_op)op, a, b, x, y, 1003);
    for (int i = 0; i < 1003; i++) {
      double want = exact((sg_unary_op)op, x[i]), e = fabs(y[i] - want) / (fabs(want) + 1e-30);
      if (op == SG_AFFINE || op == SG_LOG) e = fabs(y[i] - want) / (fabs(want) + 1);
      worst = e <= worst ? worst : e;
    }
    char what[48];
    snprintf(what, sizeof what, "unary function %d", op);
    check(worst < 1e-6, what, worst);
    float odd[3] = {NAN, NAN, NAN};
    sg_unary((sg_unary_op)op, a, b, odd, odd, 3);
    int ordered = op == SG_STEP || op == SG_SIGN; /* comparisons, false for NaN, may say 0 */
    check(ordered || (isnan(odd[0]) && isnan(odd[2])), what, odd[0]);
  }
}

static void sums(void) {
  size_t shape[2] = {37, 1029};
  float *x = floats(shape[0] * shape[1]), *y = malloc(shape[1] * 4), *z = malloc(shape[0] * shape[1] * 4);
  double rows[37] = {0}, columns[1029] = {0}, largest[37], exps[37] = {0};
  for (size_t i = 0; i < 37; i++) {
    largest[i] = -INFINITY;
    for (size_t j = 0; j < 1029; j++) {
      double v = x[i * 1029 + j];
      rows[i] += v, columns[j] += v, exps[i] += exp(v);
      if (v > largest[i]) largest[i] = v;
    }
    exps[i] = log(exps[i]);
  }
  sg_sum(x, y, 2, shape, 2), check(error_of(y, rows, 37) < 1e-5, "row sums", error_of(y, rows, 37));
  sg_sum(x, y, 2, shape, 1),
      check(error_of(y, columns, 1029) < 1e-5, "column sums", error_of(y, columns, 1029));
  sg_max(x, y, 2, shape, 2), check(error_of(y, largest, 37) == 0, "row maxima", error_of(y, largest, 37));
  sg_log_sum_exp(x, y, 37, 1029), check(error_of(y, exps, 37) < 1e-6, "log sum exp", error_of(y, exps, 37));
  sg_softmax(x, z, 37, 1029);
  double worst = 0;
  for (size_t i = 0; i < 37 * 1029; i++) {
    double want = exp(x[i] - exps[i / 1029]), e = fabs(z[i] - want) / want;
    worst = e <= worst ? worst : e;
  }
  check(worst < 2e-6, "softmax", worst);
  free(x), free(y), free(z);
}

static void normalization(void) {
  enum { rows = 203, channels = 21 };
  float *x = floats(rows * channels), *g = floats(rows * channels), *y = malloc(rows * channels * 4);
  float *gamma = floats(channels), *beta = floats(channels), *dx = malloc(rows * channels * 4);
  float moments[2 * channels], found[2 * channels];
  double want_y[rows * channels], want_dx[rows * channels], want_sums[2 * channels];
  sg_activation leaky = {SG_LEAKY_RELU, 0.2f};
  for (int c = 0; c < channels; c++) {
    double mean = 0, variance = 0, sum = 0, sum_h = 0;
    for (int r = 0; r < rows; r++) mean += x[r * channels + c] / (double)rows;
    for (int r = 0; r < rows; r++) variance += pow(x[r * channels + c] - mean, 2) / rows;
    double scale = 1 / sqrt(variance + 1e-5), h[rows], d[rows];
    for (int r = 0; r < rows; r++) {
      h[r] = (x[r * channels + c] - mean) * scale;
      double v = gamma[c] * h[r] + beta[c];
      want_y[r * channels + c] = activated(leaky, v);
      d[r] = g[r * channels + c] * (v > 0 ? 1 : 0.2);
      sum += d[r], sum_h += d[r] * h[r];
    }
    want_sums[c] = sum, want_sums[channels + c] = sum_h;
    for (int r = 0; r < rows; r++)
      want_dx[r * channels + c] = gamma[c] * scale * (d[r] - sum / rows - h[r] * sum_h / rows);
  }
  sg_moments(x, rows, channels, moments);
  sg_normalize(x, moments, gamma, beta, 1e-5f, leaky, y, rows, channels);
  sg_normalize_sums(g, x, y, moments, gamma, beta, 1e-5f, leaky, found, rows, channels);
  sg_normalize_input(g, x, y, moments, gamma, beta, found, 1e-5f, leaky, dx, rows, channels);
  check(error_of(y, want_y, rows * channels) < 1e-5, "normalize", error_of(y, want_y, rows * channels));
  check(error_of(found, want_sums, 2 * channels) < 1e-5, "sums", error_of(found, want_sums, 2 * channels));
  check(error_of(dx, want_dx, rows * channels) < 1e-5, "its input", error_of(dx, want_dx, rows * channels));
  free(x), free(g), free(y), free(gamma), free(beta), free(dx);
}

/* The derivative finds the sign of y from x. With g = 1, moments and factors such that y is
 * rounding's remainder, it has to count the y above zero exactly. */
static void normalization_signs(void) {
  enum { rows = 613, channels = 19 };
  float *x = floats(rows * channels), *gamma = floats(channels), *beta = malloc(channels * sizeof *beta);
  float *g = malloc(rows * channels * 4), *y = malloc(rows * channels * 4), moments[2 * channels];
  float sums[2 * channels];
  double want[channels] = {0}, wrong = 0;
  sg_activation relu = {SG_RELU, 0};
  for (int c = 0; c < channels; c++)
    moments[c] = 0.7f * gamma[c], moments[channels + c] = 2.f + gamma[c], beta[c] = 1e-8f * gamma[c];
  for (int i = 0; i < rows * channels; i++)
    g[i] = 1, x[i] = moments[i % channels] * (1 + 6e-8f * (float)below(5) - 1.2e-7f);
  sg_normalize(x, moments, gamma, beta, 1e-5f, relu, y, rows, channels);
  sg_normalize_sums(g, x, y, moments, gamma, beta, 1e-5f, relu, sums, rows, channels);
  for (int i = 0; i < rows * channels; i++) want[i % channels] += y[i] > 0;
  for (int c = 0; c < channels; c++) wrong += fabs(sums[c] - want[c]);
  check(wrong == 0, "signs in normalization's derivative", wrong);
  free(x), free(g), free(y), free(gamma), free(beta);
}

static void adam(void) {
  enum { n = 1003 };
  float *g = floats(n), *w = floats(n), *m = floats(n), *v = floats(n), w2[n], m2[n], v2[n];
  double want[n];
  sg_adam p = {.rate = 1e-3f,
               .beta1 = 0.5f,
               .beta2 = 0.999f,
               .epsilon = 1e-8f,
               .correction1 = 0.75f,
               .correction2 = 0.002f};
  for (int i = 0; i < n; i++) {
    v[i] = fabsf(v[i]);
    double mean = (double)p.beta1 * m[i] + (1 - (double)p.beta1) * g[i];
    double square = (double)p.beta2 * v[i] + (1 - (double)p.beta2) * g[i] * g[i];
    want[i] = w[i] - p.rate * (mean / p.correction1) / (sqrt(square / p.correction2) + p.epsilon);
  }
  int finite = sg_adam_step(&p, n, g, w, m, v, NULL, w2, m2, v2, NULL);
  check(finite == 1 && error_of(w2, want, n) < 1e-6, "Adam", error_of(w2, want, n));
  g[777] = NAN;
  check(sg_adam_step(&p, n, g, w, m, v, NULL, w2, m2, v2, NULL) == 0, "Adam sees NaN", w2[777]);
  free(g), free(w), free(m), free(v);
}

static void random_numbers(void) {
  /* Known answers of Random123. */
  uint32_t zeros[6] = {0}, ones[6] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u}, out[4];
  static const uint32_t of_zeros[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  static const uint32_t of_ones[4] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  sg_philox(zeros, zeros + 4, out), check(!memcmp(out, of_zeros, 16), "Philox of zeros", out[0]);
  sg_philox(ones, ones + 4, out), check(!memcmp(out, of_ones, 16), "Philox of ones", out[0]);
  sg_random_key key = {.seed = 5, .step = 7, .stream = 3};
  uint32_t words[1003];
  float normal[1002];
  sg_random_words(key, 0, 1, 1003, words);
  for (uint32_t i = 0; i < 1003; i++) {
    uint32_t counter[4] = {i / 4, 0, 7, 3}, seed[2] = {5, 0};
    sg_philox(counter, seed, out);
    if (words[i] != out[i % 4]) check(0, "random words", i);
  }
  sg_random_normal(key, 0, 1, 1002, 0, 1, normal);
  double mean = 0, square = 0;
  for (int i = 0; i < 1002; i++) mean += normal[i] / 1002, square += (double)normal[i] * normal[i] / 1002;
  check(fabs(mean) < 0.1 && fabs(square - 1) < 0.15, "normal numbers", square);
}

/* The same bits with any number of threads. */
static void threads(void) {
  sg_convolution g = {4, 16, 16, 32, 8, 8, 64, 4, 4, 2, 2, 1, 1};
  size_t nx = 4 * 256 * 32, ny = 4 * 64 * 64;
  float *x = floats(nx), *w = floats(16 * 32 * 64), *y[2] = {malloc(ny * 4), malloc(ny * 4)};
  for (int n = 1; n <= 4; n++) {
    sg_threads_set(n);
    sg_convolution_output(&g, x, w, y[n > 1], NULL);
    if (n > 1) check(!memcmp(y[0], y[1], ny * 4), "the same bits with threads", n);
  }
  free(x), free(w), free(y[0]), free(y[1]);
}

int main(void) {
  products();
  convolutions();
  functions();
  sums();
  normalization();
  normalization_signs();
  adam();
  random_numbers();
  threads();
  printf("kernels, %s: %d passed, %d failed\n", sg_isa_name(sg_isa_current()), passed, failed);
  return failed != 0;
}
