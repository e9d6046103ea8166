#ifndef SG_IMAGES_H
#define SG_IMAGES_H
#include <stddef.h>
#include <stdint.h>
/* PNG through libpng and JPEG through libjpeg-turbo, whose errors (setjmp, longjmp) never leave C;
 * GIF through giflib. */
typedef enum {
  SG_IMAGE_OK = 0,
  SG_IMAGE_NOMEM,
  SG_IMAGE_SINK,
  SG_IMAGE_LIBRARY,
  SG_IMAGE_TRUNCATED,   /* the bytes end too early */
  SG_IMAGE_CHECKSUM,    /* a chunk's CRC or the pixels' Adler-32 is wrong */
  SG_IMAGE_LIMIT,       /* more than the limits below, or than so few bytes can hold */
  SG_IMAGE_UNSUPPORTED, /* a valid file of a kind that the library does not read */
  SG_IMAGE_FORMAT       /* anything else that is wrong */
} sg_image_status;
/* Receives encoded bytes; returns 0 to go on. */
typedef int (*sg_image_sink)(void *context, const uint8_t *bytes, size_t n);
/* 8 bits a channel; channels 1 (gray), 3 (RGB), 4 (RGBA); rows one after another. */
sg_image_status sg_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                             sg_image_sink sink, void *context);

/* Animated GIF through giflib, repeated forever. Gray pictures keep their 256 values; RGB ones
 * get the 256 colors of each that the median cut finds. */
typedef struct sg_gif sg_gif;
enum { SG_GIF_SIDE = 65535 };
/* Begins a file whose pictures have `channels` 1 (gray) or 3 (RGB). On failure *gif is NULL. */
sg_image_status sg_gif_begin(sg_gif **gif, uint32_t width, uint32_t height, int channels, sg_image_sink sink,
                             void *context);
/* Adds a picture that is shown for some hundredths of a second. */
sg_image_status sg_gif_add(sg_gif *gif, const uint8_t *pixels, unsigned hundredths);
/* Ends the file and frees gif, whatever it returns. */
sg_image_status sg_gif_end(sg_gif *gif);
/* Frees what was begun and is not to be ended; NULL: nothing. */
void sg_gif_free(sg_gif *gif);

enum {
  /* The most pixels on a side, and in all, that are read. */
  SG_IMAGE_SIDE = 1 << 15,
  SG_IMAGE_PIXELS = 1 << 26,
  /* The most pixels, or bytes of them, that one byte of a file can hold: deflate's maximum is about
   * 1032 : 1, and a JPEG file needs at least one bit for 64 pixels. */
  SG_IMAGE_RATIO = 1100
};
/* What the first bytes of a file say, and where and why reading failed. */
typedef struct {
  uint32_t width, height;
  int channels;     /* 1 for gray, 3 for RGB, palettes and CMYK */
  int depth;        /* bits a channel in the file */
  int transparent;  /* whether it has an alpha channel or a transparent color */
  size_t packed;    /* PNG: bytes of its rows before they are expanded */
  size_t working;   /* bytes that decoding takes beside file and pixels, about */
  size_t offset;    /* of a failure: bytes that were read */
  char message[96]; /* of a failure */
} sg_picture;

/* Both formats have the same pair of functions:
 * Size and channels from the first bytes of a file of file_size bytes. SG_IMAGE_TRUNCATED: `n`
 * bytes are too few.
 *
 * A whole file: 8 bits a channel, height x width x channels bytes to pixels, which has room for
 * `capacity` (SG_IMAGE_LIMIT otherwise). The channels are picture->channels, or 3 where `rgb` is
 * not 0: gray is repeated. Transparent pixels are composed on `background`, red, green, blue; in
 * gray pictures on its luma. */

/* PNG: 33 bytes are enough for size and channels, the chunks before the pixels for `transparent`.
 * 16 bits are scaled to 8, fewer expanded, palettes looked up. */
sg_image_status sg_png_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_picture *picture);
sg_image_status sg_png_read(const uint8_t *bytes, size_t n, int rgb, const uint8_t background[3],
                            uint8_t *pixels, size_t capacity, sg_picture *picture);
/* JPEG: baseline and progressive, gray, YCbCr, RGB, CMYK and YCCK. Turned as EXIF's orientation
 * says. */
sg_image_status sg_jpeg_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_picture *picture);
sg_image_status sg_jpeg_read(const uint8_t *bytes, size_t n, int rgb, uint8_t *pixels, size_t capacity,
                             sg_picture *picture);

/* ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded. */
static inline uint8_t sg_luma(uint8_t r, uint8_t g, uint8_t b) {
  return (uint8_t)((19595u * r + 38470u * g + 7471u * b + 32768u) >> 16);
}
#endif
