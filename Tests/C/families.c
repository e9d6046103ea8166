/* Families of models: what a model can do, and what its family lacks. */
#include "check.h"

int main(void) {
  swiftgan_model *m = new_model(ring_config), *other = NULL;
  char text[1 << 15];
  size_t needed = 0;
  OK(swiftgan_model_summary(m, text, sizeof text, &needed));
  CHECK(strstr(text, "\"family\": \"gan\"") && strstr(text, "\"likelihood\": null"), "%.200s", text);
  CHECK(strstr(text, "\"sample\"") && strstr(text, "\"discriminate\""), "%.400s", text);
  OK(swiftgan_model_config(m, text, sizeof text, NULL));
  CHECK(strstr(text, "\"family\": \"gan\"") != NULL, "%.200s", text);
  OK(swiftgan_model_create(&other, text));
  swiftgan_model_destroy(other);
  other = NULL;
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_create(&other, "{\"family\": \"gam\", \"data\": {\"shape\": [2]}}"),
         "did you mean \"gan\"");
  CHECK(other == NULL, "a handle of a failed call");

  float x[8] = {0}, out[64];
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_log_likelihood(m, x, 4, NULL, NULL, out, 4),
         "\"gan\" has no log_likelihood");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_encode(m, x, 4, NULL, out, 64, NULL), "has no encode");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_reconstruct(m, x, 4, NULL, out, 64, NULL),
         "it can sample");

  /* Decoding the latents of a seed gives that seed's samples. */
  size_t size = 0;
  OK(swiftgan_model_latents(m, 1, 5, NULL, 0, &size));
  float *z = calloc(size, sizeof *z), sample[2], decoded[2];
  OK(swiftgan_model_latents(m, 1, 5, z, size, NULL));
  OK(swiftgan_model_sample(m, 1, 5, NULL, sample, 2, NULL));
  OK(swiftgan_model_decode(m, z, 1, NULL, decoded, 2, &needed));
  CHECK(needed == 2 && sample[0] == decoded[0] && sample[1] == decoded[1], "%g %g", decoded[0], decoded[1]);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_decode(m, z, 1, NULL, decoded, 1, NULL), "2");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_decode(m, NULL, 1, NULL, decoded, 2, NULL), "latents");
  z[0] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_decode(m, z, 1, NULL, decoded, 2, NULL), "latents");
  free(z);
  swiftgan_model_destroy(m);

  /* Every family: created, stepped, sampled, saved, loaded, and then the same. */
  const char *const configs[] = {
      "{\"family\": \"vae\", \"data\": {\"shape\": [6]}, \"latent\": {\"size\": 2}}",
      "{\"family\": \"made\", \"data\": {\"shape\": [6]}, \"made\": {\"width\": 20, \"orders\": 2}}",
  };
  for (int f = 0; f < 2; f++) {
    float bits[60], samples[60], again[60], nats[10], latents[20];
    for (int i = 0; i < 60; i++) bits[i] = i % 5 < 2;
    m = new_model(configs[f]);
    for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, bits, 10, NULL, text, sizeof text, NULL));
    CHECK(strstr(text, "\"cost\":") && strstr(text, "\"step\":5"), "%s", text);
    OK(swiftgan_model_sample(m, 10, 3, NULL, samples, 60, NULL));
    OK(swiftgan_model_log_likelihood(m, bits, 10, NULL, NULL, nats, 10));
    for (int i = 0; i < 10; i++) CHECK(nats[i] < 0 && nats[i] > -100, "%g", nats[i]);
    EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_log_likelihood(m, bits, 10, NULL, "{\"x\": 1}", nats, 10),
           "x");
    EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_log_likelihood(m, bits, 10, NULL, NULL, nats, 9),
           "10");
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_discriminate(m, bits, 10, NULL, nats, 10),
           "those that have");
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED,
           swiftgan_model_step(
               m, bits, 10, &(swiftgan_inputs){.size = sizeof(swiftgan_inputs), .labels = (int32_t[10]){0}},
               NULL, 0, NULL),
           "labels");
    if (f == 0) {
      OK(swiftgan_model_encode(m, bits, 10, NULL, latents, 20, &needed));
      CHECK(needed == 20, "%zu", needed);
      OK(swiftgan_model_decode(m, latents, 10, NULL, again, 60, NULL));
      OK(swiftgan_model_reconstruct(m, bits, 10, NULL, samples, 60, NULL));
      CHECK(memcmp(again, samples, sizeof again) == 0, "decoded and reconstructed differ");
      OK(swiftgan_model_sample(m, 10, 3, NULL, samples, 60, NULL));
    }
    OK(swiftgan_model_save(m, place("family.safetensors")));
    swiftgan_model_destroy(m);
    OK(swiftgan_model_load(&m, place("family.safetensors")));
    OK(swiftgan_model_sample(m, 10, 3, NULL, again, 60, NULL));
    CHECK(memcmp(again, samples, sizeof again) == 0, "other samples after loading");
    swiftgan_model_destroy(m);
  }
  remove(place("family.safetensors"));
  /* Several pairs of players in one model: a pyramid of GANs. */
  m = new_model("{\"family\": \"lapgan\", \"data\": {\"shape\": [16, 16, 1]}, \"lapgan\": {\"levels\": "
                "[{\"generator\": {\"preset\": \"dcgan\", \"width\": 2}, "
                "\"discriminator\": {\"preset\": \"dcgan\", \"width\": 2}}, {\"penalties\": {\"r1\": 1, "
                "\"r2\": 1}}]}}");
  static float images[4 * 256], made[4 * 256], same[4 * 256];
  for (int i = 0; i < 4 * 256; i++) images[i] = (float)(i % 7) / 7;
  size_t wanted = 0;
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_step(m, images, 4, NULL, text, 1024, &wanted),
         "report_json");
  CHECK(wanted > 1024 && wanted <= sizeof text, "%zu", wanted);
  OK(swiftgan_model_step(m, images, 4, NULL, text, wanted, NULL));
  CHECK(strstr(text, "level1_penalty_r2") && strstr(text, "\"step\":1"), "%s", text);
  OK(swiftgan_model_sample(m, 4, 1, NULL, made, 4 * 256, NULL));
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_discriminate(m, images, 4, NULL, same, 4),
         "has no discriminate");
  OK(swiftgan_model_save(m, place("lapgan.safetensors")));
  other = NULL;
  OK(swiftgan_model_load(&other, place("lapgan.safetensors")));
  OK(swiftgan_model_sample(other, 4, 1, NULL, same, 4 * 256, NULL));
  CHECK(memcmp(made, same, sizeof made) == 0, "another model came back");
  swiftgan_model_destroy(other);
  swiftgan_model_destroy(m);
  return finish();
}
