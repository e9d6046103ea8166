#include "images.h"
#include <png.h>
#include <setjmp.h>
#include <string.h>

typedef struct {
  sg_image_sink sink;
  void *context;
  int failed, is_short; /* by the sink; of memory */
} output;

static void deliver(png_structp png, png_bytep bytes, size_t n) {
  output *out = png_get_io_ptr(png);
  if (out->sink(out->context, bytes, n)) {
    out->failed = 1;
    png_error(png, "sink");
  }
}
static void flush(png_structp png) { (void)png; }
static void fail(png_structp png, png_const_charp message) {
  output *out = png_get_error_ptr(png);
  /* libpng's words, and what it says for zlib. */
  if (strstr(message, "ut of memory") || strstr(message, "nsufficient memory")) out->is_short = 1;
  png_longjmp(png, 1);
}
static void warn(png_structp png, png_const_charp message) { (void)png, (void)message; }

sg_image_status sg_png_write(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                             sg_image_sink sink, void *context) {
  output out = {sink, context, 0, 0};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &out, fail, warn);
  if (!png) return SG_IMAGE_NOMEM;
  png_infop info = png_create_info_struct(png);
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    return SG_IMAGE_NOMEM;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return out.failed ? SG_IMAGE_SINK : out.is_short ? SG_IMAGE_NOMEM : SG_IMAGE_LIBRARY;
  }
  png_set_write_fn(png, &out, deliver, flush);
  int kind = channels == 1 ? PNG_COLOR_TYPE_GRAY : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA;
  png_set_IHDR(png, info, width, height, 8, kind, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + (size_t)y * width * channels);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return SG_IMAGE_OK;
}
