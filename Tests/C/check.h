/* What the C tests share: counted checks, small models and data, files in a folder of the test's
 * own. */
#ifndef CHECK_H
#define CHECK_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <swiftgan.h>
#include <sys/stat.h>
#include <unistd.h>

static int passed, failed;

#define CHECK(condition, ...)                                                                                \
  do {                                                                                                       \
    if (condition) {                                                                                         \
      passed++;                                                                                              \
    } else {                                                                                                 \
      failed++;                                                                                              \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                                                 \
      printf(__VA_ARGS__);                                                                                   \
      printf("\n");                                                                                          \
    }                                                                                                        \
  } while (0)

/* A call that must give a status, and where that is an error, a message that holds `words`. */
#define EXPECT(expected, call, words)                                                                        \
  do {                                                                                                       \
    swiftgan_status found = (call);                                                                          \
    CHECK(found == (expected), "found %s (%s)", swiftgan_status_name(found), swiftgan_last_error());         \
    if (found == (expected) && found != SWIFTGAN_OK)                                                         \
      CHECK(strstr(swiftgan_last_error(), words) != NULL, "no \"%s\" in: %s", words, swiftgan_last_error()); \
  } while (0)

#define OK(call) EXPECT(SWIFTGAN_OK, call, "")

static inline int finish(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}

static const char *const ring_config =
    "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 4}, \"average\": 0.9,"
    " \"generator\": {\"preset\": \"mlp\", \"width\": 16},"
    " \"discriminator\": {\"preset\": \"mlp\", \"width\": 16}}";
static const char *const image_config = "{\"data\": {\"shape\": [16, 16, 1]}, \"latent\": {\"size\": 8},"
                                        " \"generator\": {\"preset\": \"dcgan\", \"width\": 8},"
                                        " \"discriminator\": {\"preset\": \"dcgan\", \"width\": 8}}";

static inline swiftgan_model *new_model(const char *config) {
  swiftgan_model *m = NULL;
  OK(swiftgan_model_create(&m, config));
  return m;
}

static inline swiftgan_dataset *new_ring(void) {
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_open(&d, "ring", "{\"count\": 1000}"));
  return d;
}

/* n values in [-1, 1), the same for the same seed. */
static inline float *values(size_t n, uint32_t seed) {
  float *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (float)(seed >> 8) / (1 << 23) - 1;
  }
  return x;
}

/* A path in the folder that run.sh gives each test. */
static inline const char *place(const char *name) {
  static char path[8][512];
  static int next;
  const char *folder = getenv("FOLDER");
  next = (next + 1) % 8;
  snprintf(path[next], sizeof path[next], "%s/%s", folder ? folder : "/tmp", name);
  return path[next];
}

static inline void write_file(const char *path, const void *bytes, size_t n) {
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(bytes, 1, n, f) != n) CHECK(0, "cannot write %s", path);
  if (f) fclose(f);
}

static inline unsigned char *read_file(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  fseek(f, 0, SEEK_END);
  *n = (size_t)ftell(f);
  rewind(f);
  unsigned char *bytes = malloc(*n + 1);
  if (fread(bytes, 1, *n, f) != *n) CHECK(0, "cannot read %s", path);
  fclose(f);
  return bytes;
}

/* Keeps a copy of a small file that was read, where the environment's SEEDS names a folder: the
 * fuzz damages these. */
static inline void keep(const char *path) {
  enum { MOST = 12, LARGEST = 1 << 14 };
  static int kept;
  const char *folder = getenv("SEEDS"), *name = strrchr(path, '/');
  struct stat info;
  if (!folder || !name || kept == MOST || stat(path, &info) || !S_ISREG(info.st_mode) ||
      info.st_size > LARGEST)
    return;
  size_t n = 0;
  unsigned char *bytes = read_file(path, &n);
  char copy[600];
  snprintf(copy, sizeof copy, "%s/%d-%s", folder, kept++, name + 1);
  write_file(copy, bytes, n);
  free(bytes);
}

/* How opening a data set ends: with a handle, which is ended, or with an error. */
static inline swiftgan_status opened(const char *path, const char *options) {
  swiftgan_dataset *d = NULL;
  swiftgan_status s = swiftgan_dataset_open(&d, path, options);
  CHECK((s == SWIFTGAN_OK) == (d != NULL), "%s and handle %p", swiftgan_status_name(s), (void *)d);
  swiftgan_dataset_destroy(d);
  if (s == SWIFTGAN_OK) keep(path);
  return s;
}

/* The same, where an error must name the file. */
static inline swiftgan_status opened_by_name(const char *path, const char *options) {
  swiftgan_status s = opened(path, options);
  if (s) CHECK(strstr(swiftgan_last_error(), path) != NULL, "no name in %s", swiftgan_last_error());
  return s;
}

/* Every tensor of a model, one after the other; the caller frees it. */
static inline float *all_tensors(swiftgan_model *m, size_t *total) {
  size_t count = 0;
  float *all = NULL;
  *total = 0;
  OK(swiftgan_model_tensor_count(m, &count));
  for (size_t i = 0; i < count; i++) {
    const char *name;
    const uint64_t *dims;
    size_t rank, n = 1;
    OK(swiftgan_model_tensor_info(m, i, &name, &dims, &rank));
    for (size_t d = 0; d < rank; d++) n *= dims[d];
    all = realloc(all, (*total + n) * sizeof *all);
    OK(swiftgan_model_tensor_read(m, name, all + *total, n));
    *total += n;
  }
  return all;
}

/* Whether two models hold the same bits. */
static inline int same(swiftgan_model *a, swiftgan_model *b) {
  size_t na, nb;
  float *ta = all_tensors(a, &na), *tb = all_tensors(b, &nb);
  int equal = na == nb && memcmp(ta, tb, na * sizeof *ta) == 0;
  free(ta);
  free(tb);
  return equal;
}
#endif
