/* Draws images from a checkpoint: sample MODEL PNG [COUNT [SEED]] */
#include "example.h"
#include <math.h>

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s MODEL PNG [COUNT [SEED]]\n", argv[0]);
    return 64;
  }
  size_t count = argc > 3 ? strtoul(argv[3], NULL, 10) : 64;
  uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
  swiftgan_model *model = NULL;
  check(swiftgan_model_load(&model, argv[1]));

  uint64_t dims[3];
  image_shape(model, dims);

  size_t needed = 0;
  check(swiftgan_model_sample(model, count, seed, NULL, NULL, 0, &needed));
  float *images = malloc(needed * sizeof *images);
  if (!images) return 1;
  check(swiftgan_model_sample(model, count, seed, NULL, images, needed, NULL));
  check(swiftgan_write_png(argv[2], images, count, dims, 3, (size_t)ceil(sqrt((double)count))));
  free(images);
  swiftgan_model_destroy(model);
  return 0;
}
