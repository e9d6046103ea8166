/* The density ratio, the divergences read off it, and the comparison of costs. */
#include "check.h"

static char text[1 << 16];

static double figure(const char *key) { /* the number after "key": or after "key": {"value": */
  char quoted[80];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(text, quoted);
  CHECK(at != NULL, "no %s in %s", key, text);
  if (!at) return NAN;
  at += strlen(quoted);
  while (*at == ' ' || *at == '{') at++;
  if (*at == '"') at = strchr(at, ':') + 1;
  return atof(at);
}

/* A generator that maps z to a z + b and a linear-in-x, x² discriminator cannot be written here;
 * instead: the ratio is a function of the logit alone. */
static void ratios(const char *smoothing, double real, double fake, double flipping) {
  char config[1024];
  snprintf(config, sizeof config, "{\"label_smoothing\": %s, \"label_flipping\": %g, %s", smoothing, flipping,
           ring_config + 1);
  swiftgan_model *m = new_model(config);
  swiftgan_dataset *d = new_ring();
  OK(swiftgan_model_train(m, d, 20, NULL, NULL, NULL));
  float x[20], logits[10], ratios[10], logs[10], slopes[20], moved[20], after[10];
  OK(swiftgan_dataset_read(d, 0, 10, x, 20, NULL));
  OK(swiftgan_model_discriminate(m, x, 10, NULL, logits, 10));
  OK(swiftgan_model_density_ratio(m, x, 10, NULL, ratios, 10));
  OK(swiftgan_model_log_density_ratio(m, x, 10, NULL, logs, 10));
  OK(swiftgan_model_log_density_ratio_gradient(m, x, 10, NULL, slopes, 20));
  for (int i = 0; i < 10; i++) {
    double D = 1 / (1 + exp(-(double)logits[i])), s = (D - fake) / (1 - real - fake);
    double want = (s - flipping) / (1 - flipping - s);
    CHECK(fabs(ratios[i] / want - 1) < 1e-4, "ratio %g, not %g", ratios[i], want);
    CHECK(fabs(logs[i] - log(want)) < 1e-4, "log ratio %g, not %g", logs[i], log(want));
  }
  for (int i = 0; i < 20; i++) moved[i] = x[i] + 1e-3f * slopes[i];
  OK(swiftgan_model_log_density_ratio(m, moved, 10, NULL, after, 10));
  for (int i = 0; i < 10; i++) CHECK(after[i] >= logs[i], "%g is below %g", after[i], logs[i]);

  OK(swiftgan_model_divergences(m, d, "{\"count\": 400, \"seed\": 3}", text, sizeof text, NULL));
  CHECK(figure("count") == 400 && figure("seed") == 3, "%s", text);
  CHECK(isfinite(figure("kl")) && isfinite(figure("reverse_kl")) && isfinite(figure("pearson")), "%s", text);
  CHECK(figure("limited") >= 0 && figure("limited") <= 1 && figure("kl") <= log(400) + 1e-5, "%s", text);
  CHECK(figure("total_variation") <= 1 && figure("jensen_shannon") <= log(2), "%s", text);
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(d);
}

static void errors(void) {
  swiftgan_model *m = new_model(ring_config), *tv;
  swiftgan_dataset *d = new_ring(), *images = NULL;
  float x[8] = {0}, y[8] = {7};
  const int32_t labels[4] = {0};
  swiftgan_inputs with_labels = {sizeof with_labels, labels, NULL, NULL, 0};
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_density_ratio(m, NULL, 4, NULL, y, 4), "samples");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_density_ratio(m, x, 4, NULL, NULL, 4), "ratios");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_density_ratio(m, x, 4, NULL, y, 3), "ratios");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_log_density_ratio_gradient(m, x, 4, NULL, y, 7),
         "8");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_density_ratio(m, x, 4, &with_labels, y, 4), "labels");
  x[5] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_density_ratio(m, x, 4, NULL, y, 4), "samples[2]");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_log_density_ratio_gradient(m, x, 4, NULL, y, 8),
         "samples[2]");
  CHECK(y[0] == 7, "an output was written");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT,
         swiftgan_model_divergences(m, d, "{\"count\": 1001}", text, sizeof text, NULL), "2...1000");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_divergences(m, d, "{\"counts\": 10}", text, sizeof text, NULL),
         "\"count\"");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_divergences(m, d, NULL, text, 10, NULL),
         "report_json");
  OK(swiftgan_dataset_from_memory(&images, (float[16]){0}, 1, (uint64_t[]){4, 4, 1}, 3, NULL));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_divergences(m, images, NULL, text, sizeof text, NULL),
         "[4, 4, 1]");

  char config[1024];
  snprintf(config, sizeof config, "{\"objective\": {\"f_gan\": {\"divergence\": \"total_variation\"}}, %s",
           ring_config + 1);
  tv = new_model(config);
  x[5] = 0;
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_density_ratio(tv, x, 4, NULL, y, 4), "total variation");
  swiftgan_model_destroy(tv);
  const char *scores[] = {"wasserstein", "hinge", "relativistic"};
  for (size_t i = 0; i < 3; i++) {
    snprintf(config, sizeof config, "{\"objective\": \"%s\", \"penalties\": {\"r1\": 1}, %s", scores[i],
             ring_config + 1);
    swiftgan_model *score = new_model(config);
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_density_ratio(score, x, 4, NULL, y, 4),
           "a score, not a density ratio");
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_divergences(score, d, NULL, text, sizeof text, NULL),
           "score");
    OK(swiftgan_model_step(score, x, 4, NULL, text, sizeof text, NULL));
    CHECK(strstr(text, "penalty_r1"), "%s", text);
    swiftgan_model_destroy(score);
  }
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(d);
  swiftgan_dataset_destroy(images);
}

static void costs(void) {
  swiftgan_model *m = new_model(ring_config);
  OK(swiftgan_compare_costs(NULL, NULL, text, sizeof text, NULL));
  CHECK(strstr(text, "maximum_likelihood") && !strstr(text, "gradient_norm"), "%.200s", text);
  OK(swiftgan_compare_costs(m, "{\"points\": 2, \"batches\": 2, \"objectives\": [\"minimax\"]}", text,
                            sizeof text, NULL));
  /* D = 1/4: cost ½ log(3/4), slope -½ / (3/4) */
  const char *slope = strstr(text, "\"slope\":[");
  CHECK(slope && fabs(atof(slope + 9) + 2.0 / 3) < 1e-5, "%s", text);
  CHECK(figure("gradient_norm") > 0 && figure("gradient_variance") > 0, "%s", text);
  size_t needed = 0;
  OK(swiftgan_compare_costs(NULL, NULL, NULL, 0, &needed));
  CHECK(needed > 1000, "needed is %zu", needed);
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_compare_costs(NULL, "{\"objectives\": [\"minmax\"]}", text, 99, NULL),
         "did you mean \"minimax\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_compare_costs(NULL, "{\"objectives\": [{\"f_gan\": {\"divergence\": \"kll\"}}]}", text, 99,
                                NULL),
         "did you mean \"kl\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_compare_costs(NULL, "{\"points\": 1}", text, 99, NULL), "points");
  swiftgan_model_destroy(m);
}

int main(void) {
  ratios("{}", 0, 0, 0);
  ratios("{}", 0, 0, 0.1);
  ratios("{\"real\": 0.1}", 0.1, 0, 0);
  ratios("{\"real\": 0.1, \"fake\": 0.05}", 0.1, 0.05, 0);
  ratios("{\"real\": 0.1, \"fake\": 0.05}", 0.1, 0.05, 0.1);
  errors();
  costs();
  return finish();
}
