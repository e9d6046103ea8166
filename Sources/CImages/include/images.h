#ifndef SG_IMAGES_H
#define SG_IMAGES_H
#include <stddef.h>
#include <stdint.h>
/* PNG through libpng, whose errors (setjmp, longjmp) never leave C. */
typedef enum {
  SG_PNG_OK = 0,
  SG_PNG_NOMEM,
  SG_PNG_SINK,
  SG_PNG_LIBRARY,
  SG_PNG_TRUNCATED,   /* the bytes end too early */
  SG_PNG_CHECKSUM,    /* a chunk's CRC or the pixels' Adler-32 is wrong */
  SG_PNG_LIMIT,       /* more than the limits below, or than so few bytes can hold */
  SG_PNG_UNSUPPORTED, /* a critical chunk that nobody knows */
  SG_PNG_FORMAT       /* anything else that is wrong */
} sg_png_status;
/* Receives encoded bytes; returns 0 to go on. */
typedef int (*sg_png_sink)(void *context, const uint8_t *bytes, size_t n);
/* 8 bits a channel; channels 1 (grey), 3 (RGB), 4 (RGBA); rows one after another. */
sg_png_status sg_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                           sg_png_sink sink, void *context);

/* The most pixels on a side, and in all, that are read. */
enum { SG_PNG_SIDE = 1 << 15, SG_PNG_PIXELS = 1 << 26 };
/* What the first bytes of a file say, and where and why reading failed. */
typedef struct {
  uint32_t width, height;
  int channels;     /* 1 for grey, 3 for RGB and palettes */
  size_t packed;    /* bytes of its rows before they are expanded */
  size_t offset;    /* of a failure: bytes that were read */
  char message[96]; /* of a failure */
} sg_png_picture;
/* Size and channels from the first 33 bytes or more of a file of file_size bytes. */
sg_png_status sg_png_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_png_picture *picture);
/* A whole file: 8 bits a channel, height x width x picture->channels bytes to pixels, which has room for `capacity`
 * (SG_PNG_LIMIT otherwise). 16 bits are scaled to 8, fewer expanded, palettes looked up; transparency is dropped. */
sg_png_status sg_png_read(const uint8_t *bytes, size_t n, uint8_t *pixels, size_t capacity,
                          sg_png_picture *picture);
#endif
