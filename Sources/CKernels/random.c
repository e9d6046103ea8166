#include "elementwise_kernels.h"

/* Words are drawn in runs of whole blocks into a buffer on the stack. */
enum { blocks_a_run = 128, words_a_run = 4 * blocks_a_run };

void sg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  sg_kernels_now()->elementwise->philox(key, counter, counter[0], out, 1);
}

typedef struct {
  sg_random_key key;
  uint32_t first;
  size_t samples, width, runs_a_sample;
  float a, b;
  float *y;
  uint32_t *words;
} job;

static void draw(const job *j, size_t task, uint32_t *words, size_t *sample, size_t *from, size_t *n) {
  *sample = task / j->runs_a_sample;
  *from = task % j->runs_a_sample * words_a_run;
  *n = SG_MIN(j->width - *from, (size_t)words_a_run);
  uint32_t key[2] = {(uint32_t)j->key.seed, (uint32_t)(j->key.seed >> 32)};
  uint32_t counter[4] = {0, j->first + (uint32_t)*sample, (uint32_t)j->key.step,
                         (uint32_t)(j->key.step >> 32) << 16 | j->key.stream};
  sg_kernels_now()->elementwise->philox(key, counter, (uint32_t)(*from / 4), words, (*n + 3) / 4);
}

static void words_task(void *context, size_t task) {
  job *j = context;
  uint32_t words[words_a_run];
  size_t sample, from, n;
  draw(j, task, words, &sample, &from, &n);
  memcpy(j->words + sample * j->width + from, words, n * 4);
}

static void uniform_task(void *context, size_t task) {
  job *j = context;
  uint32_t words[words_a_run];
  size_t sample, from, n;
  draw(j, task, words, &sample, &from, &n);
  float *y = j->y + sample * j->width + from, span = j->b - j->a;
  float last = nextafterf(j->b, j->a);
  for (size_t i = 0; i < n; i++) {
    float u = j->a + (float)(words[i] >> 8) * 0x1p-24f * span;
    y[i] = u < j->b ? u : last; /* rounding may reach the open end */
  }
}

static void normal_task(void *context, size_t task) {
  job *j = context;
  uint32_t words[words_a_run + 32] = {0};
  size_t sample, from, n;
  draw(j, task, words, &sample, &from, &n);
  sg_kernels_now()->elementwise->box_muller(words, j->a, j->b, j->y + sample * j->width + from, n);
}

static void over_runs(job *j, sg_task fn) {
  if (!j->samples || !j->width) return;
  j->runs_a_sample = (j->width + words_a_run - 1) / words_a_run;
  size_t tasks = j->samples * j->runs_a_sample;
  if (j->samples * j->width < 16384)
    for (size_t t = 0; t < tasks; t++) fn(j, t);
  else sg_parallel(tasks, fn, j);
}

void sg_random_words(sg_random_key key, uint32_t first, size_t samples, size_t width, uint32_t *y) {
  job j = {.key = key, .first = first, .samples = samples, .width = width, .words = y};
  over_runs(&j, words_task);
}
void sg_random_uniform(sg_random_key key, uint32_t first, size_t samples, size_t width, float low, float high,
                       float *y) {
  job j = {.key = key, .first = first, .samples = samples, .width = width, .a = low, .b = high, .y = y};
  over_runs(&j, uniform_task);
}
void sg_random_normal(sg_random_key key, uint32_t first, size_t samples, size_t width, float mean,
                      float deviation, float *y) {
  job j = {.key = key, .first = first, .samples = samples, .width = width, .a = mean, .b = deviation, .y = y};
  over_runs(&j, normal_task);
}
