/* The same seed gives the same bits with any number of threads, and a saved training goes on as if
 * never stopped. */
#include "check.h"

static swiftgan_model *trained(const char *config, size_t size, int threads, int steps) {
  OK(swiftgan_set_threads(threads));
  swiftgan_model *m = new_model(config);
  for (int i = 0; i < steps; i++) {
    float *x = values(32 * size, (uint32_t)i);
    OK(swiftgan_model_step(m, x, 32, NULL, NULL, 0, NULL));
    free(x);
  }
  return m;
}

static void threads(const char *config, size_t size) {
  swiftgan_model *one = trained(config, size, 1, 10);
  float *a = malloc(50 * size * sizeof *a), *b = malloc(50 * size * sizeof *b);
  OK(swiftgan_model_sample(one, 50, 7, NULL, a, 50 * size, NULL));
  for (int n = 2; n <= 4; n += 2) {
    swiftgan_model *more = trained(config, size, n, 10);
    CHECK(same(one, more), "%d threads differ from one", n);
    OK(swiftgan_model_sample(more, 50, 7, NULL, b, 50 * size, NULL));
    CHECK(memcmp(a, b, 50 * size * sizeof *a) == 0, "samples with %d threads", n);
    swiftgan_model_destroy(more);
  }
  free(a);
  free(b);
  swiftgan_model_destroy(one);
  OK(swiftgan_set_threads(0));
}

static void resume(const char *config, swiftgan_dataset *data) {
  swiftgan_model *whole = new_model(config), *half = new_model(config), *again = NULL;
  OK(swiftgan_model_train(whole, data, 100, "{\"batch\": 48}", NULL, NULL));
  OK(swiftgan_model_train(half, data, 50, "{\"batch\": 48}", NULL, NULL));
  OK(swiftgan_model_save(half, place("half.safetensors")));
  OK(swiftgan_model_load(&again, place("half.safetensors")));
  CHECK(same(half, again), "the loaded model is not the saved one");
  OK(swiftgan_model_train(again, data, 50, "{\"batch\": 48}", NULL, NULL));
  CHECK(same(whole, again), "50 + 50 steps differ from 100");
  swiftgan_model_destroy(whole);
  swiftgan_model_destroy(half);
  swiftgan_model_destroy(again);
}

int main(void) {
  threads(ring_config, 2);
  threads(image_config, 16 * 16);
  threads("{\"data\": {\"shape\": [32, 32, 3]}, \"latent\": {\"size\": 8}, \"schedule\": {\"update\": "
          "\"simultaneous\"},"
          " \"generator\": {\"preset\": \"dcgan\", \"width\": 16},"
          " \"discriminator\": {\"layers\": [{\"conv\": {\"channels\": 16, \"kernel\": 4, \"stride\": 2}},"
          "  \"layer_norm\", \"silu\", {\"dropout\": 0.3}, \"flatten\", {\"dense\": 1}]}}",
          32 * 32 * 3);

  swiftgan_dataset *ring = new_ring(), *images = NULL;
  float *x = values(200 * 256, 1);
  OK(swiftgan_dataset_from_memory(&images, x, 200, (uint64_t[]){16, 16, 1}, 3, NULL));
  resume(ring_config, ring);
  resume(image_config, images);
  resume("{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 4, \"distribution\": \"uniform\"},"
         " \"generator\": {\"layers\": [{\"dense\": 16}, {\"dropout\": 0.2}, \"elu\", {\"dense\": 2}]},"
         " \"schedule\": {\"discriminator_steps\": 2, \"generator_steps\": 2},"
         " \"optimizer\": {\"generator\": {\"rmsprop\": {\"momentum\": 0.5}},"
         "                 \"discriminator\": {\"adam\": {\"amsgrad\": true, \"weight_decay\": 0.01}}},"
         " \"learning_rate\": {\"cosine\": {\"steps\": 80, \"to\": 0.1}}, \"average\": 0.99, \"seed\": 5}",
         ring);
  free(x);
  swiftgan_dataset_destroy(ring);
  swiftgan_dataset_destroy(images);
  return finish();
}
