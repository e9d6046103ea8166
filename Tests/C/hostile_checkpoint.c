/* Checkpoints that are cut, flipped, forged or of something else: always an error of the file
 * kinds, never a crash, never a model with other contents. */
#include "check.h"
#include <sys/stat.h>

static unsigned char *whole;
static size_t whole_size;

static int is_file_error(swiftgan_status s) {
  return s == SWIFTGAN_ERROR_FORMAT || s == SWIFTGAN_ERROR_TRUNCATED || s == SWIFTGAN_ERROR_CHECKSUM ||
         s == SWIFTGAN_ERROR_UNSUPPORTED || s == SWIFTGAN_ERROR_LIMIT || s == SWIFTGAN_ERROR_MISMATCH ||
         s == SWIFTGAN_ERROR_CONFIG;
}

/* Loads these bytes as a checkpoint; they must be refused. */
static swiftgan_status refused(const void *bytes, size_t n, const char *what, size_t where) {
  write_file(place("forged"), bytes, n);
  swiftgan_model *m = NULL;
  swiftgan_status s = swiftgan_model_load(&m, place("forged"));
  CHECK(is_file_error(s) && m == NULL, "%s %zu gave %s: %s", what, where, swiftgan_status_name(s),
        swiftgan_last_error());
  CHECK(swiftgan_last_error()[0] != 0, "no message");
  swiftgan_model_destroy(m);
  return s;
}

static void truncated(void) {
  for (size_t n = 0; n < whole_size; n++) {
    swiftgan_status s = refused(whole, n, "cut at byte", n);
    CHECK(s == SWIFTGAN_ERROR_TRUNCATED, "cut at byte %zu gave %s", n, swiftgan_status_name(s));
  }
  unsigned char *longer = malloc(whole_size + 1);
  memcpy(longer, whole, whole_size);
  longer[whole_size] = 0;
  refused(longer, whole_size + 1, "one byte more than", whole_size);
  free(longer);
}

static void flipped(void) {
  size_t header = 8;
  for (int i = 7; i >= 0; i--) header = i == 7 ? whole[i] : header << 8 | whole[i];
  header += 8;
  CHECK(header < whole_size, "header of %zu bytes", header);
  for (size_t bit = 0; bit < whole_size * 8; bit += bit < header * 8 ? 1 : 397) {
    whole[bit / 8] ^= (unsigned char)(1 << bit % 8);
    refused(whole, whole_size, "flipped bit", bit);
    whole[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
}

/* A safetensors file with this header and so many bytes of data. */
static void forged(const char *header, size_t data, const char *what) {
  size_t n = strlen(header);
  unsigned char *bytes = calloc(1, 8 + n + data);
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)n >> 8 * i);
  memcpy(bytes + 8, header, n);
  refused(bytes, 8 + n + data, what, 0);
  free(bytes);
}

static void forgeries(void) {
  forged("{}", 0, "no tensors");
  forged("[]", 0, "not an object");
  forged("{\"a\": 1}", 0, "entry that is no object");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}", 8, "not of this library");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 4]}}", 4,
         "shape and offsets disagree");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}", 8, "offsets backwards");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 800]}}", 8,
         "offset beyond the end");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [-8, 0]}}", 8, "negative offset");
  forged("{\"a\": {\"dtype\": \"F99\", \"shape\": [2], \"data_offsets\": [0, 8]}}", 8, "unknown type");
  forged("{\"a\": {\"dtype\": \"F64\", \"shape\": [1], \"data_offsets\": [0, 8]}}", 8, "other type");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [4294967296, 4294967296, 4], \"data_offsets\": [0, 0]}}", 0,
         "overflowing shape");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [-1, -2], \"data_offsets\": [0, 8]}}", 8, "negative shape");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1.5], \"data_offsets\": [0, 8]}}", 8, "fractional shape");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1,1,1,1,1,1,1,1,1], \"data_offsets\": [0, 4]}}", 4,
         "rank 9");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]},"
         " \"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}",
         4, "overlap");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}", 8,
         "hole at the beginning");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}", 8,
         "bytes that nothing names");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]},"
         " \"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}",
         8, "the same name twice");
  forged("{\"__metadata__\": {\"a\": 5}}", 0, "metadata that is no text");
  forged("{\"__metadata__\": 5}", 0, "metadata that is no object");
  forged("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}", 4,
         "header without its end");
  refused("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, "header of 2^64 bytes", 0);
  refused("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10, "header of 2^63 bytes", 0);
  refused("\x00\x00\x00\x40\x00\x00\x00\x00{}", 10, "header of 1 GB", 0);
  refused("\x00\x00\x00\x00\x00\x00\x00\x00", 8, "header of 0 bytes", 0);
  char *deep = malloc(200001);
  memset(deep, '[', 200000);
  deep[200000] = 0;
  forged(deep, 0, "nested deeply");
  free(deep);
}

static void paths(void) {
  swiftgan_model *m = NULL;
  const struct {
    const char *path, *words;
    swiftgan_status status;
  } rows[] = {
      {place("missing"), "missing", SWIFTGAN_ERROR_IO},
      {place("."), "not a regular file", SWIFTGAN_ERROR_IO},
      {"/dev/null", "/dev/null", 0},
      {"/dev/zero", "/dev/zero", 0},
      {"", "path", SWIFTGAN_ERROR_ARGUMENT},
      {"/proc/self/mem", "/proc/self/mem", 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    swiftgan_status s = swiftgan_model_load(&m, rows[i].path);
    CHECK(s != SWIFTGAN_OK && (rows[i].status == 0 || s == rows[i].status), "%s gave %s", rows[i].path,
          swiftgan_status_name(s));
    CHECK(strstr(swiftgan_last_error(), rows[i].words), "no %s in: %s", rows[i].words, swiftgan_last_error());
  }
  mkfifo(place("fifo"), 0600); /* must not be waited for */
  CHECK(swiftgan_model_load(&m, place("fifo")) != SWIFTGAN_OK, "a FIFO");
  CHECK(symlink(place("loop"), place("loop")) == 0, "symlink");
  EXPECT(SWIFTGAN_ERROR_IO, swiftgan_model_load(&m, place("loop")), "loop");
  CHECK(m == NULL, "a handle was written");
}

/* Everything right but the configuration inside: what remains does not fit it. The header's
 * checksum is left out, as files from elsewhere have none. */
static void other_configuration(void) {
  swiftgan_model *other =
      new_model("{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 4}, \"average\": 0.9,"
                " \"generator\": {\"preset\": \"mlp\", \"width\": 17},"
                " \"discriminator\": {\"preset\": \"mlp\", \"width\": 16}}");
  OK(swiftgan_model_save(other, place("other")));
  swiftgan_model_destroy(other);
  size_t n;
  unsigned char *bytes = read_file(place("other"), &n);
  /* The other width in the configuration: "width": 17 becomes 16 inside the JSON within the
   * JSON. */
  unsigned char *at = memmem(bytes, n, "\\\"width\\\":17", 12);
  if (!at) at = memmem(bytes, n, "\\\"width\\\": 17", 13);
  CHECK(at != NULL, "the configuration is not where this test looks");
  if (at) {
    ((unsigned char *)memmem(at, 20, "17", 2))[1] = '6';
    swiftgan_status s = refused(bytes, n, "width 16 for 17 at", (size_t)(at - bytes));
    CHECK(s == SWIFTGAN_ERROR_CHECKSUM || s == SWIFTGAN_ERROR_MISMATCH, "%s", swiftgan_status_name(s));
  }
  free(bytes);
}

int main(void) {
  swiftgan_model *m = new_model(
      "{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 2},"
      " \"generator\": {\"preset\": \"mlp\", \"width\": 2, \"depth\": 1},"
      " \"discriminator\": {\"layers\": [{\"dense\": 2}, \"batch_norm\", \"relu\", {\"dense\": 1}]}}");
  float *x = values(16, 1);
  for (int i = 0; i < 3; i++) OK(swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL));
  free(x);
  OK(swiftgan_model_save(m, place("whole")));
  whole = read_file(place("whole"), &whole_size);

  truncated();
  flipped();
  forgeries();
  paths();
  other_configuration();

  swiftgan_model *again = NULL;
  OK(swiftgan_model_load(&again, place("whole")));
  CHECK(same(m, again), "the file was harmed");
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(again);
  free(whole);

  return finish();
}
