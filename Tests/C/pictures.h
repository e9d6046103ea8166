/* PNG files made chunk by chunk, right or wrong. */
#ifndef PICTURES_H
#define PICTURES_H
#include "check.h"
#include <zlib.h>

typedef struct {
  unsigned char b[1 << 20];
  size_t n;
} file_bytes;

static inline void put(file_bytes *f, const void *bytes, size_t n) {
  if (f->n + n > sizeof f->b) abort();
  if (n) memcpy(f->b + f->n, bytes, n);
  f->n += n;
}

static inline void put32(file_bytes *f, uint32_t n) {
  unsigned char b[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                        (unsigned char)n};
  put(f, b, 4);
}

static inline void signature(file_bytes *f) {
  f->n = 0;
  put(f, "\x89PNG\r\n\x1a\n", 8);
}

static inline void chunk(file_bytes *f, const char *type, const void *bytes, size_t n) {
  put32(f, (uint32_t)n);
  size_t from = f->n;
  put(f, type, 4);
  put(f, bytes, n);
  put32(f, (uint32_t)crc32(0, f->b + from, (unsigned)(n + 4)));
}

static inline void header(file_bytes *f, uint32_t width, uint32_t height, int depth, int color,
                          int interlace) {
  file_bytes h = {.n = 0};
  put32(&h, width), put32(&h, height);
  unsigned char rest[5] = {(unsigned char)depth, (unsigned char)color, 0, 0, (unsigned char)interlace};
  put(&h, rest, 5);
  chunk(f, "IHDR", h.b, h.n);
}

/* Rows with their filter bytes, deflated. */
static inline void pixels(file_bytes *f, const void *rows, size_t n) {
  static unsigned char packed[1 << 19];
  uLongf size = sizeof packed;
  if (compress2(packed, &size, rows, n, 9) != Z_OK) abort();
  chunk(f, "IDAT", packed, size);
}

/* A whole 8-bit picture; channels 1 or 3, no filters. */
static inline void picture(file_bytes *f, int width, int height, int channels, const unsigned char *x) {
  static unsigned char rows[1 << 19];
  size_t row = (size_t)width * (size_t)channels;
  for (int y = 0; y < height; y++) {
    rows[(size_t)y * (row + 1)] = 0;
    memcpy(rows + (size_t)y * (row + 1) + 1, x + (size_t)y * row, row);
  }
  signature(f);
  header(f, (uint32_t)width, (uint32_t)height, 8, channels == 1 ? 0 : 2, 0);
  pixels(f, rows, (row + 1) * (size_t)height);
  chunk(f, "IEND", NULL, 0);
}
#endif
