#include "elementwise_kernels.h"

/* Words are drawn in runs of whole blocks into a buffer on the stack: pieces of one sample, or
 * several narrow samples. */
enum { blocks_a_run = 128, words_a_run = 4 * blocks_a_run };

void sg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  sg_kernels_now()->elementwise->philox(key, counter, counter[0], UINT32_MAX, out, 1);
}

typedef struct {
  sg_random_key key;
  uint32_t first;
  size_t samples, width, blocks, samples_a_run, runs_a_sample; /* blocks: of a sample */
  float a, b;
  float *y;
  uint32_t *words;
} job;

/* One run: `samples` pieces of n numbers, whose words are `step` apart, to places `width` apart
 * from `at` on. */
typedef struct {
  size_t samples, at, n, step;
  uint32_t words[words_a_run + 32];
} run;

static void draw(const job *j, size_t task, run *r) {
  size_t sample = task / j->runs_a_sample * j->samples_a_run, from = task % j->runs_a_sample * words_a_run;
  r->samples = SG_MIN(j->samples - sample, j->samples_a_run);
  r->at = sample * j->width + from;
  r->n = SG_MIN(j->width - from, (size_t)words_a_run);
  r->step = (r->n + 3) / 4 * 4;
  size_t words = r->samples * r->step;
  uint32_t key[2] = {(uint32_t)j->key.seed, (uint32_t)(j->key.seed >> 32)};
  uint32_t counter[4] = {0, j->first + (uint32_t)sample, (uint32_t)j->key.step,
                         (uint32_t)(j->key.step >> 32) << 16 | j->key.stream};
  sg_kernels_now()->elementwise->philox(key, counter, (uint32_t)(from / 4), (uint32_t)j->blocks, r->words,
                                        words / 4);
  memset(r->words + words, 0, 32 * sizeof *r->words);
}

static void words_task(void *context, size_t task) {
  job *j = context;
  run r;
  draw(j, task, &r);
  for (size_t s = 0; s < r.samples; s++)
    memcpy(j->words + r.at + s * j->width, r.words + s * r.step, r.n * sizeof *r.words);
}

static void uniform_task(void *context, size_t task) {
  job *j = context;
  run r;
  draw(j, task, &r);
  float span = j->b - j->a, last = nextafterf(j->b, j->a);
  for (size_t s = 0; s < r.samples; s++) {
    float *y = j->y + r.at + s * j->width;
    for (size_t i = 0; i < r.n; i++) {
      float u = j->a + (float)(r.words[s * r.step + i] >> 8) * 0x1p-24f * span;
      y[i] = u < j->b ? u : last; /* rounding may reach the open end */
    }
  }
}

static void normal_task(void *context, size_t task) {
  job *j = context;
  run r;
  draw(j, task, &r);
  float made[words_a_run], *y = j->y + r.at;
  int apart = r.samples > 1 && r.step != j->width;
  sg_kernels_now()->elementwise->box_muller(r.words, j->a, j->b, apart ? made : y,
                                            r.samples == 1 ? r.n : r.samples * r.step);
  for (size_t s = 0; apart && s < r.samples; s++)
    memcpy(y + s * j->width, made + s * r.step, r.n * sizeof *y);
}

static void over_runs(job *j, sg_task fn) {
  if (!j->samples || !j->width) return;
  j->blocks = (j->width + 3) / 4;
  j->samples_a_run = SG_MAX(1, blocks_a_run / j->blocks);
  j->runs_a_sample = (j->blocks + blocks_a_run - 1) / blocks_a_run;
  size_t tasks = (j->samples + j->samples_a_run - 1) / j->samples_a_run * j->runs_a_sample;
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
