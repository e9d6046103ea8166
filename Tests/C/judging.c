/* Evaluation of models and of the caller's own features. */
#include "check.h"

static char text[4096];

static double figure(const char *key) {
  char quoted[80];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(text, quoted);
  CHECK(at != NULL, "no %s in %s", key, text);
  return at ? atof(at + strlen(quoted)) : NAN;
}

int main(void) {
  swiftgan_model *m = new_model(ring_config);
  swiftgan_dataset *d = new_ring(), *images = NULL;
  size_t needed = 0;
  OK(swiftgan_evaluate(m, d, "{\"count\": 300}", text, sizeof text, &needed));
  CHECK(figure("n_real") == 300 && figure("n_fake") == 300 && figure("size") == 2, "%s", text);
  CHECK(figure("frechet_distance") > 0 && figure("kernel_distance") > 0, "%s", text);
  CHECK(figure("modes") == 8 || strstr(text, "\"modes\":{"), "%s", text);
  CHECK(needed == strlen(text) + 1, "needed is %zu", needed);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_evaluate(m, d, NULL, text, 100, NULL), "4096");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_evaluate(m, d, "{\"count\": 3}", text, 4096, NULL), "count");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate(m, d, "{\"count\": 5000}", text, 4096, NULL), "7...1000");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_evaluate(m, d, "{\"features\": \"pixel\"}", text, 4096, NULL),
         "\"pixels\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_evaluate(m, d, "{\"seeds\": 1}", text, 4096, NULL), "\"seed\"");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate(NULL, d, NULL, text, 4096, NULL), "model");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate(m, NULL, NULL, text, 4096, NULL), "data");
  OK(swiftgan_dataset_from_memory(&images, (float[256]){0}, 16, (uint64_t[]){4, 4, 1}, 3, NULL));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_evaluate(m, images, NULL, text, 4096, NULL), "[4, 4, 1]");
  swiftgan_dataset_destroy(images);
  swiftgan_dataset_destroy(d);
  swiftgan_model_destroy(m);

  /* Two sets of four features whose means differ by 2 in each, and nothing else. */
  enum { N = 40, K = 4 };
  float real[N * K], fake[N * K];
  for (int i = 0; i < N * K; i++) {
    real[i] = (float)((i * 7919) % 101) / 50 - 1;
    fake[i] = real[i] + 2;
  }
  OK(swiftgan_evaluate_features(real, N, fake, N, K, NULL, text, sizeof text, NULL));
  CHECK(fabs(figure("frechet_distance") - 4 * K) < 1e-3, "%s", text);
  OK(swiftgan_evaluate_features(real, N, real, N, K, NULL, text, sizeof text, NULL));
  CHECK(fabs(figure("frechet_distance")) < 1e-3 && figure("precision") == 1 && figure("coverage") == 1, "%s",
        text);
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate_features(real, 3, fake, N, K, NULL, text, 4096, NULL),
         "7");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate_features(real, 10, fake, 10, 16, NULL, text, 4096, NULL),
         "17");
  OK(swiftgan_evaluate_features(real, 10, fake, 10, 16, "{\"ridge\": 0.1}", text, 4096, NULL));
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate_features(NULL, N, fake, N, K, NULL, text, 4096, NULL),
         "real");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate_features(real, N, fake, N, 0, NULL, text, 4096, NULL),
         "size");
  fake[9] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_evaluate_features(real, N, fake, N, K, NULL, text, 4096, NULL),
         "fake[2]");
  return finish();
}
