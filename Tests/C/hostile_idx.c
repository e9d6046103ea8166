/* IDX files and gzip streams that lie, end early or are something else: an error of the right kind,
 * never a crash. */
#include "check.h"
#include <sys/stat.h>
#include <zlib.h>

enum { COUNT = 5, SIDE = 4, HEADER = 16, SIZE = HEADER + COUNT * SIDE * SIDE };

static void number(unsigned char *at, uint32_t n) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(n >> (24 - 8 * i));
}

static void images(unsigned char *b) {
  number(b, 0x803), number(b + 4, COUNT), number(b + 8, SIDE), number(b + 12, SIDE);
  for (int i = HEADER; i < SIZE; i++) b[i] = (unsigned char)(i * 7);
}

static size_t zipped(const void *in, size_t n, unsigned char *out, size_t room) {
  z_stream z = {0};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (unsigned char *)in, z.avail_in = (unsigned)n, z.next_out = out, z.avail_out = (unsigned)room;
  int end = deflate(&z, Z_FINISH);
  CHECK(end == Z_STREAM_END, "deflate gave %d", end);
  deflateEnd(&z);
  return z.total_out;
}

static swiftgan_status opened_bytes(const char *name, const void *bytes, size_t n) {
  write_file(place(name), bytes, n);
  return opened(place(name), NULL);
}

static void headers(void) {
  unsigned char b[SIZE + 1];
  const struct {
    int at;
    uint32_t value;
    const char *what;
  } rows[] = {
      {0, 0x801, "labels for images"},
      {0, 0x802, "two axes"},
      {0, 0x804, "four axes"},
      {0, 0xC03, "32-bit integers"},
      {0, 0xD03, "floats"},
      {0, 0x10803, "a non-zero magic"},
      {0, 0x03080000, "the other byte order"},
      {4, 0, "no images"},
      {4, COUNT + 1, "one image too many"},
      {4, COUNT - 1, "one image too few"},
      {4, 0xFFFFFFFF, "2^32 - 1 images"},
      {8, 0, "no rows"},
      {12, 0, "no columns"},
      {8, 0x80000000, "2^31 rows"},
      {12, 0xFFFFFFFF, "2^32 - 1 columns"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    images(b);
    number(b + rows[i].at, rows[i].value);
    swiftgan_status s = opened_bytes("lying-images-idx3-ubyte", b, SIZE);
    CHECK(s == SWIFTGAN_ERROR_FORMAT || s == SWIFTGAN_ERROR_TRUNCATED || s == SWIFTGAN_ERROR_UNSUPPORTED ||
              s == SWIFTGAN_ERROR_LIMIT,
          "%s gave %s: %s", rows[i].what, swiftgan_status_name(s), swiftgan_last_error());
  }
  images(b);
  for (int i = 4; i < 16; i += 4) number(b + i, 0xFFFFFFFF);
  CHECK(opened_bytes("lying-images-idx3-ubyte", b, SIZE) != SWIFTGAN_OK, "(2^32 - 1)^3 bytes");
  images(b);
  b[SIZE] = 0;
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("longer", b, SIZE + 1), "longer");
  for (int n = 0; n < SIZE; n++) {
    swiftgan_status s = opened_bytes("cut", b, (size_t)n);
    CHECK(s == SWIFTGAN_ERROR_TRUNCATED, "cut at byte %d gave %s: %s", n, swiftgan_status_name(s),
          swiftgan_last_error());
  }
  OK(opened_bytes("whole", b, SIZE));
}

static void gzip(void) {
  unsigned char b[SIZE], z[1024], flipped[1024];
  images(b);
  size_t n = zipped(b, SIZE, z, sizeof z);
  OK(opened_bytes("whole.gz", z, n));
  OK(opened_bytes("whole-without-suffix", z, n));
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("plain.gz", "this is no gzip stream", 22), "plain.gz");
  for (size_t i = 0; i < n; i++) {
    swiftgan_status s = opened_bytes("cut.gz", z, i);
    CHECK(s == SWIFTGAN_ERROR_TRUNCATED || (i < 2 && s == SWIFTGAN_ERROR_FORMAT),
          "cut at byte %zu gave %s: %s", i, swiftgan_status_name(s), swiftgan_last_error());
  }
  /* Flags, time and system in the header are no part of the contents, nor are the last bits before
   * the 8 bytes of checksum and length; any other flip must be found. */
  for (size_t bit = 0; bit < n * 8; bit++) {
    memcpy(flipped, z, n);
    flipped[bit / 8] ^= (unsigned char)(1 << bit % 8);
    swiftgan_status s = opened_bytes("flipped.gz", flipped, n);
    CHECK(s != SWIFTGAN_OK || (bit / 8 >= 3 && bit / 8 < 10) || bit / 8 == n - 9,
          "flipped bit %zu was not noticed", bit);
  }
  /* Two members are one file, as gzip itself says; something else after the end is not. */
  size_t first = zipped(b, 40, z, sizeof z), second = zipped(b + 40, SIZE - 40, z + first, sizeof z - first);
  OK(opened_bytes("members.gz", z, first + second));
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_bytes("half.gz", z, first), "half.gz");
  memcpy(z + first, "garbage", 7);
  CHECK(opened_bytes("garbage.gz", z, first + 7) != SWIFTGAN_OK, "garbage after the end");
}

/* A hundred megabytes of zeros in a hundred kilobytes: refused by what the header says, not
 * unpacked whole. */
static void bomb(void) {
  size_t size = 100 << 20, room = 1 << 20;
  unsigned char *zeros = calloc(1, size), *z = malloc(room);
  images(zeros);
  size_t n = zipped(zeros, size, z, room);
  swiftgan_status s = opened_bytes("bomb.gz", z, n);
  CHECK(s == SWIFTGAN_ERROR_FORMAT || s == SWIFTGAN_ERROR_LIMIT, "%s", swiftgan_status_name(s));
  free(zeros);
  free(z);
}

static void labels(void) {
  unsigned char b[SIZE], l[8 + COUNT + 1];
  images(b);
  char folder[512];
  snprintf(folder, sizeof folder, "%s", place("set"));
  mkdir(folder, 0700);
  write_file(place("set/train-images-idx3-ubyte"), b, SIZE);
  OK(opened(folder, NULL));
  number(l, 0x801), number(l + 4, COUNT);
  memset(l + 8, 9, COUNT + 1);
  write_file(place("set/train-labels-idx1-ubyte"), l, 8 + COUNT);
  OK(opened(folder, NULL));
  number(l + 4, COUNT + 1);
  write_file(place("set/train-labels-idx1-ubyte"), l, 8 + COUNT + 1);
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened(folder, NULL), "6 labels for the 5 images");
  write_file(place("set/train-labels-idx1-ubyte"), l, 8 + COUNT);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened(folder, NULL), "train-labels");
  write_file(place("set/train-labels-idx1-ubyte"), b, SIZE);
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened(folder, NULL), "train-labels");
  remove(place("set/train-labels-idx1-ubyte"));
  EXPECT(SWIFTGAN_ERROR_IO, opened(folder, "{\"labels\": \"/no/such/labels\"}"), "/no/such/labels");
  EXPECT(SWIFTGAN_ERROR_IO, opened(folder, "{\"split\": \"test\"}"), "t10k-images-idx3-ubyte");
  OK(opened(folder, "{\"limit\": 2}"));
  OK(opened(folder, "{\"limit\": 2000}"));
}

static void paths(void) {
  EXPECT(SWIFTGAN_ERROR_IO, opened(place("missing"), NULL), "missing");
  mkdir(place("empty"), 0700);
  EXPECT(SWIFTGAN_ERROR_IO, opened(place("empty"), NULL), "holds no files");
  CHECK(opened("/dev/zero", NULL) != SWIFTGAN_OK, "/dev/zero");
  CHECK(opened("/dev/null", NULL) != SWIFTGAN_OK, "/dev/null");
  mkfifo(place("fifo"), 0600);
  CHECK(opened(place("fifo"), NULL) != SWIFTGAN_OK, "a FIFO");
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_bytes("nothing", "", 0), "nothing");
  char *length = malloc(70001);
  memset(length, 'a', 70000);
  length[70000] = 0;
  EXPECT(SWIFTGAN_ERROR_IO, opened(length, NULL), "");
  CHECK(strlen(swiftgan_last_error()) < 80000, "message");
  free(length);
}

int main(void) {
  headers();
  gzip();
  bomb();
  labels();
  paths();
  return finish();
}
