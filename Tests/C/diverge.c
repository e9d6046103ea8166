/* A training that turns NaN ends with the step and the tensor; the model is as before that step,
 * the last checkpoint stands. */
#include "check.h"

static uint64_t last_step;
static int32_t note(void *context, uint64_t step, const char *report) {
  (void)context, (void)report;
  last_step = step;
  return 0;
}

static void diverges(const char *optimizer) {
  char config[1024];
  snprintf(config, sizeof config,
           "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 4}, \"optimizer\": %s,"
           " \"generator\": {\"preset\": \"mlp\", \"width\": 16}, \"discriminator\": {\"preset\": \"mlp\", "
           "\"width\": 16}}",
           optimizer);
  swiftgan_model *m = new_model(config), *kept = NULL, *replay = new_model(config);
  swiftgan_dataset *d = new_ring();
  char options[640];
  snprintf(options, sizeof options, "{\"batch\": 16, \"checkpoint\": \"%s\", \"checkpoint_every\": 1}",
           place("good"));
  remove(place("good"));
  OK(swiftgan_model_save(m, place("good")));
  last_step = 0;
  EXPECT(SWIFTGAN_ERROR_DIVERGED, swiftgan_model_train(m, d, 1000, options, note, NULL), "step ");
  char expected[64];
  snprintf(expected, sizeof expected, "step %d:", (int)last_step + 1);
  CHECK(strstr(swiftgan_last_error(), expected) != NULL, "expected %s in %s", expected,
        swiftgan_last_error());
  CHECK(strstr(swiftgan_last_error(), "generator") || strstr(swiftgan_last_error(), "discriminator"), "%s",
        swiftgan_last_error());
  size_t n;
  float *t = all_tensors(m, &n);
  for (size_t i = 0; i < n; i++)
    if (!isfinite(t[i])) {
      CHECK(0, "element %zu is %f", i, t[i]);
      break;
    }
  free(t);
  OK(swiftgan_model_load(&kept, place("good")));
  CHECK(same(kept, m), "the checkpoint is not the last good step");
  if (last_step) OK(swiftgan_model_train(replay, d, last_step, "{\"batch\": 16}", NULL, NULL));
  CHECK(same(replay, m), "the model is not as before step %d", (int)last_step + 1);
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(kept);
  swiftgan_model_destroy(replay);
  swiftgan_dataset_destroy(d);
}

/* A variance beyond 32-bit floats leaves cost and gradient finite, but a checkpoint that could not
 * be loaded. */
static void statistics(const char *players, const char *tensor) {
  char config[400];
  snprintf(config, sizeof config,
           "{\"data\": {\"shape\": [2]}, \"generator\": {\"layers\": [{\"dense\": 2}]},"
           " \"standardize\": false, %s}",
           players);
  swiftgan_model *m = new_model(config), *kept = new_model(config), *again = NULL;
  const float far[] = {1e30f, -1e30f, -1e30f, 1e30f, 1e30f, 1e30f};
  EXPECT(SWIFTGAN_ERROR_DIVERGED, swiftgan_model_step(m, far, 3, NULL, NULL, 0, NULL), tensor);
  CHECK(same(kept, m), "the step changed the model");
  OK(swiftgan_model_save(m, place("far")));
  OK(swiftgan_model_load(&again, place("far")));
  swiftgan_model_destroy(again);
  swiftgan_model_destroy(kept);
  swiftgan_model_destroy(m);
}

int main(void) {
#define NORMALIZED "{\"layers\": [{\"dense\": 4}, \"batch_norm\", {\"dense\": 1}]}"
#define PLAIN "{\"layers\": [{\"dense\": 4}, \"layer_norm\", {\"dense\": 1}]}"
  statistics("\"discriminator\": " NORMALIZED, "discriminator.1.running_var");
  statistics("\"discriminator\": " PLAIN ", \"discriminators\": {\"b\": " NORMALIZED "}", "b.1.running_var");
  diverges("{\"sgd\": {\"learning_rate\": 1e30}}");
  diverges("{\"sgd\": {\"learning_rate\": 1e5, \"momentum\": 0.9}}");
  diverges("{\"adam\": {\"learning_rate\": 1e20}}");
  return finish();
}
