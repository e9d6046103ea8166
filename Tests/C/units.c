/* Vectors in units of their own: learned from standardized columns, given and taken in the data's
 * units. */
#include "check.h"

enum { ROWS = 500, COLUMNS = 3 };
/* Heights in millimeters, weights in grams, ages in years. */
static const float means[COLUMNS] = {1700, 70000, 48}, halves[COLUMNS] = {150, 20000, 30};

static const char *const config = "{\"data\": {\"shape\": [3]}, \"latent\": {\"size\": 4}, \"average\": 0.99,"
                                  " \"optimizer\": {\"adam\": {\"learning_rate\": 0.002}},"
                                  " \"generator\": {\"preset\": \"mlp\", \"width\": 24},"
                                  " \"discriminator\": {\"preset\": \"mlp\", \"width\": 24}}";
static const char *const raw_config =
    "{\"data\": {\"shape\": [3]}, \"latent\": {\"size\": 4}, \"standardize\": false,"
    " \"generator\": {\"preset\": \"mlp\", \"width\": 24},"
    " \"discriminator\": {\"preset\": \"mlp\", \"width\": 24}}";

static float *table(void) {
  float *x = values(ROWS * COLUMNS, 7);
  for (int i = 0; i < ROWS * COLUMNS; i++) x[i] = means[i % COLUMNS] + halves[i % COLUMNS] * x[i];
  return x;
}

static swiftgan_dataset *data_of(const float *x, size_t rows) {
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_from_memory(&d, x, rows, (uint64_t[]){COLUMNS}, 1, NULL));
  return d;
}

static void moments(const float *x, int rows, int column, double *mean, double *deviation) {
  double sum = 0, squares = 0;
  for (int i = 0; i < rows; i++) sum += x[i * COLUMNS + column];
  *mean = sum / rows;
  for (int i = 0; i < rows; i++) squares += pow(x[i * COLUMNS + column] - *mean, 2);
  *deviation = sqrt(squares / rows);
}

static int has_tensor(swiftgan_model *m, const char *wanted) {
  size_t count = 0;
  OK(swiftgan_model_tensor_count(m, &count));
  for (size_t i = 0; i < count; i++) {
    const char *name;
    OK(swiftgan_model_tensor_info(m, i, &name, NULL, NULL));
    if (strcmp(name, wanted) == 0) return 1;
  }
  return 0;
}

static void learns(const float *x, swiftgan_dataset *d) {
  static float samples[1000 * COLUMNS];
  char report[4096];
  swiftgan_model *m = new_model(config);
  OK(swiftgan_model_train(m, d, 1500, "{\"batch\": 64}", NULL, NULL));
  OK(swiftgan_model_sample(m, 1000, 1, NULL, samples, 1000 * COLUMNS, NULL));
  for (int k = 0; k < COLUMNS; k++) {
    double mean, deviation, wanted, spread;
    moments(samples, 1000, k, &mean, &deviation);
    moments(x, ROWS, k, &wanted, &spread);
    CHECK(fabs(mean - wanted) < 0.35 * spread, "column %d: mean %g for %g", k, mean, wanted);
    CHECK(deviation > 0.6 * spread && deviation < 1.5 * spread, "column %d: deviation %g for %g", k,
          deviation, spread);
  }
  OK(swiftgan_evaluate(m, d, "{\"count\": 400}", report, sizeof report, NULL));
  CHECK(strstr(report, "\"standardized\":true") != NULL, "%s", report);
  float offset[COLUMNS], factor[COLUMNS], bad[COLUMNS] = {1, 0, 1};
  OK(swiftgan_model_tensor_read(m, "standardize.offset", offset, COLUMNS));
  OK(swiftgan_model_tensor_read(m, "standardize.factor", factor, COLUMNS));
  CHECK(fabsf(offset[1] - means[1]) < 3000 && fabsf(factor[1] - 11547) < 1000, "%g %g", offset[1], factor[1]);
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_tensor_write(m, "standardize.factor", bad, COLUMNS),
         "above 0");
  swiftgan_model_destroy(m);
}

static void resumes(swiftgan_dataset *d) {
  swiftgan_model *whole = new_model(config), *half = new_model(config), *again = NULL;
  const char *path = place("half.safetensors");
  OK(swiftgan_model_train(whole, d, 9, "{\"batch\": 32}", NULL, NULL));
  OK(swiftgan_model_train(half, d, 4, "{\"batch\": 32}", NULL, NULL));
  OK(swiftgan_model_save(half, path));
  OK(swiftgan_model_load(&again, path));
  OK(swiftgan_model_train(again, d, 5, "{\"batch\": 32}", NULL, NULL));
  CHECK(same(whole, again), "a resumed training has other bits");
  swiftgan_model_destroy(whole);
  swiftgan_model_destroy(half);
  swiftgan_model_destroy(again);
}

/* Steps on raw arrays, and "ring" and "grid", are left alone; so is what the configuration says. */
static void off(const float *x, swiftgan_dataset *d) {
  swiftgan_model *m = new_model(config);
  OK(swiftgan_model_step(m, x, 32, NULL, NULL, 0, NULL));
  OK(swiftgan_model_train(m, d, 1, "{\"batch\": 32}", NULL, NULL));
  CHECK(!has_tensor(m, "standardize.offset"), "on after a step");
  swiftgan_model_destroy(m);
  m = new_model(raw_config);
  OK(swiftgan_model_train(m, d, 1, "{\"batch\": 32}", NULL, NULL));
  CHECK(!has_tensor(m, "standardize.offset"), "on in spite of the configuration");
  swiftgan_model_destroy(m);
  m = new_model(ring_config);
  swiftgan_dataset *ring = new_ring();
  OK(swiftgan_model_train(m, ring, 1, NULL, NULL, NULL));
  CHECK(!has_tensor(m, "standardize.offset"), "on for a ring");
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(ring);
  swiftgan_model *none = NULL;
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_create(&none, "{\"data\": {\"shape\": [16, 16, 1]}, \"standardize\": true}"),
         "standardize: goes with vectors");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_create(&none, "{\"data\": {\"shape\": [2]}, \"standardize\": 1}"),
         "standardize: expected true or false");
}

/* Columns that are huge, tiny, and constant; numbers that are none are refused as before. */
static void extremes(float *x) {
  float samples[64 * COLUMNS], logits[64], gradients[64 * COLUMNS];
  for (int i = 0; i < ROWS; i++) {
    x[COLUMNS * i] = 1e30f * (1 + (float)(i % 7));
    x[COLUMNS * i + 1] = 1e-30f * (float)(i % 5);
    x[COLUMNS * i + 2] = 2023;
  }
  swiftgan_dataset *d = data_of(x, ROWS);
  swiftgan_model *m = new_model(config);
  OK(swiftgan_model_train(m, d, 300, "{\"batch\": 32}", NULL, NULL));
  OK(swiftgan_model_sample(m, 64, 1, NULL, samples, 64 * COLUMNS, NULL));
  for (int i = 0; i < 64; i++) {
    CHECK(fabsf(samples[3 * i]) < 2e31f && fabsf(samples[3 * i + 1]) < 2e-29f, "%g %g", samples[3 * i],
          samples[3 * i + 1]);
    CHECK(fabsf(samples[3 * i + 2] - 2023) < 5, "%g", samples[3 * i + 2]);
  }
  OK(swiftgan_model_discriminate(m, x, 64, NULL, logits, 64));
  OK(swiftgan_model_log_density_ratio_gradient(m, x, 64, NULL, gradients, 64 * COLUMNS));
  for (int i = 0; i < 64; i++) CHECK(isfinite(logits[i]) && isfinite(gradients[3 * i + 1]), "sample %d", i);
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(d);
  swiftgan_dataset *none = NULL;
  x[4] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_memory(&none, x, ROWS, (uint64_t[]){3}, 1, NULL),
         "samples[1]: element 1");
  x[4] = INFINITY;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_memory(&none, x, ROWS, (uint64_t[]){3}, 1, NULL),
         "samples[1]: element 1");
}

/* A density in the data's own units: of a wider column it is lower by the logarithm of how much. */
static void likelihoods(const float *x) {
  const char *made = "{\"family\": \"made\", \"data\": {\"shape\": [1]},"
                     " \"made\": {\"width\": 8, \"output\": \"gaussian\"}}";
  float *columns[2] = {malloc(ROWS * sizeof(float)), malloc(ROWS * sizeof(float))}, nats[2][ROWS];
  for (int i = 0; i < ROWS; i++) {
    columns[0][i] = x[COLUMNS * i];
    columns[1][i] = 1024 * x[COLUMNS * i];
  }
  for (int unit = 0; unit < 2; unit++) {
    swiftgan_dataset *d = NULL;
    OK(swiftgan_dataset_from_memory(&d, columns[unit], ROWS, (uint64_t[]){1}, 1, NULL));
    swiftgan_model *m = new_model(made);
    OK(swiftgan_model_train(m, d, 50, NULL, NULL, NULL));
    OK(swiftgan_model_log_likelihood(m, columns[unit], ROWS, NULL, NULL, nats[unit], ROWS));
    swiftgan_model_destroy(m);
    swiftgan_dataset_destroy(d);
    free(columns[unit]);
  }
  for (int i = 0; i < ROWS; i += 50)
    CHECK(fabsf(nats[0][i] - nats[1][i] - logf(1024)) < 1e-3f, "%g and %g", nats[0][i], nats[1][i]);
}

int main(void) {
  float *x = table();
  swiftgan_dataset *d = data_of(x, ROWS);
  learns(x, d);
  resumes(d);
  off(x, d);
  swiftgan_dataset_destroy(d);
  likelihoods(x);
  extremes(x);
  free(x);
  return finish();
}
