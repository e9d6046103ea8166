/* Feeds damaged checkpoints, data files (IDX, gzip, NPY, NPZ, CSV, WAV), pictures (JPEG) and configurations to the library: fuzz SECONDS [SEED]. What may happen is an
 * error or a valid object that works; a crash ends the process, and the seed printed first repeats the run. */
#include "../C/jpegs.h"
#include <sys/stat.h>
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

/* bits: of zlib's window; 15 + 16 for gzip, -15 for nothing around the data. */
static blob packed(blob in, int bits) {
  blob out = {malloc(in.n + 1024), 0};
  z_stream z = {0};
  deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
  z.next_in = in.bytes, z.avail_in = (unsigned)in.n, z.next_out = out.bytes,
  z.avail_out = (unsigned)in.n + 1024;
  deflate(&z, Z_FINISH);
  out.n = z.total_out;
  deflateEnd(&z);
  return out;
}

/* A NumPy array of 3 x 4 floats. */
static blob array(void) {
  static const char header[] = "\x93NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
  blob b = {calloc(1, 128 + 48), 128 + 48};
  memset(b.bytes, ' ', 128);
  memcpy(b.bytes, header, sizeof header - 1);
  b.bytes[127] = '\n';
  return b;
}

static size_t put(unsigned char *to, uint64_t value, int size) {
  for (int i = 0; i < size; i++) to[i] = (unsigned char)(value >> 8 * i);
  return (size_t)size;
}

/* A zip file with one deflated member, x.npy. */
static blob archive(blob member) {
  blob data = packed(member, -15), b = {malloc(data.n + 256), 0};
  unsigned char common[26], *at = common;
  at += put(at, 20, 2), at += put(at, 0, 2), at += put(at, 8, 2), at += put(at, 0, 4);
  at += put(at, crc32(0, member.bytes, (unsigned)member.n), 4), at += put(at, data.n, 4);
  at += put(at, member.n, 4), at += put(at, 5, 2), put(at, 0, 2);
  at = b.bytes + put(b.bytes, 0x04034B50, 4);
  memcpy(at, common, 26), memcpy(at + 26, "x.npy", 5), memcpy(at + 31, data.bytes, data.n);
  at += 31 + data.n;
  size_t start = (size_t)(at - b.bytes);
  at += put(at, 0x02014B50, 4), at += put(at, 20, 2);
  memcpy(at, common, 26), at += 26;
  at += put(at, 0, 8), at += put(at, 0, 6), memcpy(at, "x.npy", 5), at += 5;
  size_t end = (size_t)(at - b.bytes);
  at += put(at, 0x06054B50, 4), at += put(at, 0, 4), at += put(at, 1, 2), at += put(at, 1, 2);
  at += put(at, end - start, 4), at += put(at, start, 4), at += put(at, 0, 2);
  b.n = (size_t)(at - b.bytes);
  free(data.bytes);
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

/* name: its ending says which format it is. Read from memory and, where that is possible, from the file. */
static void data(blob whole, const char *name) {
  blob b = damaged(whole);
  write_file(place(name), b.bytes, b.n);
  open_damaged(place(name), draw() % 2 ? NULL : "{\"memory\": 0}");
  free(b.bytes);
}

/* A JPEG file in a folder of its own, at 4 x 4 pixels and as it is. */
static void picture(blob whole) {
  static const char *const options[] = {"{\"size\": 4}", "{\"size\": 4, \"memory\": 0}",
                                        "{\"size\": 4, \"channels\": 1, \"skip_corrupt\": true}", NULL};
  blob b = damaged(whole);
  write_file(place("pictures/it.jpg"), b.bytes, b.n);
  open_damaged(place("pictures"), options[draw() % 4]);
  free(b.bytes);
}

/* JPEG files of every kind: gray and color, in one scan and in several, CMYK, with restarts, turned. */
enum { JPEGS = 5 };
static void jpegs(blob *files) {
  static const jpeg_kind kinds[JPEGS] = {{.width = 8, .height = 8, .channels = 1, .restart = 1},
                                         {.width = 9, .height = 7, .channels = 3, .orientation = 6},
                                         {.width = 16, .height = 8, .channels = 3, .progressive = 1},
                                         {.width = 8, .height = 8, .channels = 4, .inks = 1},
                                         {.width = 8, .height = 8, .channels = 1, .orientation = -3}};
  unsigned char x[16 * 16 * 4];
  for (size_t i = 0; i < sizeof x; i++) x[i] = (unsigned char)(i * 37);
  mkdir(place("pictures"), 0700);
  for (int i = 0; i < JPEGS; i++) {
    jpeg_file f = jpeg(kinds[i], x);
    files[i] = (blob){f.b, f.n};
    write_file(place("pictures/it.jpg"), f.b, f.n);
    swiftgan_dataset *d = NULL;
    OK(swiftgan_dataset_open(&d, place("pictures"), "{\"size\": 4}"));
    swiftgan_dataset_destroy(d);
  }
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
  unsigned char idx[16 + 3 * 64] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 8, 200, 100, 50};
  blob file = file_of(place("whole")), config = {(unsigned char *)text, strlen(text)},
       plain = {idx, sizeof idx};
  blob gzip = packed(plain, 15 + 16), npy = array(), npz = archive(npy);
  char numbers[] = "a,\"b\",c\r\n1,-2.5e-3,0\r\n\"3\",4,1\r\n12345678901234567890,.5,-1e-30\n";
  blob csv = {(unsigned char *)numbers, sizeof numbers - 1};
  unsigned char sound[44 + 2 * 40] =
      "RIFF\x74\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x10\0\0\0\x20\0\0\0\2\0\x10\0data\x50\0\0\0\1\2\3";
  blob wav = {sound, sizeof sound};
  struct {
    blob bytes;
    const char *name;
  } files[] = {{plain, "fuzz"},   {gzip, "fuzz"},    {npy, "fuzz.npy"},
               {npz, "fuzz.npz"}, {csv, "fuzz.csv"}, {wav, "fuzz.wav"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    swiftgan_dataset *d = NULL;
    write_file(place(files[i].name), files[i].bytes.bytes, files[i].bytes.n);
    OK(swiftgan_dataset_open(&d, place(files[i].name), NULL));
    swiftgan_dataset_destroy(d);
  }

  blob pictures[JPEGS];
  jpegs(pictures);

  long rounds = 0;
  for (time_t start = time(NULL); difftime(time(NULL), start) < seconds; rounds++) {
    checkpoint(file);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) data(files[i].bytes, files[i].name);
    for (int i = 0; i < JPEGS; i++) picture(pictures[i]);
    configuration(config);
  }
  printf("fuzz: %ld rounds\n", rounds);
  for (int i = 0; i < JPEGS; i++) free(pictures[i].bytes);
  free(file.bytes);
  free(gzip.bytes);
  free(npy.bytes);
  free(npz.bytes);
  return finish();
}
