/* Trains a DCGAN on IDX images: train DATA STEPS OUT [WIDTH]
 * writes OUT/model.safetensors and OUT/samples.png. */
#include "example.h"
#include <string.h>

/* The value of a number in a JSON report; enough for these flat objects. */
static double figure(const char *report, const char *key) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(report, quoted);
  return at ? strtod(at + strlen(quoted), NULL) : 0;
}

static int32_t progress(void *context, uint64_t step, const char *report) {
  (void)context;
  fprintf(stderr, "\rstep %llu  cost D %.3f G %.3f  D(real) %.2f D(fake) %.2f  %.0f images/s   ",
          (unsigned long long)step, figure(report, "discriminator_cost"), figure(report, "generator_cost"),
          figure(report, "real_output"), figure(report, "fake_output"), figure(report, "images_per_second"));
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s DATA STEPS OUT [WIDTH]\n", argv[0]);
    return 64;
  }
  swiftgan_dataset *data = NULL;
  swiftgan_model *model = NULL;
  check(swiftgan_dataset_open(&data, argv[1], NULL));

  char info[1024];
  check(swiftgan_dataset_info(data, info, sizeof info, NULL));
  uint64_t dims[3];
  shape_in(info, dims);
  int width = argc > 4 ? atoi(argv[4]) : 32;
  char config[512];
  snprintf(
      config, sizeof config,
      "{\"data\": {\"shape\": [%llu, %llu, %llu]}, \"generator\": {\"preset\": \"dcgan\", \"width\": %d},"
      " \"discriminator\": {\"preset\": \"dcgan\", \"width\": %d}}",
      (unsigned long long)dims[0], (unsigned long long)dims[1], (unsigned long long)dims[2], width, width);
  check(swiftgan_model_create(&model, config));

  char path[4096], options[4200];
  snprintf(path, sizeof path, "%s/model.safetensors", argv[3]);
  snprintf(options, sizeof options, "{\"report_every\": 10, \"checkpoint\": \"%s\"}", path);
  check(swiftgan_model_train(model, data, strtoull(argv[2], NULL, 10), options, progress, NULL));
  fprintf(stderr, "\n%s\n", path);

  size_t needed = 0;
  check(swiftgan_model_sample(model, 64, 1, NULL, NULL, 0, &needed));
  float *images = malloc(needed * sizeof *images);
  if (!images) return 1;
  check(swiftgan_model_sample(model, 64, 1, NULL, images, needed, NULL));
  snprintf(path, sizeof path, "%s/samples.png", argv[3]);
  check(swiftgan_write_png(path, images, 64, dims, 3, 8));
  fprintf(stderr, "%s\n", path);
  free(images);
  swiftgan_model_destroy(model);
  swiftgan_dataset_destroy(data);
  return 0;
}
