/* Networks to PyTorch's layout and back, to ONNX, and what is refused. bindings/python/tests
 * compares them with those programs. */
#include "check.h"

static const char *torch = "{\"format\": \"pytorch\"}";

static void there_and_back(void) {
  swiftgan_model *a = new_model(ring_config), *b = new_model(ring_config);
  float x[16], y[16], w[4];
  size_t n = 0;
  OK(swiftgan_model_tensor_count(a, &n));
  const char *name = NULL;
  const uint64_t *dims = NULL;
  size_t rank = 0, last = 0;
  /* The last bias of the generator that is exported, so that the copy can be told from what was
   * there. */
  for (size_t i = 0; i < n; i++) {
    OK(swiftgan_model_tensor_info(a, i, &name, &dims, &rank));
    if (strncmp(name, "generator_average.", 18) == 0 && rank == 1 && dims[0] == 2) last = i;
  }
  OK(swiftgan_model_tensor_info(a, last, &name, &dims, &rank));
  w[0] = 3, w[1] = -3;
  OK(swiftgan_model_tensor_write(a, name, w, 2));
  OK(swiftgan_model_sample(a, 8, 1, NULL, x, 16, NULL));
  OK(swiftgan_model_sample(b, 8, 1, NULL, y, 16, NULL));
  CHECK(memcmp(x, y, sizeof x) != 0, "the models are the same before");
  OK(swiftgan_model_export(a, place("net"), torch));
  OK(swiftgan_model_import(b, place("net"), torch));
  OK(swiftgan_model_sample(b, 8, 1, NULL, y, 16, NULL));
  CHECK(memcmp(x, y, sizeof x) == 0, "the generator did not come back");
  EXPECT(SWIFTGAN_ERROR_MISMATCH,
         swiftgan_model_import(b, place("net"), "{\"format\": \"pytorch\", \"network\": \"discriminator\"}"),
         "discriminator.");
  EXPECT(SWIFTGAN_ERROR_MISMATCH,
         swiftgan_model_import(b, place("net"), "{\"format\": \"pytorch\", \"prefix\": \"other.\"}"),
         "generator.");
  OK(swiftgan_model_export(a, place("net.onnx"), "{\"format\": \"onnx\"}"));
  OK(swiftgan_model_export(a, place("net.onnx"), "{\"format\": \"onnx\", \"network\": \"discriminator\"}"));
  swiftgan_model_destroy(a);
  swiftgan_model_destroy(b);
}

static void refused(void) {
  swiftgan_model *m = new_model(ring_config);
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_export(m, place("none"), NULL), "format");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_export(m, place("none"), "{\"format\": \"onnxx\"}"), "format");
  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_model_export(m, place("none"), "{\"format\": \"onnx\", \"netwrok\": 1}"), "network");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_model_import(m, place("none"), "{\"format\": \"onnx\"}"), "format");
  EXPECT(SWIFTGAN_ERROR_FORMAT, swiftgan_model_export(m, place("none"), "{"), "JSON");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_export(m, NULL, torch), "path");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_import(m, NULL, torch), "path");
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_model_import(m, place("none"), torch), "none");
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_model_export(m, place("no/such/folder"), torch), "folder");
  CHECK(access(place("none"), F_OK) != 0, "a file was written");
  swiftgan_model_destroy(m);
}

int main(void) {
  there_and_back();
  refused();
  return finish();
}
