/* What the examples share: an error ends the program with the library's words; the shape of a
 * model's images. */
#ifndef EXAMPLE_H
#define EXAMPLE_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <swiftgan.h>

static inline void check(swiftgan_status status) {
  if (status == SWIFTGAN_OK) return;
  fprintf(stderr, "%s: %s\n", swiftgan_status_name(status), swiftgan_last_error());
  exit(1);
}

/* Height, width and channels from a JSON text that has them as "shape", as the descriptions of
 * models and data do. */
static inline void shape_in(const char *json, uint64_t dims[3]) {
  unsigned long long h, w, c;
  const char *shape = strstr(json, "\"shape\":");
  if (!shape || sscanf(shape, "\"shape\": [ %llu , %llu , %llu ]", &h, &w, &c) < 3) {
    fprintf(stderr, "these are no images: %s\n", shape ? shape : json);
    exit(1);
  }
  dims[0] = h;
  dims[1] = w;
  dims[2] = c;
}

/* The shape of the images that a model makes. */
static inline void image_shape(swiftgan_model *model, uint64_t dims[3]) {
  size_t size = 0;
  check(swiftgan_model_config(model, NULL, 0, &size));
  char *config = malloc(size);
  if (!config) exit(1);
  check(swiftgan_model_config(model, config, size, NULL));
  shape_in(config, dims);
  free(config);
}
#endif
