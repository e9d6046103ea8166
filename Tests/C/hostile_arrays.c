/* CIFAR's binary files and NumPy arrays that lie or end early: an error that names the file, never
 * a crash. */
#include "check.h"
#include <sys/stat.h>

enum { RECORD = 3073, HUNDRED = 3074 };

static unsigned char bytes[1 << 17];

static swiftgan_status opened_bytes(const char *name, size_t n) {
  write_file(place(name), bytes, n);
  return opened_by_name(place(name), NULL);
}

static void cifar(void) {
  memset(bytes, 0, sizeof bytes);
  OK(opened_bytes("two.bin", 2 * RECORD));
  OK(opened_bytes("hundred.bin", 2 * HUNDRED));
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_bytes("none.bin", 0), "empty");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("short.bin", 2 * RECORD - 1), "whole records");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("long.bin", 2 * RECORD + 1), "whole records");
  bytes[RECORD] = 10;
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("label.bin", 2 * RECORD), "byte 3073");
  bytes[RECORD] = 0, bytes[0] = 20;
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("coarse.bin", HUNDRED), "byte 0");
  bytes[0] = 19, bytes[1] = 100;
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("fine.bin", HUNDRED), "byte 1");
  bytes[0] = bytes[1] = 0;
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened_by_name(place("two.bin"), "{\"coarse\": true}"), "coarse");
  char folder[512], path[600];
  snprintf(folder, sizeof folder, "%s", place("set"));
  mkdir(folder, 0700);
  for (int i = 1; i <= 3; i += 2) {
    snprintf(path, sizeof path, "%s/data_batch_%d.bin", folder, i);
    write_file(path, bytes, RECORD);
  }
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(folder, NULL), "data_batch_2.bin");
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(folder, "{\"split\": \"test\"}"), "test_batch.bin");
  snprintf(path, sizeof path, "%s/data_batch_2.bin", folder);
  write_file(path, bytes, HUNDRED);
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_by_name(folder, NULL), "data_batch_2.bin");
  write_file(path, bytes, 2 * RECORD);
  OK(opened_by_name(folder, NULL));
}

/* A file with this header and so many bytes of zeros; its size. */
static size_t npy(int version, const char *header, size_t data) {
  size_t n = strlen(header), first = version == 1 ? 10 : 12;
  memset(bytes, 0, first + n + data);
  memcpy(bytes, "\x93NUMPY", 6);
  bytes[6] = (unsigned char)version;
  bytes[8] = (unsigned char)n, bytes[9] = (unsigned char)(n >> 8);
  memcpy(bytes + first, header, n);
  return first + n + data;
}

static void headers(void) {
#define FORM(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"
  const struct {
    const char *header;
    size_t data;
    swiftgan_status status;
  } rows[] = {
      {FORM("'<f4'", "False", "(2, 3)"), 24, SWIFTGAN_OK},
      {FORM("'<f4'", "False", "(2, 3)") "   \n", 24, SWIFTGAN_OK},
      {FORM("'<f4'", "False", "(2, 3)"), 23, SWIFTGAN_ERROR_TRUNCATED},
      {FORM("'<f4'", "False", "(2, 3)"), 25, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(2,)"), 8, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<f4'", "False", "()"), 4, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<f4'", "False", "(1, 1, 1, 1, 1)"), 4, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<f4'", "False", "(0, 3)"), 0, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(-2, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(2.0, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(2L, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(2**64, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(99999999999999999999, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(9223372036854775807, 9223372036854775807, 0)"), 0, SWIFTGAN_ERROR_LIMIT},
      {FORM("'<f4'", "False", "(0, 9223372036854775807)"), 0, SWIFTGAN_ERROR_LIMIT},
      {FORM("'<f8'", "False", "(65536, 65536)"), 0, SWIFTGAN_ERROR_TRUNCATED},
      {FORM("'<f4'", "maybe", "(2, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'|O'", "False", "(2, 3)"), 48, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<c8'", "False", "(2, 3)"), 48, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<U4'", "False", "(2, 3)"), 96, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'|f4'", "False", "(2, 3)"), 24, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("[('a', '<f4')]", "False", "(2, 3)"), 24, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("''", "False", "(2, 3)"), 24, SWIFTGAN_ERROR_UNSUPPORTED},
      {FORM("'<f4", "False", "(2, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "(2, 3"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("'<f4'", "False", "((((((((2, 3))))))))"), 24, SWIFTGAN_ERROR_FORMAT},
      {FORM("__import__('os').abort()", "False", "(2, 3)"), 24, SWIFTGAN_ERROR_FORMAT},
      {"{'descr': '<f4', 'fortran_order': False, }", 24, SWIFTGAN_ERROR_FORMAT},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24,
       SWIFTGAN_ERROR_FORMAT},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}", 24, SWIFTGAN_ERROR_FORMAT},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + 1", 24, SWIFTGAN_ERROR_FORMAT},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", 24, SWIFTGAN_ERROR_FORMAT},
      {"['<f4']", 24, SWIFTGAN_ERROR_FORMAT},
      {"", 24, SWIFTGAN_ERROR_FORMAT},
  };
  for (int version = 1; version <= 3; version++)
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
      swiftgan_status s = opened_bytes("array.npy", npy(version, rows[i].header, rows[i].data));
      CHECK(s == rows[i].status, "%s gave %s: %s", rows[i].header, swiftgan_status_name(s),
            swiftgan_last_error());
    }
  const char *good = rows[0].header;
  size_t n = npy(1, good, 24);
  for (size_t i = 0; i < n; i++) {
    swiftgan_status s = opened_bytes("cut.npy", i);
    CHECK(s == SWIFTGAN_ERROR_TRUNCATED, "cut at byte %zu gave %s: %s", i, swiftgan_status_name(s),
          swiftgan_last_error());
  }
  for (int version = 0; version < 256; version += 4 + (version > 4) * 247) {
    bytes[6] = (unsigned char)version;
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, opened_bytes("version.npy", n), "version");
  }
  npy(1, good, 24), bytes[0] = 'X';
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("magic.npy", n), "no NumPy file");
  npy(1, good, 24), bytes[8] = bytes[9] = 0xFF;
  EXPECT(SWIFTGAN_ERROR_LIMIT, opened_bytes("length.npy", n), "65535");
  npy(1, good, 24), bytes[8] = 200;
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_bytes("length.npy", n), "200");
  n = npy(2, good, 24), memset(bytes + 8, 0xFF, 4);
  EXPECT(SWIFTGAN_ERROR_LIMIT, opened_bytes("length.npy", n), "4294967295");
  n = npy(1, good, 24), memset(bytes + n - 4, 0xFF, 4);
  swiftgan_dataset *d = NULL;
  write_file(place("nan.npy"), bytes, n);
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_dataset_open(&d, place("nan.npy"), NULL), "samples[1]");
}

static void labels(void) {
  char options[700];
  write_file(place("x.npy"), bytes, npy(1, FORM("'<f4'", "False", "(2, 3)"), 24));
  snprintf(options, sizeof options, "{\"labels\": \"%s\"}", place("y.npy"));
  const struct {
    const char *header;
    size_t data;
    swiftgan_status status;
  } rows[] = {{FORM("'<i4'", "False", "(2,)"), 8, SWIFTGAN_OK},
              {FORM("'|u1'", "False", "(2, 1)"), 2, SWIFTGAN_OK},
              {FORM("'<i4'", "False", "(3,)"), 12, SWIFTGAN_ERROR_MISMATCH},
              {FORM("'<i4'", "False", "(2, 2)"), 16, SWIFTGAN_ERROR_FORMAT}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    write_file(place("y.npy"), bytes, npy(1, rows[i].header, rows[i].data));
    swiftgan_dataset *d = NULL;
    EXPECT(rows[i].status, swiftgan_dataset_open(&d, place("x.npy"), options), "y.npy");
    swiftgan_dataset_destroy(d);
  }
  size_t n = npy(1, FORM("'<i8'", "False", "(2,)"), 16);
  memset(bytes + n - 2, 0x7F, 1);
  write_file(place("y.npy"), bytes, n);
  swiftgan_dataset *d = NULL;
  EXPECT(SWIFTGAN_ERROR_FORMAT, swiftgan_dataset_open(&d, place("x.npy"), options), "labels[1]");
}

int main(void) {
  cifar();
  headers();
  labels();
  return finish();
}
