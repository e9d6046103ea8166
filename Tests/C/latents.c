/* Latents: drawn, interpolated, latents again; completion. */
#include "check.h"

int main(void) {
  swiftgan_model *m = new_model(ring_config);
  float z[12], path[20], x[4], latents[24], errors[6], filled[12];
  size_t needed = 0;
  const swiftgan_status argument = SWIFTGAN_ERROR_ARGUMENT, mismatch = SWIFTGAN_ERROR_MISMATCH;

  OK(swiftgan_model_latents(m, 3, 7, z, 12, &needed));
  CHECK(needed == 12, "needed is %zu", needed);
  float direct[6], seeded[6];
  swiftgan_inputs in = {sizeof in, NULL, z, NULL, 0};
  OK(swiftgan_model_sample(m, 3, 0, &in, direct, 6, NULL));
  OK(swiftgan_model_sample(m, 3, 7, NULL, seeded, 6, NULL));
  CHECK(memcmp(direct, seeded, sizeof direct) == 0, "latents of the seed make its samples");
  EXPECT(argument, swiftgan_model_latents(m, 0, 7, z, 12, NULL), "count");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_latents(m, 3, 7, z, 11, NULL), "12");

  OK(swiftgan_interpolate(z, z + 4, 4, 5, 0, path, 20));
  for (int k = 0; k < 4; k++) {
    CHECK(path[k] == z[k] && path[16 + k] == z[4 + k], "the ends are not the ends");
    CHECK(fabsf(path[8 + k] - (z[k] + z[4 + k]) / 2) < 1e-6f, "the middle is not the middle");
  }
  OK(swiftgan_interpolate(z, z + 4, 4, 5, 1, path, 20));
  EXPECT(argument, swiftgan_interpolate(z, z + 4, 4, 1, 1, path, 20), "steps");
  EXPECT(argument, swiftgan_interpolate(z, z + 4, 0, 5, 1, path, 20), "size");
  EXPECT(argument, swiftgan_interpolate(NULL, z, 4, 5, 1, path, 20), "from");
  EXPECT(argument, swiftgan_interpolate(z, z, 4, 5, 1, NULL, 20), "out");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_interpolate(z, z, 4, 5, 1, path, 19), "20");
  EXPECT(argument, swiftgan_interpolate((float[4]){0, NAN, 0, 0}, z, 4, 5, 1, path, 20), "from");

  OK(swiftgan_model_sample(m, 2, 3, NULL, x, 4, NULL));
  OK(swiftgan_model_find_latents(m, x, 2, NULL, 0, NULL, "{\"answers\": 3, \"prior\": 0}", latents, 24,
                                 errors));
  CHECK(errors[0] <= errors[1] && errors[1] <= errors[2] && errors[0] < 1e-3f, "%g %g %g", errors[0],
        errors[1], errors[2]);
  const float mask[2] = {1, 0}, wrong[2] = {1, 0.5f}, empty[2] = {0, 0};
  OK(swiftgan_model_complete(m, x, 2, mask, 1, NULL, "{\"answers\": 3, \"steps\": 50}", filled, 12, &needed));
  CHECK(needed == 12, "needed is %zu", needed);
  for (int i = 0; i < 6; i++) CHECK(filled[2 * i] == x[2 * (i / 3)], "a known element changed");
  EXPECT(argument, swiftgan_model_complete(m, x, 2, NULL, 0, NULL, NULL, filled, 12, NULL), "mask");
  EXPECT(argument, swiftgan_model_complete(m, x, 2, NULL, 1, NULL, NULL, filled, 12, NULL), "mask");
  EXPECT(argument, swiftgan_model_complete(m, x, 2, wrong, 1, NULL, NULL, filled, 12, NULL), "0 or 1");
  EXPECT(argument, swiftgan_model_complete(m, x, 2, empty, 1, NULL, NULL, filled, 12, NULL),
         "no known element");
  EXPECT(mismatch, swiftgan_model_complete(m, x, 2, mask, 3, NULL, NULL, filled, 12, NULL), "mask_count");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_find_latents(m, x, 2, NULL, 0, NULL, "{\"tries\": 0}", latents, 24, NULL), "tries");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_find_latents(m, x, 2, NULL, 0, NULL, "{\"answer\": 2}", latents, 24, NULL),
         "\"answers\"");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL,
         swiftgan_model_find_latents(m, x, 2, NULL, 0, NULL, NULL, latents, 7, NULL), "8");
  x[2] = INFINITY;
  EXPECT(argument, swiftgan_model_find_latents(m, x, 2, NULL, 0, NULL, NULL, latents, 24, NULL),
         "samples[1]");
  swiftgan_model_destroy(m);
  return finish();
}
