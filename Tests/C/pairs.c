/* Pairs of an input and a target, and samples with missing elements: what a program in C makes,
 * trains on and asks for, rightly and wrongly. */
#include "check.h"

enum { COUNT = 12, SIDE = 8, PIXELS = SIDE * SIDE };

static const uint64_t image[] = {SIDE, SIDE, 1}, row[] = {3};

static swiftgan_dataset *images(float sign, size_t count) {
  static float x[COUNT * PIXELS];
  for (size_t i = 0; i < count * PIXELS; i++) x[i] = sign * (float)sin(0.7 * (double)i);
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_from_memory(&d, x, count, image, 3, NULL));
  return d;
}

static void pairs(void) {
  swiftgan_dataset *from = images(1, COUNT), *to = images(-1, COUNT), *few = images(1, COUNT - 1), *d = NULL,
                   *none = NULL;
  OK(swiftgan_dataset_pair(&d, from, to));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_dataset_pair(&none, few, to), "expected pairs");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_pair(&none, from, d), "conditions already");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_pair(&none, NULL, to), "data");
  EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_dataset_pair(&none, to, to), "in use");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_pair(NULL, from, to), "out");
  CHECK(none == NULL, "a handle after an error");
  swiftgan_dataset_destroy(few);
  char info[1024];
  OK(swiftgan_dataset_info(d, info, sizeof info, NULL));
  CHECK(strstr(info, "\"conditions\":64") && strstr(info, "\"input_shape\":[8,8,1]"), "%s", info);

  const char *config =
      "{\"data\": {\"shape\": [8, 8, 1], \"conditions\": [8, 8, 1]}, \"latent\": {\"size\": 1},"
      " \"labels\": {\"mode\": \"conditional\"}, \"content\": {\"l1\": 100},"
      " \"generator\": {\"preset\": \"unet\", \"width\": 4}, \"discriminator\": {\"preset\": \"patch\", "
      "\"width\": 4}}";
  swiftgan_model *m = new_model(config);
  OK(swiftgan_model_train(m, d, 3, "{\"batch\": 4}", NULL, NULL));
  swiftgan_dataset_destroy(d);

  /* Four answers for one input. */
  static float given[4 * PIXELS], made[4 * PIXELS];
  for (int i = 0; i < 4; i++) OK(swiftgan_dataset_read(from, 0, 1, given + i * PIXELS, PIXELS, NULL));
  swiftgan_inputs inputs = {sizeof inputs, .conditions = given, .condition_size = PIXELS};
  OK(swiftgan_model_sample(m, 4, 1, &inputs, made, 4 * PIXELS, NULL));
  CHECK(memcmp(made, made + PIXELS, PIXELS * sizeof *made) != 0, "two answers are the same");
  inputs.condition_size = PIXELS - 1;
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_sample(m, 4, 1, &inputs, made, 4 * PIXELS, NULL),
         "condition_size");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_sample(m, 4, 1, NULL, made, 4 * PIXELS, NULL), "conditions");
  given[5] = NAN;
  inputs.condition_size = PIXELS;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_sample(m, 4, 1, &inputs, made, 4 * PIXELS, NULL),
         "element 5 is nan");
  swiftgan_model_destroy(m);
  m = NULL;
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_create(
             &m, "{\"data\": {\"shape\": [9, 9, 1], \"conditions\": [9, 9, 1]}, \"generator\": \"unet\","
                 " \"labels\": {\"mode\": \"conditional\"}}"),
         "halves the sides at least once, which 9 x 9 pixels do not allow");
  swiftgan_dataset_destroy(from);
  swiftgan_dataset_destroy(to);
}

static void missing(void) {
  float x[COUNT * 3], filled[COUNT * 3];
  for (int i = 0; i < COUNT * 3; i++) x[i] = i % 5 == 2 ? NAN : 100 + 10 * (float)cos(i);
  swiftgan_dataset *d = NULL, *none = NULL;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_memory(&none, x, COUNT, row, 1, NULL), "is nan");
  OK(swiftgan_dataset_with_missing(&d, x, COUNT, row, 1, NULL));
  swiftgan_model *gan = new_model("{\"data\": {\"shape\": [3]}}"),
                 *m = new_model("{\"family\": \"gain\", \"data\": {\"shape\": [3]}}");
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(gan, d, 1, NULL, NULL, NULL), "missing elements");
  OK(swiftgan_model_train(m, d, 5, NULL, NULL, NULL));
  OK(swiftgan_model_step(m, x, COUNT, NULL, NULL, 0, NULL));
  OK(swiftgan_model_complete(m, x, COUNT, NULL, 0, NULL, NULL, filled, COUNT * 3, NULL));
  for (int i = 0; i < COUNT * 3; i++)
    CHECK(isfinite(filled[i]) && (i % 5 == 2 || filled[i] == x[i]), "element %d", i);
  float mask[3] = {1, 0, 1}, half[3] = {0.5f, 1, 1}, nothing[3] = {0};
  OK(swiftgan_model_complete(m, x, 2, mask, 1, NULL, "{\"method\": \"mean\"}", filled, COUNT * 3, NULL));
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_complete(m, x, 2, nothing, 1, NULL, NULL, filled, 6, NULL),
         "samples[0]: nothing is known of it");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_complete(m, x, 2, half, 1, NULL, NULL, filled, 6, NULL),
         "expected 0 or 1");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_complete(m, x, 2, mask, 1, NULL, "{\"method\": \"median\"}", filled, 6, NULL),
         "method");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_complete(gan, x, 2, NULL, 0, NULL, NULL, filled, 6, NULL),
         "mask");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_sample(m, 1, 1, NULL, filled, 3, NULL), "has no sample");
  for (int i = 0; i < 3; i++) x[i] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_with_missing(&none, x, COUNT, row, 1, NULL),
         "nothing is known of it");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, x, COUNT, NULL, NULL, 0, NULL),
         "nothing is known of it");
  x[0] = INFINITY;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_with_missing(&none, x, COUNT, row, 1, NULL), "is inf");
  CHECK(none == NULL, "a handle after an error");
  swiftgan_model_destroy(gan);
  swiftgan_model_destroy(m);
  swiftgan_dataset_destroy(d);
}

/* Each input's answers are the samples with that input as the condition. */
static void translation(void) {
  swiftgan_model *m = new_model("{\"data\": {\"shape\": [2], \"conditions\": 3}, \"labels\": {\"mode\": "
                                "\"conditional\"}}"),
                 *plain = new_model("{\"data\": {\"shape\": [2]}}");
  float given[6] = {0.5f, -1, 2, 0, 0.25f, 3}, out[12], wanted[12], repeated[18];
  size_t needed = 0;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 3; j++) repeated[3 * i + j] = given[3 * (i / 3) + j];
  swiftgan_inputs inputs = {.size = sizeof inputs, .conditions = repeated, .condition_size = 3};
  OK(swiftgan_model_sample(m, 6, 4, &inputs, wanted, 12, NULL));
  const char *options = "{\"answers\": 3, \"seed\": 4}";
  OK(swiftgan_model_translate(m, given, 2, NULL, options, out, 12, &needed));
  CHECK(needed == 12, "%zu", needed);
  for (int i = 0; i < 12; i++) CHECK(out[i] == wanted[i], "element %d", i);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_translate(m, given, 2, NULL, options, out, 11, NULL),
         "12");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_translate(m, NULL, 2, NULL, NULL, out, 12, NULL), "NULL");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_translate(m, given, 2, NULL, "{\"answer\": 3}", out, 12, NULL),
         "answers");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED,
         swiftgan_model_translate(m, given, 2, NULL, "{\"back\": true}", out, 12, NULL), "back");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_translate(plain, given, 2, NULL, NULL, out, 12, NULL),
         "input");
  given[4] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_translate(m, given, 2, NULL, NULL, out, 12, NULL), "nan");
  swiftgan_model_destroy(plain);
  swiftgan_model_destroy(m);
}

int main(void) {
  pairs();
  translation();
  missing();
  return finish();
}
