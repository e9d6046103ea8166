/* Labels and conditions: what is missing, out of range or not wanted. */
#include "check.h"

#define MODEL(labels)                                                                                        \
  "{\"data\": {\"shape\": [2], \"classes\": 3}, \"latent\": {\"size\": 4}, \"labels\": " labels ","          \
  " \"generator\": {\"preset\": \"mlp\", \"width\": 8}, \"discriminator\": {\"preset\": \"mlp\", "           \
  "\"width\": 8}}"

static void refused(const char *config, const char *words) {
  swiftgan_model *m = NULL;
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_create(&m, config), words);
  CHECK(m == NULL, "a handle was written");
}

/* Classes by name: they belong to the model, and other data is matched by them. */
static void names(void) {
  const char *config = MODEL("{\"mode\": \"conditional\"}");
  const char *few = "a,b,kind\n1,2,dog\n3,4,owl\n5,6,dog\n", *all = "a,b,kind\n1,2,cat\n3,4,dog\n5,6,owl\n",
             *other = "a,b,kind\n1,2,cat\n3,4,cow\n";
  const char *paths[3] = {place("all.csv"), place("few.csv"), place("other.csv")},
             *path = place("named.safetensors");
  write_file(paths[0], all, strlen(all));
  write_file(paths[1], few, strlen(few));
  write_file(paths[2], other, strlen(other));
  swiftgan_dataset *d[3] = {NULL}, *by_name = NULL;
  for (int i = 0; i < 3; i++) OK(swiftgan_dataset_open(&d[i], paths[i], "{\"labels\": \"kind\"}"));
  swiftgan_model *m = new_model(config), *a = NULL, *b = NULL;
  char summary[8192];
  OK(swiftgan_model_summary(m, summary, sizeof summary, NULL));
  CHECK(strstr(summary, "\"class_names\": []") != NULL, "%s", summary);
  OK(swiftgan_model_train(m, d[0], 2, NULL, NULL, NULL));
  OK(swiftgan_model_save(m, path));
  swiftgan_model_destroy(m);
  OK(swiftgan_model_load(&a, path));
  OK(swiftgan_model_load(&b, path));
  OK(swiftgan_model_summary(a, summary, sizeof summary, NULL));
  const char *at = strstr(summary, "\"class_names\"");
  CHECK(at && strstr(at, "\"cat\"") < strstr(at, "\"dog\"") && strstr(at, "\"owl\""), "%s", summary);
  /* The second table numbers dog and owl from 0. */
  OK(swiftgan_dataset_derive(&by_name, d[1], "{\"classes\": [\"cat\", \"dog\", \"owl\"]}"));
  OK(swiftgan_model_train(a, d[1], 3, NULL, NULL, NULL));
  OK(swiftgan_model_train(b, by_name, 3, NULL, NULL, NULL));
  CHECK(same(a, b), "classes were not matched by name");
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(a, d[2], 1, NULL, NULL, NULL), "\"cow\"");
  CHECK(same(a, b), "changed by a call that failed");
  swiftgan_model_destroy(a);
  swiftgan_model_destroy(b);
  for (int i = 0; i < 3; i++) swiftgan_dataset_destroy(d[i]);
  swiftgan_dataset_destroy(by_name);
}

int main(void) {
  float x[8] = {0.5f, 1, -1, 0, 2, 1, 0, 0}, y[24] = {7};
  size_t needed = 0;
  const swiftgan_status argument = SWIFTGAN_ERROR_ARGUMENT, unsupported = SWIFTGAN_ERROR_UNSUPPORTED;
  const int32_t right[4] = {0, 1, 2, 0}, low[4] = {0, -1, 2, 0}, high[4] = {0, 1, 3, 0};
  swiftgan_inputs in = {sizeof in, right, NULL, NULL, 0}, bad = {sizeof in, low, NULL, NULL, 0},
                  beyond = {sizeof in, high, NULL, NULL, 0}, none = {sizeof in, NULL, NULL, NULL, 0},
                  numbers = {sizeof in, right, NULL, x, 1};

  swiftgan_model *m = new_model(MODEL("{\"mode\": \"conditional\"}"));
  EXPECT(argument, swiftgan_model_step(m, x, 4, NULL, NULL, 0, NULL), "expected a class 0...2");
  EXPECT(argument, swiftgan_model_step(m, x, 4, &none, NULL, 0, NULL), "expected a class 0...2");
  EXPECT(argument, swiftgan_model_step(m, x, 4, &bad, NULL, 0, NULL), "labels[1]: expected 0...2, found -1");
  EXPECT(argument, swiftgan_model_step(m, x, 4, &beyond, NULL, 0, NULL),
         "labels[2]: expected 0...2, found 3");
  EXPECT(unsupported, swiftgan_model_step(m, x, 4, &numbers, NULL, 0, NULL), "no conditions");
  OK(swiftgan_model_step(m, x, 4, &in, NULL, 0, NULL));
  EXPECT(argument, swiftgan_model_sample(m, 4, 1, NULL, y, 8, NULL), "expected a class 0...2");
  EXPECT(argument, swiftgan_model_sample(m, 4, 1, &beyond, y, 8, NULL), "labels[2]");
  EXPECT(argument, swiftgan_model_discriminate(m, x, 4, NULL, y, 4), "expected a class");
  EXPECT(argument, swiftgan_model_density_ratio(m, x, 4, &bad, y, 4), "labels[1]");
  EXPECT(unsupported, swiftgan_model_classify(m, x, 4, y, 12, &needed), "conditional");
  CHECK(y[0] == 7, "an output was written");
  OK(swiftgan_model_sample(m, 4, 1, &in, y, 8, NULL));
  OK(swiftgan_model_discriminate(m, x, 4, &in, y, 4));
  OK(swiftgan_model_density_ratio(m, x, 4, &in, y, 4));
  swiftgan_dataset *ring = new_ring(), *unlabelled = NULL, *conditioned = NULL;
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(m, ring, 1, NULL, NULL, NULL), "3 classes");
  OK(swiftgan_dataset_from_memory(&unlabelled, x, 4, (uint64_t[]){2}, 1, NULL));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(m, unlabelled, 1, NULL, NULL, NULL), "none");
  EXPECT(argument, swiftgan_model_divergences(m, unlabelled, NULL, NULL, 0, &needed), "expected a class");
  swiftgan_dataset_destroy(unlabelled);
  OK(swiftgan_dataset_from_memory(&unlabelled, x, 4, (uint64_t[]){2}, 1, &bad));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(m, unlabelled, 1, NULL, NULL, NULL),
         "sample 1 has no label");
  /* A struct of the first version, without condition_size. */
  swiftgan_inputs first = {offsetof(swiftgan_inputs, condition_size), right, NULL, NULL, 99};
  OK(swiftgan_model_sample(m, 4, 1, &first, y, 8, NULL));
  swiftgan_model_destroy(m);

  m = new_model(MODEL("{\"mode\": \"auxiliary\"}"));
  OK(swiftgan_model_step(m, x, 4, &in, NULL, 0, NULL));
  EXPECT(unsupported, swiftgan_model_discriminate(m, x, 4, &in, y, 4), "labels");
  OK(swiftgan_model_discriminate(m, x, 4, NULL, y, 4));
  OK(swiftgan_model_classify(m, x, 4, NULL, 0, &needed));
  CHECK(needed == 12, "needed is %zu", needed);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_classify(m, x, 4, y, 11, NULL), "12");
  EXPECT(argument, swiftgan_model_classify(m, NULL, 4, y, 12, NULL), "samples");
  EXPECT(argument, swiftgan_model_classify(m, (float[]){0, 1, NAN, 0}, 2, y, 12, NULL), "samples[1]");
  OK(swiftgan_model_classify(m, x, 4, y, 12, NULL));
  swiftgan_model_destroy(m);

  m = new_model(MODEL("{\"mode\": \"semi_supervised\"}"));
  char report[2048];
  OK(swiftgan_model_step(m, x, 4, NULL, report, sizeof report, NULL));
  CHECK(!strstr(report, "class_accuracy"), "%s", report);
  OK(swiftgan_model_step(m, x, 4, &bad, report, sizeof report, NULL)); /* -1: unknown */
  CHECK(strstr(report, "class_accuracy") != NULL, "%s", report);
  EXPECT(argument, swiftgan_model_step(m, x, 4, &beyond, NULL, 0, NULL), "expected -1...2");
  EXPECT(unsupported, swiftgan_model_sample(m, 4, 1, &in, y, 8, NULL), "semi_supervised");
  OK(swiftgan_model_sample(m, 4, 1, NULL, y, 8, NULL));
  OK(swiftgan_model_classify(m, x, 4, y, 12, NULL));
  swiftgan_model_destroy(m);

  m = new_model("{\"data\": {\"shape\": [2], \"conditions\": 2}, \"labels\": {\"mode\": \"conditional\"}}");
  EXPECT(argument, swiftgan_model_step(m, x, 4, NULL, NULL, 0, NULL), "conditioned on 2 numbers");
  EXPECT(unsupported, swiftgan_model_step(m, x, 4, &in, NULL, 0, NULL), "labels");
  numbers.labels = NULL;
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_step(m, x, 4, &numbers, NULL, 0, NULL),
         "expected 2, found 1");
  numbers.condition_size = 2;
  OK(swiftgan_model_step(m, x, 4, &numbers, NULL, 0, NULL));
  OK(swiftgan_dataset_from_memory(&conditioned, x, 4, (uint64_t[]){2}, 1, &numbers));
  OK(swiftgan_model_train(m, conditioned, 2, NULL, NULL, NULL));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(m, ring, 1, NULL, NULL, NULL), "the data has 0");
  float broken[8] = {0, 0, 0, INFINITY, 0, 0, 0, 0};
  numbers.conditions = broken;
  EXPECT(argument, swiftgan_model_step(m, x, 4, &numbers, NULL, 0, NULL), "conditions[1]");
  numbers.condition_size = 0;
  swiftgan_dataset *d = NULL;
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 4, (uint64_t[]){2}, 1, &numbers), "condition_size");
  swiftgan_model_destroy(m);

  refused(MODEL("{\"mode\": \"conditonal\"}"), "\"conditional\"");
  refused(MODEL("{\"mode\": \"auxiliary\", \"discriminator\": \"projection\"}"), "projection");
  refused(MODEL("{\"mode\": \"conditional\", \"generator\": \"batch_norm\"}"), "no batch norm");
  refused("{\"data\": {\"shape\": [2]}, \"labels\": {\"mode\": \"conditional\"}}",
          "data.classes or data.conditions");
  refused("{\"data\": {\"shape\": [2], \"classes\": 1}, \"labels\": {\"mode\": \"auxiliary\"}}",
          "at least 2");
  refused("{\"data\": {\"shape\": [2], \"conditions\": 1}}", "uses no conditions");
  refused("{\"data\": {\"shape\": [2]}, \"generator\": {\"layers\": [\"condition\", {\"dense\": 2}]}}",
          "layers[0]");
  refused("{\"data\": {\"shape\": [2]}, \"feature_matching\": 1, \"discriminator\": {\"layers\": "
          "[{\"dense\": 1}]}}",
          "features");
  refused(MODEL("{\"mode\": \"semi_supervised\"}, \"objective\": {\"f_gan\": {\"divergence\": \"kl\"}}"),
          "f_gan");
  swiftgan_dataset_destroy(ring);
  swiftgan_dataset_destroy(unlabelled);
  swiftgan_dataset_destroy(conditioned);
  names();
  return finish();
}
