/* The way from one image to another through a checkpoint's latents: interpolate MODEL PNG [SEED
 * [STEPS]] writes a row for each of four pairs, along the arc that keeps the latents' length. */
#include "example.h"

enum { PAIRS = 4 };

static float *floats(size_t count) {
  float *buffer = malloc(count * sizeof *buffer);
  if (buffer) return buffer;
  fprintf(stderr, "no memory for %zu floats\n", count);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s MODEL PNG [SEED [STEPS]]\n", argv[0]);
    return 64;
  }
  uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
  size_t steps = argc > 4 ? strtoul(argv[4], NULL, 10) : 8;
  swiftgan_model *model = NULL;
  check(swiftgan_model_load(&model, argv[1]));
  uint64_t dims[3];
  image_shape(model, dims);

  size_t total = 0, pixels = 0, count = PAIRS * steps;
  check(swiftgan_model_latents(model, 2 * PAIRS, seed, NULL, 0, &total));
  float *ends = floats(total);
  check(swiftgan_model_latents(model, 2 * PAIRS, seed, ends, total, NULL));

  size_t size = total / (2 * PAIRS);
  float *way = floats(count * size);
  for (size_t i = 0; i < PAIRS; i++)
    check(swiftgan_interpolate(ends + 2 * i * size, ends + (2 * i + 1) * size, size, steps, 1,
                               way + i * steps * size, steps * size));

  swiftgan_inputs inputs;
  memset(&inputs, 0, sizeof inputs);
  inputs.size = sizeof inputs;
  inputs.latents = way;
  check(swiftgan_model_sample(model, count, seed, &inputs, NULL, 0, &pixels));
  float *images = floats(pixels);
  check(swiftgan_model_sample(model, count, seed, &inputs, images, pixels, NULL));
  check(swiftgan_write_png(argv[2], images, count, dims, 3, steps));
  free(images);
  free(way);
  free(ends);
  swiftgan_model_destroy(model);
  return 0;
}
