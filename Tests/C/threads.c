/* Handles and threads: independent models side by side, one handle used twice at once, callbacks,
 * cancelling. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>

static void *train_images(void *out) {
  swiftgan_model *m = NULL;
  float *x = values(16 * 256, 3);
  swiftgan_status s = swiftgan_model_create(&m, image_config);
  for (int i = 0; i < 20 && !s; i++) s = swiftgan_model_step(m, x, 16, NULL, NULL, 0, NULL);
  if (!s) s = swiftgan_model_sample(m, 4, 1, NULL, out, 4 * 256, NULL);
  swiftgan_model_destroy(m);
  free(x);
  return (void *)(intptr_t)s;
}

static void two_models_at_once(void) {
  static float alone[4 * 256], together[2][4 * 256];
  CHECK(train_images(alone) == NULL, "%s", swiftgan_last_error());
  pthread_t t[2];
  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, train_images, together[i]);
  for (int i = 0; i < 2; i++) {
    void *status;
    pthread_join(t[i], &status);
    CHECK(status == NULL, "status %d", (int)(intptr_t)status);
    CHECK(memcmp(alone, together[i], sizeof alone) == 0, "thread %d computed other bits", i);
  }
}

typedef struct {
  swiftgan_model *model;
  swiftgan_dataset *data;
  atomic_int inside, leave;
  uint64_t last;
} shared;

static int32_t hold(void *context, uint64_t step, const char *report) {
  shared *s = context;
  CHECK(strstr(report, "\"generator_cost\"") != NULL, "%s", report);
  float point[2];
  if (step == 1) {
    EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_model_sample(s->model, 1, 1, NULL, point, 2, NULL), "model");
    EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_dataset_read(s->data, 0, 1, point, 2, NULL), "data");
  }
  s->last = step;
  atomic_store(&s->inside, 1);
  return atomic_load(&s->leave);
}

static void *train_ring(void *context) {
  shared *s = context;
  return (void *)(intptr_t)swiftgan_model_train(s->model, s->data, UINT64_MAX, "{\"batch\": 8}", hold, s);
}

static void one_handle_twice(void) {
  shared s = {.model = new_model(ring_config), .data = new_ring()};
  pthread_t t;
  pthread_create(&t, NULL, train_ring, &s);
  while (!atomic_load(&s.inside)) usleep(1000);
  float point[2];
  EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_model_sample(s.model, 1, 1, NULL, point, 2, NULL), "model");
  EXPECT(SWIFTGAN_ERROR_BUSY, swiftgan_model_save(s.model, place("busy.safetensors")), "model");
  CHECK(access(place("busy.safetensors"), F_OK) != 0, "a busy model was saved");
  atomic_store(&s.leave, 1);
  void *status;
  pthread_join(t, &status);
  CHECK((intptr_t)status == SWIFTGAN_ERROR_CANCELLED, "status %d", (int)(intptr_t)status);

  /* Cancelled at a whole step: the same bits as that many steps. */
  swiftgan_model *other = new_model(ring_config);
  OK(swiftgan_model_train(other, s.data, s.last, "{\"batch\": 8}", NULL, NULL));
  CHECK(same(s.model, other), "cancelled at step %d", (int)s.last);
  swiftgan_model_destroy(other);
  swiftgan_model_destroy(s.model);
  swiftgan_dataset_destroy(s.data);
}

static void *destroy_model(void *model) {
  swiftgan_model_destroy(model);
  return NULL;
}

/* Destroying a model that another thread uses takes effect when that use ends. */
static void destroyed_in_use(void) {
  shared s = {.model = new_model(ring_config), .data = new_ring()};
  pthread_t t, d;
  pthread_create(&t, NULL, train_ring, &s);
  while (!atomic_load(&s.inside)) usleep(1000);
  pthread_create(&d, NULL, destroy_model, s.model);
  pthread_join(d, NULL);
  float point[2];
  EXPECT(SWIFTGAN_ERROR_HANDLE, swiftgan_model_sample(s.model, 1, 1, NULL, point, 2, NULL), "model");
  atomic_store(&s.leave, 1);
  pthread_join(t, NULL);
  EXPECT(SWIFTGAN_ERROR_HANDLE, swiftgan_model_sample(s.model, 1, 1, NULL, point, 2, NULL), "model");
  swiftgan_dataset_destroy(s.data);
}

/* Each thread has a last error of its own. */
static void *fail_otherwise(void *unused) {
  (void)unused;
  swiftgan_model *m = NULL;
  CHECK(strcmp(swiftgan_last_error(), "") == 0, "a new thread begins with: %s", swiftgan_last_error());
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_model_load(&m, place("missing")), "missing");
  return NULL;
}

static void errors_by_thread(void) {
  swiftgan_model *m = NULL;
  EXPECT(SWIFTGAN_ERROR_FORMAT, swiftgan_model_create(&m, "{"), "");
  char before[512];
  snprintf(before, sizeof before, "%s", swiftgan_last_error());
  pthread_t t;
  pthread_create(&t, NULL, fail_otherwise, NULL);
  pthread_join(t, NULL);
  CHECK(strcmp(before, swiftgan_last_error()) == 0, "now: %s", swiftgan_last_error());
}

int main(void) {
  errors_by_thread();
  two_models_at_once();
  one_handle_twice();
  destroyed_in_use();
  return finish();
}
