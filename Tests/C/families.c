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
  /* Exact families: probabilities of all 4,096 states of 12 bits sum to 1. */
  const char *const exact[] = {
      "{\"family\": \"nade\", \"data\": {\"shape\": [12]}, \"nade\": {\"width\": 10, \"order\": 3}}",
      "{\"family\": \"rbm\", \"data\": {\"shape\": [12]}, \"rbm\": {\"hidden\": 9, \"sampling_steps\": 10}}",
      "{\"family\": \"pixelcnn\", \"data\": {\"shape\": [3, 4, 1]}, \"pixelcnn\": {\"width\": 6, \"depth\": "
      "2, \"levels\": 2}}",
  };
  static float states[4096 * 12], all[4096];
  for (int i = 0; i < 4096; i++)
    for (int k = 0; k < 12; k++) states[12 * i + k] = (float)(i >> k & 1);
  for (int f = 0; f < 3; f++) {
    m = new_model(exact[f]);
    for (int i = 0; i < 5; i++)
      OK(swiftgan_model_step(m, states + 12 * 300, 20, NULL, text, sizeof text, NULL));
    OK(swiftgan_model_log_likelihood(m, states, 4096, NULL, NULL, all, 4096));
    double sum = 0;
    for (int i = 0; i < 4096; i++) sum += exp(all[i]);
    CHECK(fabs(sum - 1) < 1e-4, "%g", sum);
    states[5] = 0.5f;
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, states, 20, NULL, NULL, 0, NULL), "data.binarize");
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_log_likelihood(m, states, 20, NULL, NULL, all, 4096),
           "neither 0 nor 1");
    states[5] = 0;
    swiftgan_model_destroy(m);
  }

  /* Flows: exact inverse; families by chains: completion and mixing. */
  float points[20], codes[20], back[20];
  for (int i = 0; i < 20; i++) points[i] = (float)sin(i);
  m = new_model("{\"family\": \"realnvp\", \"data\": {\"shape\": [4]}, \"realnvp\": {\"width\": 8}}");
  for (int i = 0; i < 20; i++) OK(swiftgan_model_step(m, points, 5, NULL, text, sizeof text, NULL));
  CHECK(strstr(text, "\"bits_per_dimension\":"), "%s", text);
  OK(swiftgan_model_encode(m, points, 5, NULL, codes, 20, NULL));
  OK(swiftgan_model_decode(m, codes, 5, NULL, back, 20, NULL));
  for (int i = 0; i < 20; i++) CHECK(fabs(back[i] - points[i]) < 1e-4, "%g %g", back[i], points[i]);
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_mixing(m, NULL, text, sizeof text, NULL),
         "has no mixing; those that have: \"rbm\", \"dbm\", \"gsn\"");
  swiftgan_model_destroy(m);
  m = new_model("{\"family\": \"realnvp\", \"data\": {\"shape\": [4], \"range\": [0, 1]}, \"realnvp\": "
                "{\"dequantize\": 4}}");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, points, 5, NULL, NULL, 0, NULL),
         "within data.range");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_encode(m, points, 5, NULL, codes, 20, NULL),
         "within data.range");
  swiftgan_model_destroy(m);
  float bits[20], mask[4] = {1, 0, 0, 1};
  for (int i = 0; i < 20; i++) bits[i] = i % 3 == 0;
  m = new_model("{\"family\": \"dbm\", \"data\": {\"shape\": [4]}, \"dbm\": {\"first_hidden\": 5, "
                "\"second_hidden\": 3, \"pretraining_steps\": 1, \"sampling_steps\": 10}}");
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, bits, 5, NULL, text, sizeof text, NULL));
  CHECK(strstr(text, "\"free_energy_bound\":"), "%s", text);
  OK(swiftgan_model_log_likelihood(m, bits, 5, NULL, "{\"mean_field_steps\": 20}", back, 20));
  for (int i = 0; i < 5; i++) CHECK(back[i] < 0, "%g", back[i]);
  OK(swiftgan_model_complete(m, bits, 5, mask, 1, NULL, NULL, back, 20, NULL));
  for (int i = 0; i < 20; i++) CHECK(i % 4 == 1 || i % 4 == 2 || back[i] == bits[i], "%g", back[i]);
  OK(swiftgan_model_mixing(m, "{\"chains\": 3, \"steps\": 20}", text, sizeof text, &needed));
  CHECK(strstr(text, "\"log_partition\":"), "%s", text);
  swiftgan_model_destroy(m);
  m = new_model("{\"family\": \"gsn\", \"data\": {\"shape\": [4]}, \"gsn\": {\"sampling_steps\": 10}}");
  for (int i = 0; i < 5; i++) OK(swiftgan_model_step(m, bits, 5, NULL, NULL, 0, NULL));
  OK(swiftgan_model_complete(m, bits, 5, mask, 1, NULL, NULL, back, 20, NULL));
  for (int i = 0; i < 20; i++) CHECK(i % 4 == 1 || i % 4 == 2 || back[i] == bits[i], "%g", back[i]);
  OK(swiftgan_model_mixing(m, "{\"chains\": 3, \"steps\": 20}", text, sizeof text, &needed));
  CHECK(strstr(text, "\"effective_samples\":"), "%s", text);
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_mixing(m, "{\"chain\": 3}", text, sizeof text, NULL),
         "chains");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_mixing(m, NULL, text, 10, &needed), "json");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_log_likelihood(m, bits, 5, NULL, NULL, back, 20),
         "\"gsn\" has no log_likelihood; those that have: \"vae\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_complete(m, bits, 5, mask, 1, NULL, "{\"answers\": 0}", back, 20, NULL), "answers");
  swiftgan_model_destroy(m);

  /* Configurations that no model can have. */
  const char *const wrong[][2] = {
      {"{\"family\": \"realnvp\", \"data\": {\"shape\": [7, 8, 1]}}", "that 4 divides, found 7 x 8"},
      {"{\"family\": \"nade\", \"data\": {\"shape\": [3]}, \"nade\": {\"order\": [0, 1, 1]}}",
       "permutation of 0...2"},
      {"{\"family\": \"rbm\", \"data\": {\"shape\": [3]}, \"rbm\": {\"steps\": 0}}", "rbm.steps"},
      {"{\"family\": \"gsn\", \"data\": {\"shape\": [3]}, \"gsn\": {\"noise\": 2}}", "gsn.noise"},
      {"{\"family\": \"dbm\", \"data\": {\"shape\": [3], \"range\": null}}", "0 or 1"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_create(&m, wrong[i][0]), wrong[i][1]);
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
  /* The schema of all configurations: its size, then the text, then a buffer that is a byte too
   * small. */
  size_t again_size = 0;
  size = 0;
  OK(swiftgan_config_schema(NULL, 0, &size));
  CHECK(size > 10000, "%zu", size);
  char *schema = malloc(size);
  OK(swiftgan_config_schema(schema, size, NULL));
  CHECK(strlen(schema) + 1 == size, "%zu", strlen(schema));
  CHECK(strstr(schema, "\"$defs\"") && strstr(schema, "\"lapgan\"") &&
            strstr(schema, "\"persistent_chains\""),
        "%.200s", schema);
  schema[0] = 'x';
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_config_schema(schema, size - 1, &again_size), "json");
  CHECK(again_size == size && schema[0] == 'x', "%zu", again_size);
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_config_schema(NULL, 10, NULL), "json");
  free(schema);
  return finish();
}
