#include "images.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t size, place;
  int ended; /* more bytes were wanted than there are */
  sg_png_picture *picture;
} input;

static void provide(png_structp png, png_bytep to, size_t n) {
  input *in = png_get_io_ptr(png);
  if (n > in->size - in->place) {
    in->ended = 1;
    in->place = in->size;
    png_error(png, "ends too early");
  }
  memcpy(to, in->bytes + in->place, n);
  in->place += n;
}

static void fail(png_structp png, png_const_charp message) {
  input *in = png_get_error_ptr(png);
  strncpy(in->picture->message, message, sizeof in->picture->message - 1);
  in->picture->offset = in->place;
  png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp message) { (void)png, (void)message; }

static sg_png_status kind(const input *in) {
  static const struct {
    const char *words;
    sg_png_status status;
  } rows[] = {
      {"CRC", SG_PNG_CHECKSUM},
      {"incorrect data check", SG_PNG_CHECKSUM},
      {"user limit", SG_PNG_LIMIT},
      {"application limit", SG_PNG_LIMIT},
      {"too large", SG_PNG_LIMIT},
      {"nknown critical", SG_PNG_UNSUPPORTED},
      {"nhandled critical", SG_PNG_UNSUPPORTED},
      {"ut of memory", SG_PNG_NOMEM},
      {"nsufficient memory", SG_PNG_NOMEM},
      {"ot enough image data", SG_PNG_TRUNCATED},
  };
  if (in->ended) return SG_PNG_TRUNCATED;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strstr(in->picture->message, rows[i].words)) return rows[i].status;
  return SG_PNG_FORMAT;
}

/* Everything that libpng is told before it reads. NULL: no memory. */
static png_structp start(input *in, png_infop *info) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, in, fail, warn);
  if (!png) return NULL;
  *info = png_create_info_struct(png);
  if (!*info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return NULL;
  }
  png_set_read_fn(png, in, provide);
  png_set_user_limits(png, SG_PNG_SIDE, SG_PNG_SIDE);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* text and profiles stay packed */
  png_set_benign_errors(png, 0);
  return png;
}

static void describe(png_structp png, png_infop info, sg_png_picture *picture) {
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  picture->packed = png_get_rowbytes(png, info) * picture->height;
}

/* Deflate's own maximum is about 1032 : 1. */
static int too_large(const sg_png_picture *picture, size_t file_size) {
  return (size_t)picture->width * picture->height > SG_PNG_PIXELS || picture->packed / 1100 > file_size;
}

sg_png_status sg_png_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_png_picture *picture) {
  memset(picture, 0, sizeof *picture);
  input in = {bytes, n, 0, 0, picture};
  png_infop info;
  png_structp png = start(&in, &info);
  if (!png) return SG_PNG_NOMEM;
  int failed = setjmp(png_jmpbuf(png));
  if (!failed) png_read_info(png, info);
  /* Reading ends within the next chunk, as a rule; what counts is whether the header was whole. */
  describe(png, info, picture);
  png_destroy_read_struct(&png, &info, NULL);
  if (picture->width == 0 || (failed && !in.ended)) return kind(&in);
  if (!too_large(picture, file_size)) return SG_PNG_OK;
  snprintf(picture->message, sizeof picture->message, "%u x %u pixels are more than %zu bytes can hold",
           picture->width, picture->height, file_size);
  return SG_PNG_LIMIT;
}

/* From the first index on, which may lie within the last third of the colours. 0: an index has no colour. */
static int look_up(const png_color *palette, int colours, const uint8_t *indices, size_t n, uint8_t *to) {
  for (size_t i = 0; i < n; i++) {
    int index = indices[i];
    if (index >= colours) return 0;
    to[3 * i] = palette[index].red;
    to[3 * i + 1] = palette[index].green;
    to[3 * i + 2] = palette[index].blue;
  }
  return 1;
}

sg_png_status sg_png_read(const uint8_t *bytes, size_t n, uint8_t *pixels, size_t capacity,
                          sg_png_picture *picture) {
  memset(picture, 0, sizeof *picture);
  input in = {bytes, n, 0, 0, picture};
  png_infop info;
  png_structp png = start(&in, &info);
  if (!png) return SG_PNG_NOMEM;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return kind(&in);
  }
  png_read_info(png, info);
  describe(png, info, picture);
  size_t row = (size_t)picture->width * (size_t)picture->channels;
  if (too_large(picture, n) || row * picture->height > capacity) png_error(png, "the picture is too large");
  png_colorp palette = NULL;
  int colours = 0;
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) {
    png_get_PLTE(png, info, &palette, &colours);
    png_set_packing(png);
    row = picture->width;
  } else {
    png_set_scale_16(png);
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_alpha(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row) png_error(png, "rows of another length than their header says");
  /* Indices wait in the last third of the room that their colours take. */
  uint8_t *first = palette ? pixels + 2 * row * picture->height : pixels;
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < picture->height; y++) png_read_row(png, first + y * row, NULL);
  png_read_end(png, NULL);
  if (palette && !look_up(palette, colours, first, row * picture->height, pixels))
    png_error(png, "an index beyond the palette");
  png_destroy_read_struct(&png, &info, NULL);
  return SG_PNG_OK;
}
