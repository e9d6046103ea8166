/* Draws images from a checkpoint: sample MODEL PNG [COUNT [SEED]] */
#include "example.h"
#include <math.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s MODEL PNG [COUNT [SEED]]\n", argv[0]);
    return 64;
  }
  size_t count = argc > 3 ? strtoul(argv[3], NULL, 10) : 64;
  uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
  swiftgan_model *model = NULL;
  check(swiftgan_model_load(&model, argv[1]));

  /* The samples' shape, from the configuration. */
  size_t size = 0;
  check(swiftgan_model_config(model, NULL, 0, &size));
  char *config = malloc(size);
  if (!config) return 1;
  check(swiftgan_model_config(model, config, size, NULL));
  unsigned long long dims[3] = {0};
  const char *shape = strstr(config, "\"shape\":");
  if (!shape || sscanf(shape, "\"shape\": [ %llu , %llu , %llu ]", &dims[0], &dims[1], &dims[2]) < 3) {
    fprintf(stderr, "%s does not make images\n", argv[1]);
    return 1;
  }
  free(config);

  size_t needed = 0;
  check(swiftgan_model_sample(model, count, seed, NULL, NULL, 0, &needed));
  float *images = malloc(needed * sizeof *images);
  if (!images) return 1;
  check(swiftgan_model_sample(model, count, seed, NULL, images, needed, NULL));
  uint64_t extents[3] = {dims[0], dims[1], dims[2]};
  check(swiftgan_write_png(argv[2], images, count, extents, 3, (size_t)ceil(sqrt((double)count))));
  free(images);
  swiftgan_model_destroy(model);
  return 0;
}
