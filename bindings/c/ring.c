/* Learns eight Gaussians on a ring and counts the samples near each: ring [STEPS] */
#include "example.h"
#include <math.h>

enum { MODES = 8, SAMPLES = 2500 };

int main(int argc, char **argv) {
  unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 10) : 16000;
  char config[512];
  snprintf(config, sizeof config,
           "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 16},"
           " \"optimizer\": {\"generator\": {\"adam\": {\"learning_rate\": 0.0005}},"
           "                 \"discriminator\": {\"adam\": {\"learning_rate\": 0.001}}},"
           " \"learning_rate\": {\"linear\": {\"steps\": %lu, \"to\": 0.02}},"
           " \"instance_noise\": {\"deviation\": 0.3, \"steps\": %lu}, \"average\": 0.999}",
           steps, steps / 2);
  swiftgan_dataset *data = NULL;
  swiftgan_model *model = NULL;
  check(swiftgan_dataset_open(&data, "ring", NULL));
  check(swiftgan_model_create(&model, config));
  check(swiftgan_model_train(model, data, steps, "{\"batch\": 256}", NULL, NULL));

  static float points[2 * SAMPLES];
  check(swiftgan_model_sample(model, SAMPLES, 1, NULL, points, 2 * SAMPLES, NULL));
  int near[MODES] = {0};
  for (int i = 0; i < SAMPLES; i++)
    for (int m = 0; m < MODES; m++) {
      double angle = 2 * 3.14159265358979 * m / MODES;
      near[m] += hypot(points[2 * i] - cos(angle), points[2 * i + 1] - sin(angle)) < 0.1;
    }
  for (int m = 0; m < MODES; m++) printf("mode %d: %4d of %d samples within 0.1\n", m, near[m], SAMPLES);
  swiftgan_model_destroy(model);
  swiftgan_dataset_destroy(data);
  return 0;
}
