/* Data that a function of the host makes: the same bits as from memory, its errors, what it may do
 * meanwhile, its end. */
#include "check.h"

enum { COUNT = 200 };

typedef struct {
  const float *samples;
  uint64_t calls, fail_at, nan_at, large_at;
  int forgets;
  swiftgan_model *model;
  swiftgan_dataset *self;
} source;

static int32_t read_samples(void *user, const uint64_t *index, size_t n, float *samples) {
  source *s = user;
  s->calls++;
  for (size_t i = 0; i < n; i++) {
    CHECK(index[i] < COUNT, "index %llu", (unsigned long long)index[i]);
    if (s->forgets && i == n - 1) break;
    memcpy(samples + 2 * i, s->samples + 2 * index[i], 2 * sizeof *samples);
  }
  if (s->calls == s->nan_at) samples[1] = NAN;
  if (s->calls == s->large_at) samples[0] = 100;
  return s->calls == s->fail_at ? 7 : 0;
}

static const uint64_t dims[] = {2};

static swiftgan_dataset *made(source *s, const swiftgan_inputs *inputs) {
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_from_callback(&d, COUNT, dims, 1, inputs, read_samples, s));
  return d;
}

static const char *const ranged =
    "{\"data\": {\"shape\": [2], \"range\": [-2, 2]}, \"latent\": {\"size\": 4},"
    " \"generator\": {\"preset\": \"mlp\", \"width\": 16},"
    " \"discriminator\": {\"preset\": \"mlp\", \"width\": 16}}";

static void same_as_memory(const float *x) {
  source s = {.samples = x};
  int32_t labels[COUNT], classes[3];
  for (int i = 0; i < COUNT; i++) labels[i] = i % 5;
  swiftgan_inputs inputs = {sizeof inputs, .labels = labels};
  swiftgan_dataset *function = made(&s, &inputs), *memory = NULL;
  memset(labels, 0, sizeof labels); /* copied */
  char info[1024];
  OK(swiftgan_dataset_info(function, info, sizeof info, NULL));
  CHECK(strstr(info, "\"count\":200,\"shape\":[2],\"classes\":5,\"labelled\":200") != NULL, "%s", info);
  CHECK(s.calls == 0, "%llu calls", (unsigned long long)s.calls);
  char more[2048], all[2048];
  OK(swiftgan_dataset_describe(function, more, sizeof more, NULL));
  OK(swiftgan_dataset_from_memory(&memory, x, COUNT, dims, 1, &inputs));
  OK(swiftgan_dataset_describe(memory, all, sizeof all, NULL));
  const char *counts = strstr(more, "\"class_counts\":[40,40,40,40,40],\"lowest\":-");
  CHECK(counts != NULL, "%s", more);
  const char *lowest = strstr(more, "\"lowest\""), *same_lowest = strstr(all, "\"lowest\"");
  CHECK(lowest && same_lowest && strcmp(lowest, same_lowest) == 0, "%s and %s", more, all);
  swiftgan_dataset_destroy(memory);
  s.calls = 0;
  float point[6];
  OK(swiftgan_dataset_read(function, 7, 3, point, 6, classes));
  CHECK(memcmp(point, x + 14, sizeof point) == 0 && classes[0] == 2 && classes[2] == 4, "other samples");
  OK(swiftgan_dataset_from_memory(&memory, x, COUNT, dims, 1, NULL));
  swiftgan_model *a = new_model(ranged), *b = new_model(ranged);
  OK(swiftgan_model_train(a, function, 30, "{\"batch\": 32}", NULL, NULL));
  OK(swiftgan_model_train(b, memory, 30, "{\"batch\": 32}", NULL, NULL));
  CHECK(same(a, b), "other bits than from memory");
  char report[4096];
  OK(swiftgan_evaluate(a, function, "{\"count\": 100}", report, sizeof report, NULL));
  swiftgan_model_destroy(a);
  swiftgan_model_destroy(b);
  swiftgan_dataset_destroy(function);
  swiftgan_dataset_destroy(memory);
}

/* Training ends at the step whose samples are refused, with what the steps before made of it. */
static void refused(source s, swiftgan_status status, const char *words, int steps) {
  swiftgan_dataset *d = made(&s, NULL), *good = NULL;
  swiftgan_model *m = new_model(ranged), *b = new_model(ranged);
  EXPECT(status, swiftgan_model_train(m, d, 100, "{\"batch\": 32}", NULL, NULL), words);
  OK(swiftgan_dataset_from_memory(&good, s.samples, COUNT, dims, 1, NULL));
  if (steps) OK(swiftgan_model_train(b, good, steps, "{\"batch\": 32}", NULL, NULL));
  CHECK(same(m, b), "%s: not as it was after %d steps", words, steps);
  /* It goes on where it stopped, with samples that are right. */
  s.fail_at = s.nan_at = s.large_at = 0, s.forgets = 0;
  swiftgan_dataset_destroy(d);
  d = made(&s, NULL);
  OK(swiftgan_model_train(m, d, 10, "{\"batch\": 32}", NULL, NULL));
  OK(swiftgan_model_train(b, good, 10, "{\"batch\": 32}", NULL, NULL));
  CHECK(same(m, b), "%s: another continuation", words);
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(b);
  swiftgan_dataset_destroy(d);
  swiftgan_dataset_destroy(good);
}

static int32_t busy(void *user, const uint64_t *index, size_t n, float *samples) {
  source *s = user;
  float point[2];
  if (s->calls == 0) {
    EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_dataset_read(s->self, 0, 1, point, 2, NULL), "data");
    EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_model_sample(s->model, 1, 1, NULL, point, 2, NULL), "model");
    swiftgan_model *other = new_model(ring_config);
    swiftgan_dataset *ring = new_ring();
    OK(swiftgan_model_train(other, ring, 3, NULL, NULL, NULL));
    swiftgan_model_destroy(other);
    swiftgan_dataset_destroy(ring);
    swiftgan_dataset_destroy(s->self); /* goes when training ends */
  }
  return read_samples(user, index, n, samples);
}

static void reentered(const float *x) {
  source s = {.samples = x, .model = new_model(ring_config)};
  OK(swiftgan_dataset_from_callback(&s.self, COUNT, dims, 1, NULL, busy, &s));
  OK(swiftgan_model_train(s.model, s.self, 20, "{\"batch\": 32}", NULL, NULL));
  /* Each step, and before the first what standardizing needs. */
  CHECK(s.calls == 21, "%llu calls", (unsigned long long)s.calls);
  EXPECT(SWIFTGAN_ERROR_HANDLE, swiftgan_model_train(s.model, s.self, 1, NULL, NULL, NULL), "data");
  swiftgan_model_destroy(s.model);
}

static void derived(const float *x) {
  source s = {.samples = x};
  swiftgan_dataset *function = made(&s, NULL), *d = NULL;
  OK(swiftgan_dataset_derive(&d, function, "{\"shuffle_block\": 16}"));
  swiftgan_dataset_destroy(function);
  float point[2] = {0};
  OK(swiftgan_dataset_read(d, 3, 1, point, 2, NULL));
  CHECK(point[0] == x[6] && point[1] == x[7], "another sample");
  swiftgan_dataset *none = NULL;
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_dataset_derive(&none, d, "{\"flip\": true}"), "images");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_dataset_derive(&none, d, "{\"values\": [1, 0]}"), "low < high");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_derive(&none, d, "{\"labelled\": 3}"), "labelled");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_dataset_derive(&none, d, "{\"limit\": 3}"), "limit");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_derive(NULL, d, NULL), "out");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_derive(&none, NULL, NULL), "data");
  CHECK(none == NULL, "something was made");
  swiftgan_dataset_destroy(d);
}

static void misuse(const float *x) {
  source s = {.samples = x};
  swiftgan_dataset *d = NULL;
  const uint64_t none[] = {0}, large[] = {1 << 30, 1 << 30, 1 << 30}, huge[] = {1 << 20, 1 << 20};
  const float latents[2 * COUNT] = {0};
  swiftgan_inputs inputs = {sizeof inputs, .latents = latents};
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(NULL, 1, dims, 1, NULL, read_samples, &s),
         "out");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(&d, 1, dims, 1, NULL, NULL, &s), "read");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(&d, 0, dims, 1, NULL, read_samples, &s),
         "count");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT,
         swiftgan_dataset_from_callback(&d, SIZE_MAX, dims, 1, NULL, read_samples, &s), "count");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(&d, 1, NULL, 1, NULL, read_samples, &s),
         "dims");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(&d, 1, dims, 4, NULL, read_samples, &s),
         "rank");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_from_callback(&d, 1, none, 1, NULL, read_samples, &s),
         "dims[0]");
  EXPECT(SWIFTGAN_ERROR_LIMIT, swiftgan_dataset_from_callback(&d, 1, large, 3, NULL, read_samples, &s),
         "dims");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED,
         swiftgan_dataset_from_callback(&d, COUNT, dims, 1, &inputs, read_samples, &s), "latents");
  CHECK(d == NULL && s.calls == 0, "something was made or called");
  /* A sample that no memory holds: an error when it is wanted. */
  OK(swiftgan_dataset_from_callback(&d, 1, huge, 2, NULL, read_samples, &s));
  float point[2];
  EXPECT(SWIFTGAN_ERROR_NOMEM, swiftgan_dataset_read(d, 0, 1, point, SIZE_MAX / 8, NULL), "memory");
  swiftgan_dataset_destroy(d);
}

int main(void) {
  float *x = values(2 * COUNT, 5);
  same_as_memory(x);
  refused((source){.samples = x, .fail_at = 5}, SWIFTGAN_ERROR_CANCELLED, "returned 7 for 32 samples", 4);
  refused((source){.samples = x, .fail_at = 1}, SWIFTGAN_ERROR_CANCELLED, "returned 7", 0);
  refused((source){.samples = x, .nan_at = 8}, SWIFTGAN_ERROR_ARGUMENT, "element 1 is nan", 7);
  refused((source){.samples = x, .forgets = 1}, SWIFTGAN_ERROR_ARGUMENT, "was not written", 0);
  refused((source){.samples = x, .large_at = 3}, SWIFTGAN_ERROR_MISMATCH, "to 100", 2);
  reentered(x);
  derived(x);
  misuse(x);
  free(x);
  return finish();
}
