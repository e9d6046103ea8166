/* Every function with wrong arguments: NULL, stale, destroyed and foreign handles, counts of zero,
 * buffers too small. Each error names what was wrong, writes nothing, and leaves the library
 * working. */
#include "check.h"

static swiftgan_model *model;
static swiftgan_dataset *data;

/* That a handle which is not a live model is refused everywhere. */
static void not_a_model(swiftgan_model *m, swiftgan_status expected) {
  float x[8] = {0};
  char text[4096];
  size_t n = 77, rank = 77;
  const char *name = "untouched";
  const uint64_t *dims = NULL;
  EXPECT(expected, swiftgan_model_save(m, place("never")), "model");
  EXPECT(expected, swiftgan_model_config(m, text, sizeof text, &n), "model");
  EXPECT(expected, swiftgan_model_step(m, x, 4, NULL, text, sizeof text, &n), "model");
  EXPECT(expected, swiftgan_model_train(m, data, 1, NULL, NULL, NULL), "model");
  EXPECT(expected, swiftgan_model_sample(m, 4, 1, NULL, x, 8, &n), "model");
  EXPECT(expected, swiftgan_model_discriminate(m, x, 4, NULL, x, 4), "model");
  EXPECT(expected, swiftgan_model_summary(m, text, sizeof text, &n), "model");
  EXPECT(expected, swiftgan_model_classify(m, x, 4, x, 8, &n), "model");
  EXPECT(expected, swiftgan_model_latents(m, 1, 1, x, 8, &n), "model");
  EXPECT(expected, swiftgan_model_find_latents(m, x, 4, NULL, 0, NULL, NULL, x, 8, NULL), "model");
  EXPECT(expected, swiftgan_model_complete(m, x, 4, x, 4, NULL, NULL, x, 8, &n), "model");
  EXPECT(expected, swiftgan_evaluate(m, data, NULL, text, sizeof text, &n), "model");
  EXPECT(expected, swiftgan_model_density_ratio(m, x, 4, NULL, x, 4), "model");
  EXPECT(expected, swiftgan_model_log_density_ratio(m, x, 4, NULL, x, 4), "model");
  EXPECT(expected, swiftgan_model_log_density_ratio_gradient(m, x, 4, NULL, x, 8), "model");
  EXPECT(expected, swiftgan_model_divergences(m, data, NULL, text, sizeof text, &n), "model");
  if (m) EXPECT(expected, swiftgan_compare_costs(m, NULL, text, sizeof text, &n), "model");
  EXPECT(expected, swiftgan_model_export(m, place("never"), "{\"format\": \"onnx\"}"), "model");
  EXPECT(expected, swiftgan_model_import(m, place("never"), "{\"format\": \"pytorch\"}"), "model");
  EXPECT(expected, swiftgan_model_tensor_count(m, &n), "model");
  EXPECT(expected, swiftgan_model_tensor_info(m, 0, &name, &dims, &rank), "model");
  EXPECT(expected, swiftgan_model_tensor_read(m, "generator.0.weight", x, 8), "model");
  EXPECT(expected, swiftgan_model_tensor_write(m, "generator.0.weight", x, 8), "model");
  CHECK(n == 77 && rank == 77 && strcmp(name, "untouched") == 0, "an output was written");
  CHECK(access(place("never"), F_OK) != 0, "a file was written");
  swiftgan_model_destroy(m);
}

static void not_a_dataset(swiftgan_dataset *d, swiftgan_status expected) {
  float x[8];
  char text[4096];
  size_t n = 77;
  EXPECT(expected, swiftgan_dataset_info(d, text, sizeof text, &n), "data");
  EXPECT(expected, swiftgan_dataset_describe(d, text, sizeof text, &n), "data");
  EXPECT(expected, swiftgan_dataset_read(d, 0, 1, x, 8, NULL), "data");
  EXPECT(expected, swiftgan_model_train(model, d, 1, NULL, NULL, NULL), "data");
  EXPECT(expected, swiftgan_model_divergences(model, d, NULL, text, sizeof text, &n), "data");
  CHECK(n == 77, "an output was written");
  swiftgan_dataset_destroy(d);
}

static void handles(void) {
  not_a_model(NULL, SWIFTGAN_ERROR_ARGUMENT);
  not_a_dataset(NULL, SWIFTGAN_ERROR_ARGUMENT);
  swiftgan_model *gone = new_model(ring_config);
  swiftgan_model_destroy(gone);
  not_a_model(gone, SWIFTGAN_ERROR_HANDLE);        /* destroys it again */
  swiftgan_model *reused = new_model(ring_config); /* may take the same place in the table */
  not_a_model(gone, SWIFTGAN_ERROR_HANDLE);
  char text[8192];
  OK(swiftgan_model_config(reused, text, sizeof text, NULL));
  swiftgan_model_destroy(reused);
  swiftgan_dataset *closed = new_ring();
  swiftgan_dataset_destroy(closed);
  not_a_dataset(closed, SWIFTGAN_ERROR_HANDLE);
  not_a_model((swiftgan_model *)data, SWIFTGAN_ERROR_HANDLE);
  not_a_dataset((swiftgan_dataset *)model, SWIFTGAN_ERROR_HANDLE);
  int local = 0;
  void *foreign[] = {(void *)8, (void *)-1, &local, (void *)(uintptr_t)0x5347000000000001, stdout};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    not_a_model(foreign[i], SWIFTGAN_ERROR_HANDLE);
    not_a_dataset(foreign[i], SWIFTGAN_ERROR_HANDLE);
  }
  OK(swiftgan_model_config(model, text, sizeof text, NULL));
  OK(swiftgan_dataset_info(data, text, sizeof text, NULL));
}

static void nulls(void) {
  float x[8] = {0};
  swiftgan_model *m = (swiftgan_model *)0x1234;
  swiftgan_dataset *d = (swiftgan_dataset *)0x1234;
  uint64_t dims[] = {2};
  const swiftgan_status argument = SWIFTGAN_ERROR_ARGUMENT;
  EXPECT(argument, swiftgan_model_create(NULL, ring_config), "out");
  EXPECT(argument, swiftgan_model_create(&m, NULL), "config_json");
  EXPECT(argument, swiftgan_model_load(NULL, "x"), "out");
  EXPECT(argument, swiftgan_model_load(&m, NULL), "path");
  EXPECT(argument, swiftgan_model_save(model, NULL), "path");
  EXPECT(argument, swiftgan_model_config(model, NULL, 10, NULL), "json");
  EXPECT(argument, swiftgan_model_summary(model, NULL, 10, NULL), "json");
  EXPECT(argument, swiftgan_model_config(model, NULL, 0, NULL), "json");
  EXPECT(argument, swiftgan_model_step(model, NULL, 4, NULL, NULL, 0, NULL), "real");
  EXPECT(argument, swiftgan_model_sample(model, 4, 1, NULL, NULL, 8, NULL), "out");
  EXPECT(argument, swiftgan_model_discriminate(model, NULL, 4, NULL, x, 4), "samples");
  EXPECT(argument, swiftgan_model_discriminate(model, x, 4, NULL, NULL, 4), "logits");
  EXPECT(argument, swiftgan_model_tensor_count(model, NULL), "out");
  OK(swiftgan_model_tensor_info(model, 0, NULL, NULL, NULL));
  EXPECT(argument, swiftgan_model_tensor_read(model, NULL, x, 8), "name");
  EXPECT(argument, swiftgan_model_tensor_read(model, "generator.0.weight", NULL, 64), "out");
  EXPECT(argument, swiftgan_model_tensor_write(model, NULL, x, 8), "name");
  EXPECT(argument, swiftgan_model_tensor_write(model, "generator.0.weight", NULL, 64), "in");
  EXPECT(argument, swiftgan_dataset_open(NULL, "ring", NULL), "out");
  EXPECT(argument, swiftgan_dataset_open(&d, NULL, NULL), "path");
  EXPECT(argument, swiftgan_dataset_from_memory(NULL, x, 4, dims, 1, NULL), "out");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, NULL, 4, dims, 1, NULL), "samples");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 4, NULL, 1, NULL), "dims");
  EXPECT(argument, swiftgan_dataset_info(data, NULL, 10, NULL), "json");
  EXPECT(argument, swiftgan_dataset_read(data, 0, 1, NULL, 2, NULL), "out");
  EXPECT(argument, swiftgan_write_png(NULL, x, 1, (uint64_t[]){2, 2}, 2, 1), "path");
  EXPECT(argument, swiftgan_write_png(place("a.png"), NULL, 1, (uint64_t[]){2, 2}, 2, 1), "samples");
  EXPECT(argument, swiftgan_write_png(place("a.png"), x, 1, NULL, 2, 1), "dims");
  CHECK(m == (swiftgan_model *)0x1234 && d == (swiftgan_dataset *)0x1234, "a handle was written");
  swiftgan_model_destroy(NULL);
  swiftgan_dataset_destroy(NULL);
}

static void counts(void) {
  float x[8] = {0}, y[8];
  swiftgan_dataset *d = NULL;
  uint64_t dims[] = {2, 2, 2, 2};
  const swiftgan_status argument = SWIFTGAN_ERROR_ARGUMENT, limit = SWIFTGAN_ERROR_LIMIT;
  EXPECT(argument, swiftgan_model_step(model, x, 0, NULL, NULL, 0, NULL), "real");
  EXPECT(argument, swiftgan_model_sample(model, 0, 1, NULL, y, 8, NULL), "count");
  EXPECT(argument, swiftgan_model_discriminate(model, x, 0, NULL, y, 8), "samples");
  EXPECT(argument, swiftgan_model_discriminate(model, (float[]){0, 1, NAN, 0}, 2, NULL, y, 8), "samples[1]");
  EXPECT(argument, swiftgan_model_discriminate(model, (float[]){0, INFINITY}, 1, NULL, y, 8),
         "element 1 is inf");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 0, dims, 1, NULL), "samples");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 4, dims, 0, NULL), "rank");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 1, dims, 4, NULL), "rank");
  EXPECT(argument, swiftgan_dataset_from_memory(&d, x, 1, (uint64_t[]){0}, 1, NULL), "dims[0]");
  EXPECT(argument, swiftgan_dataset_read(data, 0, 0, y, 8, NULL), "count");
  EXPECT(argument, swiftgan_dataset_read(data, 1000, 1, y, 8, NULL), "1000");
  EXPECT(argument, swiftgan_dataset_read(data, SIZE_MAX, 2, y, 8, NULL), "first");
  EXPECT(argument, swiftgan_dataset_read(data, 2, SIZE_MAX, y, 8, NULL), "count");
  EXPECT(argument, swiftgan_write_png(place("a.png"), x, 0, dims, 2, 1), "samples");
  EXPECT(argument, swiftgan_write_png(place("a.png"), x, 1, dims, 2, 0), "columns");
  EXPECT(argument, swiftgan_write_png(place("a.png"), x, 1, dims, 3, 1), "channels");
  EXPECT(argument, swiftgan_model_tensor_info(model, 1000, NULL, NULL, NULL), "index");
  EXPECT(argument, swiftgan_set_threads(-1), "256");
  EXPECT(argument, swiftgan_set_threads(257), "256");

  /* Products that overflow or that no machine holds; nothing is read from x. */
  EXPECT(limit, swiftgan_model_step(model, x, SIZE_MAX / 4, NULL, NULL, 0, NULL), "real");
  EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_step(model, x, (size_t)1 << 40, NULL, NULL, 0, NULL), "memory");
  EXPECT(limit, swiftgan_dataset_from_memory(&d, x, SIZE_MAX / 8, (uint64_t[]){8}, 1, NULL), "samples");
  EXPECT(limit, swiftgan_dataset_from_memory(&d, x, 1, (uint64_t[]){1u << 30, 1u << 30, 1u << 30}, 3, NULL),
         "dims");
  size_t needed = 0;
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL,
         swiftgan_model_sample(model, (size_t)1 << 40, 1, NULL, y, 8, &needed), "out");
  CHECK(needed == (size_t)1 << 41, "needed is %zu", needed);
  EXPECT(SWIFTGAN_ERROR_ARGUMENT,
         swiftgan_model_sample(model, (size_t)1 << 40, 1, NULL, y, (size_t)1 << 41, NULL), "count");
  EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_model_sample(model, UINT32_MAX, 1, NULL, y, (size_t)1 << 33, NULL),
         "memory");
  CHECK(d == NULL, "a handle was written");
}

static void buffers(void) {
  char text[8192];
  float x[16];
  size_t needed = 0, need;
  memset(text, '#', sizeof text);
  OK(swiftgan_model_config(model, NULL, 0, &needed));
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_config(model, text, needed - 1, &need), "json");
  CHECK(need == needed && text[0] == '#', "needed %zu, first byte %c", need, text[0]);
  OK(swiftgan_model_config(model, text, needed, NULL));
  CHECK(strlen(text) == needed - 1 && text[needed] == '#', "wrote %zu bytes of %zu", strlen(text), needed);

  memset(text, '#', sizeof text);
  OK(swiftgan_dataset_info(data, NULL, 0, &needed));
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_dataset_info(data, text, needed - 1, NULL), "json");
  CHECK(text[0] == '#', "written");

  for (int i = 0; i < 16; i++) x[i] = 42;
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_sample(model, 4, 1, NULL, x, 7, &needed), "8");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_discriminate(model, (float[8]){0}, 4, NULL, x, 3),
         "4");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_dataset_read(data, 0, 4, x, 7, NULL), "8");
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_model_tensor_read(model, "generator.0.weight", x, 16),
         "64");
  CHECK(needed == 8, "needed %zu", needed);
  for (int i = 0; i < 16; i++) CHECK(x[i] == 42, "element %d was written", i);
  OK(swiftgan_model_sample(model, 4, 1, NULL, x, 16, NULL));
  CHECK(x[7] != 42 && x[8] == 42, "sampling wrote beyond its 8 elements");

  /* A report that may not fit is refused before the step. */
  swiftgan_model *twin = new_model(ring_config);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL,
         swiftgan_model_step(twin, (float[8]){0}, 4, NULL, text, 100, &needed), "report_json");
  swiftgan_model *fresh = new_model(ring_config);
  CHECK(same(twin, fresh), "a refused step changed the model");
  OK(swiftgan_model_step(twin, (float[8]){0}, 4, NULL, NULL, 0, &needed));
  OK(swiftgan_model_step(twin, (float[8]){0}, 4, NULL, text, needed > 1024 ? needed : 1024, NULL));
  swiftgan_model_destroy(twin);
  swiftgan_model_destroy(fresh);
}

static void samples(void) {
  const float bad[] = {NAN, INFINITY, -INFINITY};
  char report[1024];
  swiftgan_model *m = new_model(ring_config), *fresh = new_model(ring_config);
  swiftgan_dataset *d = NULL;
  float latents[16] = {0}, y[8];
  for (int i = 0; i < 3; i++) {
    float x[8] = {0};
    x[5] = bad[i];
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, x, 4, NULL, report, sizeof report, NULL),
           "real[2]");
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_memory(&d, x, 4, (uint64_t[]){2}, 1, NULL),
           "samples[2]");
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_write_png(place("a.png"), x, 2, (uint64_t[]){2, 2}, 2, 1),
           "samples[1]");
    latents[9] = bad[i];
    swiftgan_inputs in = {.size = sizeof in, .latents = latents};
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, (float[8]){0}, 4, &in, NULL, 0, NULL),
           "latents[2]");
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_sample(m, 4, 1, &in, y, 8, NULL), "latents");
    latents[9] = 0;
    float weight[64] = {0};
    weight[63] = bad[i];
    EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_tensor_write(m, "generator.0.weight", weight, 64),
           "finite");
  }
  CHECK(same(m, fresh) && !d, "a refused call changed something");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_tensor_read(m, "generator.0.wieght", y, 8),
         "generator.0.weight");
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_tensor_write(m, "generator.0.weight", y, 8), "64");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_tensor_read(m, "\xff\xfe", y, 8), "UTF-8");

  swiftgan_inputs in = {0};
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_sample(m, 4, 1, &in, y, 8, NULL), "inputs.size");
  in.size = sizeof in, in.labels = (int32_t[]){0, 0, 0, 0};
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, swiftgan_model_sample(m, 4, 1, &in, y, 8, NULL), "labels");
  in.labels = (int32_t[]){0, 1, -2, 0};
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_memory(&d, (float[8]){0}, 4, (uint64_t[]){2}, 1, &in),
         "labels[2]");

  /* One value a channel has no variance to normalize by; over the pixels of one image there is
   * one. */
  swiftgan_model *dense =
      new_model("{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 4},"
                " \"generator\": {\"layers\": [{\"dense\": 8}, \"batch_norm\", {\"dense\": 2}]}}");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(dense, (float[2]){0}, 1, NULL, NULL, 0, NULL),
         "batch_norm");
  OK(swiftgan_model_step(dense, (float[4]){0}, 2, NULL, NULL, 0, NULL));
  swiftgan_model_destroy(dense);
  swiftgan_model *images = new_model(image_config);
  float *x = values(256, 1);
  OK(swiftgan_model_step(images, x, 1, NULL, NULL, 0, NULL));
  free(x);
  swiftgan_model_destroy(images);
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(fresh);
}

static void mismatches(void) {
  swiftgan_model *images = new_model(image_config);
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(images, data, 1, NULL, NULL, NULL), "[16, 16, 1]");
  float *x = values(8 * 256, 1);
  for (int i = 0; i < 8 * 256; i++) x[i] *= 255;
  swiftgan_dataset *bytes = NULL;
  OK(swiftgan_dataset_from_memory(&bytes, x, 8, (uint64_t[]){16, 16, 1}, 3, NULL));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_model_train(images, bytes, 1, NULL, NULL, NULL), "range");
  free(x);
  swiftgan_dataset_destroy(bytes);
  swiftgan_model_destroy(images);

  const struct {
    const char *options, *words;
    swiftgan_status status;
  } rows[] = {
      {"{\"batch\": 0}", "batch", SWIFTGAN_ERROR_CONFIG},
      {"{\"batch\": 1001}", "1...1000", SWIFTGAN_ERROR_ARGUMENT},
      {"{\"batch\": \"many\"}", "batch", SWIFTGAN_ERROR_CONFIG},
      {"{\"bacth\": 4}", "batch", SWIFTGAN_ERROR_CONFIG},
      {"{\"report_every\": 0}", "report_every", SWIFTGAN_ERROR_CONFIG},
      {"{\"checkpoint\": 5}", "checkpoint", SWIFTGAN_ERROR_CONFIG},
      {"{\"checkpoint\": \"/no/such/folder/m\"}", "/no/such/folder", SWIFTGAN_ERROR_IO},
      {"[]", "object", SWIFTGAN_ERROR_CONFIG},
      {"{", "line 1", SWIFTGAN_ERROR_FORMAT},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    EXPECT(rows[i].status, swiftgan_model_train(model, data, 1, rows[i].options, NULL, NULL), rows[i].words);
}

int main(void) {
  CHECK(swiftgan_abi() == SWIFTGAN_ABI, "%u", swiftgan_abi());
  CHECK(strcmp(swiftgan_version(), SWIFTGAN_VERSION) == 0, "%s", swiftgan_version());
  CHECK(strcmp(swiftgan_last_error(), "") == 0, "%s", swiftgan_last_error());
  for (int s = 100; s >= -100; s--) CHECK(swiftgan_status_name(s)[0] != 0, "status %d has no name", s);
  CHECK(strcmp(swiftgan_status_name(SWIFTGAN_ERROR_TRUNCATED), "SWIFTGAN_ERROR_TRUNCATED") == 0, "name");
  model = new_model(ring_config);
  data = new_ring();
  handles();
  nulls();
  counts();
  buffers();
  samples();
  mismatches();
  OK(swiftgan_model_train(model, data, 2, NULL, NULL, NULL));
  OK(swiftgan_model_train(model, data, 0, NULL, NULL, NULL));
  swiftgan_model_destroy(model);
  swiftgan_dataset_destroy(data);
  return finish();
}
