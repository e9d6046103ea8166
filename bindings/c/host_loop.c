/* The host's own data and its own loop: learns a circle of readings, stops when the samples keep to
 * it: host_loop [MOST_STEPS] */
#include "example.h"
#include <math.h>

enum { BATCH = 128, SAMPLES = 1000 };

/* A reading of this program's own sensor: a point on a circle, slightly noisy. */
static void measure(float *point) {
  double angle = 6.28318530717958648 * rand() / ((double)RAND_MAX + 1);
  double radius = 0.8 + 0.04 * (rand() / (double)RAND_MAX - 0.5);
  point[0] = (float)(radius * cos(angle));
  point[1] = (float)(radius * sin(angle));
}

/* Mean distance of the model's samples from the circle. */
static double distance(swiftgan_model *model) {
  static float points[2 * SAMPLES];
  check(swiftgan_model_sample(model, SAMPLES, 1, NULL, points, 2 * SAMPLES, NULL));
  double sum = 0;
  for (int i = 0; i < SAMPLES; i++) sum += fabs(hypot(points[2 * i], points[2 * i + 1]) - 0.8);
  return sum / SAMPLES;
}

int main(int argc, char **argv) {
  unsigned long most = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000;
  swiftgan_model *model = NULL;
  check(swiftgan_model_create(&model,
                              "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 8}, \"average\": 0.99,"
                              " \"optimizer\": {\"adam\": {\"learning_rate\": 0.001}}}"));
  double away = distance(model);
  for (unsigned long step = 1; step <= most; step++) {
    float batch[BATCH][2];
    char report[2048];
    for (int i = 0; i < BATCH; i++) measure(batch[i]);
    swiftgan_status status = swiftgan_model_step(model, batch[0], BATCH, NULL, report, sizeof report, NULL);
    if (status == SWIFTGAN_ERROR_DIVERGED) {
      fprintf(stderr, "%s; the model is as before that step\n", swiftgan_last_error());
      break;
    }
    check(status);
    if (step % 250 && step != most) continue;
    away = distance(model);
    printf("step %5lu: %.3f from the circle; %s\n", step, away, strstr(report, "\"verdict\""));
    if (away < 0.03) break;
  }
  printf("samples are %.3f from the circle on average\n", away);
  swiftgan_model_destroy(model);
  return 0;
}
