/* Feeds damaged checkpoints, IDX files, gzip streams and configurations to the library: fuzz SECONDS [SEED]. What may happen is an
 * error or a valid object that works; a crash ends the process, and the seed printed first repeats the run. */
#include "../C/check.h"
#include <time.h>
#include <zlib.h>

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

static blob zipped(blob in) {
  blob out = {malloc(in.n + 1024), 0};
  z_stream z = {0};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  z.next_in = in.bytes, z.avail_in = (unsigned)in.n, z.next_out = out.bytes,
  z.avail_out = (unsigned)in.n + 1024;
  deflate(&z, Z_FINISH);
  out.n = z.total_out;
  deflateEnd(&z);
  return out;
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

static void images(blob whole) {
  blob b = damaged(whole);
  write_file(place("fuzz"), b.bytes, b.n);
  swiftgan_dataset *d = NULL;
  swiftgan_status s = swiftgan_dataset_open(&d, place("fuzz"), NULL);
  CHECK((s == 0) == (d != NULL), "%s", swiftgan_status_name(s));
  CHECK(s != SWIFTGAN_ERROR_INTERNAL, "%s", swiftgan_last_error());
  float x[64];
  if (d && swiftgan_dataset_read(d, 0, 1, x, 64, NULL) == SWIFTGAN_OK)
    CHECK(isfinite(x[0]), "pixel %f", x[0]);
  swiftgan_dataset_destroy(d);
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
      "  {\"residual\": [{\"conv\": 2}, \"silu\"]}, {\"upsample\": 2},"
      "  {\"conv\": {\"channels\": 1, \"kernel\": [3, 1]}}, \"tanh\"]},"
      " \"discriminator\": {\"preset\": \"mlp\", \"width\": 3, \"depth\": 1},"
      " \"optimizer\": {\"generator\": {\"sgd\": {\"momentum\": 0.5}}}, \"average\": 0.5}");
  OK(swiftgan_model_config(m, text, sizeof text, NULL));
  OK(swiftgan_model_save(m, place("whole")));
  swiftgan_model_destroy(m);
  unsigned char idx[16 + 3 * 64] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 8, 200, 100, 50};
  blob file = file_of(place("whole")), config = {(unsigned char *)text, strlen(text)},
       plain = {idx, sizeof idx};
  blob gzip = zipped(plain);

  long rounds = 0;
  for (time_t start = time(NULL); difftime(time(NULL), start) < seconds; rounds++) {
    checkpoint(file);
    images(plain);
    images(gzip);
    configuration(config);
  }
  printf("fuzz: %ld rounds\n", rounds);
  free(file.bytes);
  free(gzip.bytes);
  return finish();
}
