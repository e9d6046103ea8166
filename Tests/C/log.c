/* Warnings and notices reach the caller's function, on the calling thread, and nobody else. */
#include "check.h"
#include <pthread.h>

typedef struct {
  int count;
  int32_t level;
  char text[512];
  pthread_t thread;
} heard;

static void listen(void *context, int32_t level, const char *message) {
  heard *h = context;
  h->count++;
  h->level = level;
  snprintf(h->text, sizeof h->text, "%s", message);
  h->thread = pthread_self();
}

int main(void) {
  const char *smoothed = "{\"data\": {\"shape\": [2]}, \"label_smoothing\": {\"real\": 0.1, \"fake\": 0.1}}";
  heard h = {0};
  swiftgan_model_destroy(new_model(smoothed)); /* nobody listens */
  OK(swiftgan_set_log(listen, &h));
  swiftgan_model_destroy(new_model(ring_config));
  CHECK(h.count == 0, "said without need: %s", h.text);
  swiftgan_model_destroy(new_model(smoothed));
  CHECK(h.count == 1 && h.level == SWIFTGAN_LOG_WARNING, "%d messages, level %d", h.count, h.level);
  CHECK(strstr(h.text, "label_smoothing.fake") != NULL, "%s", h.text);
  CHECK(pthread_equal(h.thread, pthread_self()), "on another thread");
  OK(swiftgan_set_log(NULL, &h));
  swiftgan_model_destroy(new_model(smoothed));
  CHECK(h.count == 1, "heard after it was set to NULL");
  return finish();
}
