#include "images.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t size, place;
  int ended; /* more bytes were wanted than there are */
  sg_picture *picture;
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

/* What other programs read in spite of a warning is read; pixels whose checksum is wrong are
 * damaged. */
static void warn(png_structp png, png_const_charp message) {
  if (strstr(message, "incorrect data check")) fail(png, message);
}

static sg_image_status kind(const input *in) {
  static const struct {
    const char *words;
    sg_image_status status;
  } rows[] = {
      {"CRC", SG_IMAGE_CHECKSUM},
      {"incorrect data check", SG_IMAGE_CHECKSUM},
      {"user limit", SG_IMAGE_LIMIT},
      {"application limit", SG_IMAGE_LIMIT},
      {"too large", SG_IMAGE_LIMIT},
      {"nknown critical", SG_IMAGE_UNSUPPORTED},
      {"nhandled critical", SG_IMAGE_UNSUPPORTED},
      {"ut of memory", SG_IMAGE_NOMEM},
      {"nsufficient memory", SG_IMAGE_NOMEM},
      {"ot enough image data", SG_IMAGE_TRUNCATED},
  };
  if (in->ended) return SG_IMAGE_TRUNCATED;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strstr(in->picture->message, rows[i].words)) return rows[i].status;
  return SG_IMAGE_FORMAT;
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
  png_set_user_limits(png, SG_IMAGE_SIDE, SG_IMAGE_SIDE);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* text and profiles stay packed */
  png_set_benign_errors(png, 1);
  return png;
}

static void describe(png_structp png, png_infop info, sg_picture *picture) {
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  picture->depth = png_get_bit_depth(png, info);
  picture->transparent =
      png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS);
  picture->working = 1 << 18;
  picture->packed = png_get_rowbytes(png, info) * picture->height;
}

static int too_large(const sg_picture *picture, size_t file_size) {
  return (size_t)picture->width * picture->height > SG_IMAGE_PIXELS ||
         picture->packed / SG_IMAGE_RATIO > file_size;
}

sg_image_status sg_png_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_picture *picture) {
  memset(picture, 0, sizeof *picture);
  input in = {bytes, n, 0, 0, picture};
  png_infop info;
  png_structp png = start(&in, &info);
  if (!png) return SG_IMAGE_NOMEM;
  int failed = setjmp(png_jmpbuf(png));
  if (!failed) png_read_info(png, info);
  /* Reading ends within the next chunk, as a rule; what counts is whether the header was whole. */
  describe(png, info, picture);
  png_destroy_read_struct(&png, &info, NULL);
  if (picture->width == 0 || (failed && !in.ended)) return kind(&in);
  if (!too_large(picture, file_size)) return SG_IMAGE_OK;
  snprintf(picture->message, sizeof picture->message, "%u x %u pixels are more than %zu bytes can hold",
           picture->width, picture->height, file_size);
  return SG_IMAGE_LIMIT;
}

/* `alpha` of 255 parts of a value, the rest of another. */
static uint8_t compose(uint8_t value, int alpha, uint8_t background) {
  return (uint8_t)((value * alpha + background * (255 - alpha) + 127) / 255);
}

/* From the first index on, which may lie within the last third of the colors. 0: an index has no
 * color. */
static int look_up(const png_color *palette, int colors, const uint8_t *indices, size_t n, uint8_t *to) {
  for (size_t i = 0; i < n; i++) {
    int index = indices[i];
    if (index >= colors) return 0;
    to[3 * i] = palette[index].red;
    to[3 * i + 1] = palette[index].green;
    to[3 * i + 2] = palette[index].blue;
  }
  return 1;
}

/* The palette's colors on the background. Returns how many there are. */
static int read_palette(png_structp png, png_infop info, const uint8_t background[3],
                        png_color palette[PNG_MAX_PALETTE_LENGTH]) {
  png_colorp stored = NULL;
  png_bytep alpha = NULL;
  int colors = 0, transparent = 0;
  png_get_PLTE(png, info, &stored, &colors);
  if (png_get_valid(png, info, PNG_INFO_tRNS)) png_get_tRNS(png, info, &alpha, &transparent, NULL);
  for (int i = 0; i < colors; i++) {
    int a = i < transparent ? alpha[i] : 255;
    palette[i].red = compose(stored[i].red, a, background[0]);
    palette[i].green = compose(stored[i].green, a, background[1]);
    palette[i].blue = compose(stored[i].blue, a, background[2]);
  }
  return colors;
}

/* What libpng does to pixels that are no indices. */
static void transform(png_structp png, const sg_picture *picture, int rgb, const uint8_t background[3]) {
  png_set_expand_gray_1_2_4_to_8(png);
  if (picture->transparent) {
    /* In the form of the output, 8 bits a channel. */
    png_color_16 color = {.red = background[0], .green = background[1], .blue = background[2]};
    color.gray = sg_luma(background[0], background[1], background[2]);
    png_set_tRNS_to_alpha(png);
    png_set_background_fixed(png, &color, PNG_BACKGROUND_GAMMA_SCREEN, 0, PNG_FP_1);
  }
  if (rgb && picture->channels == 1) png_set_gray_to_rgb(png);
  png_set_scale_16(png);
}

sg_image_status sg_png_read(const uint8_t *bytes, size_t n, int rgb, const uint8_t background[3],
                            uint8_t *pixels, size_t capacity, sg_picture *picture) {
  memset(picture, 0, sizeof *picture);
  input in = {bytes, n, 0, 0, picture};
  png_infop info;
  png_structp png = start(&in, &info);
  if (!png) return SG_IMAGE_NOMEM;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return kind(&in);
  }
  png_read_info(png, info);
  describe(png, info, picture);
  size_t row = (size_t)picture->width * (size_t)(rgb ? 3 : picture->channels);
  if (too_large(picture, n) || row * picture->height > capacity) png_error(png, "the picture is too large");
  int is_palette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;
  png_color palette[PNG_MAX_PALETTE_LENGTH];
  int colors = 0;
  if (is_palette) {
    colors = read_palette(png, info, background, palette);
    png_set_packing(png);
    row = picture->width;
  } else {
    transform(png, picture, rgb, background);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row) png_error(png, "rows of another length than their header says");
  /* Indices wait in the last third of the room that their colors take. */
  uint8_t *first = is_palette ? pixels + 2 * row * picture->height : pixels;
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < picture->height; y++) png_read_row(png, first + y * row, NULL);
  png_read_end(png, NULL);
  if (is_palette && !look_up(palette, colors, first, row * picture->height, pixels))
    png_error(png, "an index beyond the palette");
  png_destroy_read_struct(&png, &info, NULL);
  return SG_IMAGE_OK;
}
