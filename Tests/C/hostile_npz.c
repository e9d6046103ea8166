/* NPZ archives that lie, end early or hold something else: an error that names the file, never a
 * crash. */
#include "check.h"
#include <zlib.h>

enum { HEADER = 128, DATA = 3 * 4 * 4, MEMBER = HEADER + DATA, NAME = 5 };

static size_t put(unsigned char *to, uint64_t value, int size) {
  for (int i = 0; i < size; i++) to[i] = (unsigned char)(value >> 8 * i);
  return (size_t)size;
}

/* A NumPy array of 3 x 4 floats. */
static void array(unsigned char *b) {
  static const char header[] = "\x93NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
  memset(b, ' ', HEADER);
  memset(b + HEADER, 0, DATA);
  memcpy(b, header, sizeof header - 1);
  b[HEADER - 1] = '\n';
}

/* A member without compression, or deflated. */
static size_t packed(const unsigned char *in, size_t n, int is_deflated, unsigned char *out, size_t room) {
  memcpy(out, in, n);
  if (!is_deflated) return n;
  z_stream z = {0};
  deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (unsigned char *)in, z.avail_in = (unsigned)n, z.next_out = out, z.avail_out = (unsigned)room;
  int end = deflate(&z, Z_FINISH);
  CHECK(end == Z_STREAM_END, "deflate gave %d", end);
  deflateEnd(&z);
  return z.total_out;
}

/* Where the parts of an archive lie. */
typedef struct {
  size_t data, directory, end, size;
} places;

/* A zip file with one member of this name. */
static places archive(unsigned char *b, const char name[NAME + 1], int is_deflated) {
  unsigned char member[MEMBER], common[26], *at = common;
  array(member);
  unsigned char data[2 * MEMBER];
  size_t n = packed(member, MEMBER, is_deflated, data, sizeof data);
  at += put(at, 20, 2), at += put(at, 0, 2), at += put(at, is_deflated ? 8 : 0, 2), at += put(at, 0, 4);
  at += put(at, crc32(0, member, MEMBER), 4), at += put(at, n, 4), at += put(at, MEMBER, 4);
  at += put(at, NAME, 2), put(at, 0, 2);
  at = b + put(b, 0x04034B50, 4);
  memcpy(at, common, 26), memcpy(at + 26, name, NAME), at += 26 + NAME;
  places p = {.data = (size_t)(at - b)};
  memcpy(at, data, n), at += n;
  p.directory = (size_t)(at - b);
  at += put(at, 0x02014B50, 4), at += put(at, 20, 2);
  memcpy(at, common, 26), at += 26;
  at += put(at, 0, 8), at += put(at, 0, 6), memcpy(at, name, NAME), at += NAME;
  p.end = (size_t)(at - b);
  at += put(at, 0x06054B50, 4), at += put(at, 0, 4), at += put(at, 1, 2), at += put(at, 1, 2);
  at += put(at, p.end - p.directory, 4), at += put(at, p.directory, 4), at += put(at, 0, 2);
  p.size = (size_t)(at - b);
  return p;
}

static swiftgan_status opened_bytes(const void *bytes, size_t n) {
  write_file(place("archive.npz"), bytes, n);
  return opened_by_name(place("archive.npz"), NULL);
}

int main(void) {
  unsigned char b[1024], bad[1024];
  for (int is_deflated = 0; is_deflated < 2; is_deflated++) {
    places p = archive(b, "x.npy", is_deflated);
    OK(opened_bytes(b, p.size));
    for (size_t i = 0; i < p.size; i++) {
      swiftgan_status s = opened_bytes(b, i);
      CHECK(s == SWIFTGAN_ERROR_TRUNCATED || s == SWIFTGAN_ERROR_FORMAT, "cut at %zu gave %s: %s", i,
            swiftgan_status_name(s), swiftgan_last_error());
      for (int byte = 0; byte < 256; byte += 51) {
        memcpy(bad, b, p.size);
        bad[i] = (unsigned char)byte;
        s = opened_bytes(bad, p.size);
        CHECK(s != SWIFTGAN_ERROR_INTERNAL, "byte %zu = %d gave %s", i, byte, swiftgan_last_error());
        /* The checksum guards what the member holds. */
        if (i >= p.data && i < p.directory && !is_deflated && bad[i] != b[i])
          CHECK(s != SWIFTGAN_OK, "byte %zu = %d was read", i, byte);
      }
    }
    /* Sizes that lie, in the directory: packed, whole; where the member lies; how many there
     * are. */
    static const struct {
      size_t place;
      int size;
    } lies[] = {{20, 4}, {24, 4}, {42, 4}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
      memcpy(bad, b, p.size);
      put(bad + p.directory + lies[i].place, 0xFFFFFFF0, lies[i].size);
      swiftgan_status s = opened_bytes(bad, p.size);
      CHECK(s != SWIFTGAN_OK && s != SWIFTGAN_ERROR_INTERNAL, "lie %zu gave %s", i, swiftgan_status_name(s));
    }
    memcpy(bad, b, p.size);
    put(bad + p.end + 10, 0xFFFF, 2);
    CHECK(opened_bytes(bad, p.size) != SWIFTGAN_OK, "65535 members were read");
  }
  places p = archive(b, "x.txt", 1);
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes(b, p.size), "expected only arrays");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22), "no arrays");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_bytes("something else, that is long enough to be read", 46), "");
  return finish();
}
