/* Feeds damaged checkpoints, data of every format and configurations to the library: fuzz SECONDS
 * [SEED]. What may happen is an error or a valid object that works; a crash ends the process, and
 * the seed printed first repeats the run. The whole files that it damages are those that the tests
 * Tests/C/hostile_*.c leave (run.sh). */
#include "../C/check.h"
#include <dirent.h>
#include <time.h>

static uint64_t state;
static uint32_t draw(void) { /* SplitMix64 (Steele, Lea & Flood 2014) */
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return (uint32_t)(z >> 32);
}

typedef struct {
  unsigned char *bytes;
  size_t n;
} blob;

static const char *const words[] = {"0",     "-1",  "1e9",        "4294967296", "\"\"", "null",
                                    "[]",    "{}",  "[0]",        "1e-999",     "true", "\\u0000",
                                    "99999", "F32", "\"layers\"", "[[["};

/* A copy with some bytes flipped, overwritten, removed, doubled, or a word put in. */
static blob damaged(blob from) {
  blob to = {malloc(2 * from.n + 64), from.n};
  memcpy(to.bytes, from.bytes, from.n);
  for (uint32_t times = 1 + draw() % 4; times && to.n; times--) {
    size_t at = draw() % to.n, length = 1 + draw() % 16;
    if (at + length > to.n) length = to.n - at;
    switch (draw() % 6) {
    case 0:
      to.bytes[at] ^= (unsigned char)(1u << draw() % 8);
      break;
    case 1:
      to.bytes[at] = (unsigned char)draw();
      break;
    case 2:
      memmove(to.bytes + at, to.bytes + at + length, to.n - at - length);
      to.n -= length;
      break;
    case 3:
      if (to.n + length > 2 * from.n) break;
      memmove(to.bytes + at + length, to.bytes + at, to.n - at);
      to.n += length;
      break;
    case 4:
      to.n = at;
      break;
    default: {
      const char *word = words[draw() % (sizeof words / sizeof *words)];
      size_t size = strlen(word);
      if (at + size <= to.n) memcpy(to.bytes + at, word, size);
    }
    }
  }
  return to;
}

static blob file_of(const char *path) {
  blob b = {NULL, 0};
  b.bytes = read_file(path, &b.n);
  return b;
}

static void use_model(swiftgan_model *m) {
  size_t n = 0;
  OK(swiftgan_model_config(m, NULL, 0, &n));
  OK(swiftgan_model_sample(m, 2, 1, NULL, NULL, 0, &n));
  float *samples = n < 1 << 20 ? malloc(n * sizeof *samples) : NULL;
  if (samples) {
    swiftgan_status s = swiftgan_model_sample(m, 2, 1, NULL, samples, n, NULL);
    CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_NOMEM, "%s: %s", swiftgan_status_name(s),
          swiftgan_last_error());
  }
  free(samples);
  swiftgan_model_destroy(m);
}

static void checkpoint(blob whole) {
  blob b = damaged(whole);
  write_file(place("fuzz"), b.bytes, b.n);
  swiftgan_model *m = NULL;
  swiftgan_status s = swiftgan_model_load(&m, place("fuzz"));
  CHECK((s == 0) == (m != NULL), "%s", swiftgan_status_name(s));
  CHECK(s != SWIFTGAN_ERROR_INTERNAL, "%s", swiftgan_last_error());
  if (m) {
    CHECK(b.n == whole.n && memcmp(b.bytes, whole.bytes, b.n) == 0, "a damaged checkpoint was accepted");
    use_model(m);
  }
  free(b.bytes);
}

/* Opens `path`, in which a damaged file lies, and reads its first sample. */
static void open_damaged(const char *path, const char *options) {
  swiftgan_dataset *d = NULL;
  swiftgan_status s = swiftgan_dataset_open(&d, path, options);
  CHECK((s == 0) == (d != NULL), "%s", swiftgan_status_name(s));
  CHECK(s != SWIFTGAN_ERROR_INTERNAL, "%s", swiftgan_last_error());
  float x[64];
  if (d && swiftgan_dataset_read(d, 0, 1, x, 64, NULL) == SWIFTGAN_OK)
    CHECK(isfinite(x[0]), "pixel %f", x[0]);
  swiftgan_dataset_destroy(d);
}

/* Whole files, which the tests of damaged data left. */
enum { MOST_SEEDS = 200 };
static struct {
  blob bytes;
  char name[256];
} seeds[MOST_SEEDS];
static int seed_count;

static int is_picture(const char *name) { return strstr(name, ".png") || strstr(name, ".jp") != NULL; }

/* Where a seed's damaged copies lie: its name says which format it is, a picture has a folder of
 * its own. */
static const char *home(const char *name) {
  char path[300];
  snprintf(path, sizeof path, "%s%s", is_picture(name) ? "pictures/it" : "fuzz", strrchr(name, '-') + 1);
  return place(is_picture(name) ? (strstr(name, ".png") ? "pictures/it.png" : "pictures/it.jpg") : path);
}

static void read_seeds(const char *folder) {
  DIR *d = opendir(folder);
  CHECK(d != NULL, "no folder %s", folder);
  mkdir(place("pictures"), 0700);
  for (struct dirent *e; d && (e = readdir(d)) && seed_count < MOST_SEEDS;) {
    if (e->d_name[0] == '.') continue;
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    seeds[seed_count].bytes = file_of(path);
    snprintf(seeds[seed_count++].name, sizeof seeds[0].name, "%s", e->d_name);
  }
  if (d) closedir(d);
  CHECK(seed_count > 20, "only %d whole files", seed_count);
}

/* A damaged file of data, read from memory and, where that is possible, from the file. */
static void data(int seed) {
  static const char *const options[] = {NULL, "{\"memory\": 0}", "{\"size\": 4}",
                                        "{\"size\": 4, \"memory\": 0}",
                                        "{\"size\": 4, \"channels\": 1, \"skip_corrupt\": true}"};
  int picture = is_picture(seeds[seed].name);
  const char *path = home(seeds[seed].name);
  blob b = damaged(seeds[seed].bytes);
  write_file(path, b.bytes, b.n);
  open_damaged(picture ? place("pictures") : path, options[draw() % (picture ? 5 : 2)]);
  unlink(path);
  free(b.bytes);
}

static void configuration(blob whole) {
  blob b = damaged(whole);
  char *text = malloc(b.n + 1);
  memcpy(text, b.bytes, b.n);
  text[b.n] = 0;
  swiftgan_model *m = NULL;
  swiftgan_status s = swiftgan_model_create(&m, text);
  CHECK((s == 0) == (m != NULL), "%s", swiftgan_status_name(s));
  CHECK(s != SWIFTGAN_ERROR_INTERNAL, "%s", swiftgan_last_error());
  CHECK(s == 0 || swiftgan_last_error()[0], "no message for %s", text);
  if (m) use_model(m);
  free(text);
  free(b.bytes);
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? atof(argv[1]) : 60;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
  printf("fuzz: %.0f seconds, seed %llu\n", seconds, (unsigned long long)state);
  fflush(stdout);

  char text[8192];
  swiftgan_model *m = new_model(
      "{\"data\": {\"shape\": [8, 8, 1]}, \"latent\": {\"size\": 3},"
      " \"generator\": {\"layers\": [{\"dense\": 8}, {\"reshape\": [2, 2, 2]}, \"batch_norm\", \"relu\","
      "  {\"conv_transpose\": {\"channels\": 2, \"kernel\": 4, \"stride\": 2, \"padding\": 1}},"
      "  {\"residual\": [{\"conv\": 2}, \"silu\"]}, {\"skip\": [\"relu\"]}, {\"upsample\": 2},"
      "  {\"conv\": {\"channels\": 1, \"kernel\": [3, 1]}}, \"tanh\"]},"
      " \"objective\": {\"least_squares\": {\"a\": -1}},"
      " \"penalties\": {\"r1\": 1, \"gradient_penalty\": {\"weight\": 2, \"every\": 2}, \"r2\": 0.5},"
      " \"discriminator\": {\"preset\": \"mlp\", \"width\": 3, \"depth\": 1},"
      " \"optimizer\": {\"generator\": {\"sgd\": {\"momentum\": 0.5}}}, \"average\": 0.5}");
  OK(swiftgan_model_config(m, text, sizeof text, NULL));
  OK(swiftgan_model_save(m, place("whole")));
  swiftgan_model_destroy(m);
  blob file = file_of(place("whole")), config = {(unsigned char *)text, strlen(text)};
  read_seeds(place("seeds"));

  long rounds = 0;
  for (time_t start = time(NULL); difftime(time(NULL), start) < seconds; rounds++) {
    checkpoint(file);
    for (int i = 0; i < 12; i++) data((int)(draw() % (unsigned)seed_count));
    configuration(config);
  }
  printf("fuzz: %ld rounds\n", rounds);
  for (int i = 0; i < seed_count; i++) free(seeds[i].bytes.bytes);
  free(file.bytes);
  return finish();
}
