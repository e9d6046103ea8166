#include "images.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h> /* needs what jpeglib.h defines */

enum {
  /* The most scans of a progressive file; encoders make about ten. */
  MOST_SCANS = 100,
  EXIF = JPEG_APP0 + 1,
  EXIF_LENGTH = 65533
};

typedef struct {
  struct jpeg_error_mgr errors; /* first, so that a pointer to it is one to all of this */
  jmp_buf failed;
  sg_picture *picture;
  int code; /* of the message that ended reading */
  struct jpeg_progress_mgr progress;
  struct jpeg_decompress_struct jpeg;
} decoder;

static void fail(j_common_ptr info) {
  decoder *d = (decoder *)info->err;
  char message[JMSG_LENGTH_MAX];
  d->code = info->err->msg_code;
  info->err->format_message(info, message);
  strncpy(d->picture->message, message, sizeof d->picture->message - 1);
  longjmp(d->failed, 1);
}

/* Where libjpeg would invent pixels it warns; those files are damaged. Other warnings change no
 * pixels. */
static void warn(j_common_ptr info, int level) {
  static const int damage[] = {JWRN_JPEG_EOF,       JWRN_HIT_MARKER,  JWRN_HUFF_BAD_CODE,
                               JWRN_ARITH_BAD_CODE, JWRN_MUST_RESYNC, JWRN_BOGUS_PROGRESSION};
  if (level >= 0) return;
  for (size_t i = 0; i < sizeof damage / sizeof *damage; i++)
    if (info->err->msg_code == damage[i]) fail(info);
}

static void silence(j_common_ptr info) { (void)info; }

static void count_scans(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > MOST_SCANS) ERREXIT(info, JERR_IMAGE_TOO_BIG);
}

static sg_image_status kind(const decoder *d) {
  switch (d->code) {
  case JERR_OUT_OF_MEMORY:
    return SG_IMAGE_NOMEM;
  case JERR_INPUT_EOF:
  case JERR_INPUT_EMPTY:
  case JWRN_HIT_MARKER:
  case JWRN_JPEG_EOF:
    return SG_IMAGE_TRUNCATED;
  case JERR_IMAGE_TOO_BIG:
  case JERR_WIDTH_OVERFLOW:
  case JERR_NO_BACKING_STORE:
    return SG_IMAGE_LIMIT;
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CCIR601_NOTIMPL:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_SOF_UNSUPPORTED:
    return SG_IMAGE_UNSUPPORTED;
  default:
    return SG_IMAGE_FORMAT;
  }
}

static unsigned number(const uint8_t *at, int bytes, int is_little) {
  unsigned n = 0;
  for (int i = 0; i < bytes; i++) n = n << 8 | at[is_little ? bytes - 1 - i : i];
  return n;
}

/* EXIF's orientation, 1 to 8, of the first marker that has one; 1 where there is none. The marker
 * holds a TIFF file: byte order, place of the first directory, a count of entries of 12 bytes. */
static int orientation(j_decompress_ptr jpeg) {
  for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next) {
    if (m->marker != EXIF || m->data_length < 14 || memcmp(m->data, "Exif\0\0", 6) != 0) continue;
    const uint8_t *tiff = m->data + 6;
    size_t size = m->data_length - 6;
    int is_little = memcmp(tiff, "II*\0", 4) == 0;
    if (!is_little && memcmp(tiff, "MM\0*", 4) != 0) continue;
    size_t place = number(tiff + 4, 4, is_little);
    if (place > size || size - place < 2) continue;
    size_t entries = number(tiff + place, 2, is_little);
    for (place += 2; entries > 0 && size - place >= 12; entries--, place += 12) {
      const uint8_t *entry = tiff + place;
      if (number(entry, 2, is_little) != 0x0112 || number(entry + 2, 2, is_little) != 3) continue;
      unsigned value = number(entry + 8, 2, is_little);
      return value >= 1 && value <= 8 ? (int)value : 1;
    }
  }
  return 1;
}

/* Everything that libjpeg is told before it reads. May end in `fail`. */
static void start(j_decompress_ptr jpeg, const uint8_t *bytes, size_t n) {
  jpeg_create_decompress(jpeg);
  if (n == 0) ERREXIT(jpeg, JERR_INPUT_EMPTY);
  jpeg_mem_src(jpeg, bytes, n);
  jpeg_save_markers(jpeg, EXIF, EXIF_LENGTH);
  jpeg_read_header(jpeg, TRUE);
}

/* Returns the orientation. Ends in `fail` for pictures beyond the limits. */
static int describe(j_decompress_ptr jpeg, size_t file_size, sg_picture *picture) {
  int turn = orientation(jpeg);
  size_t pixels = (size_t)jpeg->image_width * jpeg->image_height;
  picture->width = turn > 4 ? jpeg->image_height : jpeg->image_width;
  picture->height = turn > 4 ? jpeg->image_width : jpeg->image_height;
  picture->channels = jpeg->jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  picture->depth = jpeg->data_precision;
  /* Progressive files keep the coefficients of all blocks, of two bytes each, others some rows. */
  picture->working = jpeg_has_multiple_scans(jpeg) ? 2 * pixels * (size_t)jpeg->num_components
                                                   : (size_t)jpeg->image_width * 512;
  picture->working += 1 << 18;
  if (jpeg->image_width > SG_IMAGE_SIDE || jpeg->image_height > SG_IMAGE_SIDE || pixels > SG_IMAGE_PIXELS ||
      pixels / SG_IMAGE_RATIO > file_size) {
    snprintf(picture->message, sizeof picture->message, "%u x %u pixels are more than %s", jpeg->image_width,
             jpeg->image_height, pixels / SG_IMAGE_RATIO > file_size ? "the file can hold" : "the limit");
    decoder *d = (decoder *)jpeg->err;
    d->code = JERR_IMAGE_TOO_BIG;
    longjmp(d->failed, 1);
  }
  return turn;
}

static void prepare(decoder *d, sg_picture *picture) {
  memset(picture, 0, sizeof *picture);
  memset(d, 0, sizeof *d);
  d->picture = picture;
  d->jpeg.err = jpeg_std_error(&d->errors);
  d->errors.error_exit = fail;
  d->errors.emit_message = warn;
  d->errors.output_message = silence;
  d->progress.progress_monitor = count_scans;
}

static sg_image_status end(decoder *d, size_t n, int is_whole) {
  d->picture->offset = d->jpeg.src ? n - d->jpeg.src->bytes_in_buffer : 0;
  jpeg_destroy_decompress(&d->jpeg);
  return is_whole ? SG_IMAGE_OK : kind(d);
}

/* What changes after setjmp must not be a variable of its function, so the decoder is the
 * caller's. */
static __attribute__((noinline)) int try_header(decoder *d, const uint8_t *bytes, size_t n,
                                                size_t file_size) {
  if (setjmp(d->failed)) return 0;
  start(&d->jpeg, bytes, n);
  describe(&d->jpeg, file_size, d->picture);
  return 1;
}

sg_image_status sg_jpeg_read_header(const uint8_t *bytes, size_t n, size_t file_size, sg_picture *picture) {
  decoder d;
  prepare(&d, picture);
  return end(&d, n, try_header(&d, bytes, n, file_size));
}

/* One row as libjpeg gives it to where its pixels belong, `step` bytes apart. */
static void place_row(const uint8_t *row, j_decompress_ptr jpeg, uint8_t *to, ptrdiff_t step, int rgb) {
  size_t n = jpeg->output_width;
  if (jpeg->out_color_space == JCS_CMYK) {
    /* Adobe's convention, which all programs follow: what is stored is 255 less the ink. */
    for (size_t x = 0; x < n; x++, to += step)
      for (int c = 0; c < 3; c++) to[c] = (uint8_t)((row[4 * x + c] * row[4 * x + 3] + 127) / 255);
  } else if (jpeg->out_color_space == JCS_RGB) {
    for (size_t x = 0; x < n; x++, to += step) memcpy(to, row + 3 * x, 3);
  } else {
    for (size_t x = 0; x < n; x++, to += step) {
      to[0] = row[x];
      if (rgb) to[1] = to[2] = row[x];
    }
  }
}

static __attribute__((noinline)) int try_pixels(decoder *d, const uint8_t *bytes, size_t n, int rgb,
                                                uint8_t *pixels, size_t capacity) {
  if (setjmp(d->failed)) return 0;
  j_decompress_ptr jpeg = &d->jpeg;
  sg_picture *picture = d->picture;
  start(jpeg, bytes, n);
  jpeg->progress = &d->progress;
  int turn = describe(jpeg, n, picture);
  ptrdiff_t channels = rgb ? 3 : picture->channels;
  if ((size_t)picture->width * picture->height * (size_t)channels > capacity)
    ERREXIT(jpeg, JERR_IMAGE_TOO_BIG);
  int inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  jpeg->out_color_space = picture->channels == 1 ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(jpeg);
  /* Row y of the file begins at `first + y * down`, and goes on by `step`. */
  ptrdiff_t width = (ptrdiff_t)picture->width * channels, right = channels;
  ptrdiff_t rows = picture->height, last_row = (rows - 1) * width, last = width - channels;
  const struct {
    ptrdiff_t first, step, down;
  } ways[] = {
      {0, right, width}, {last, -right, width}, {last_row + last, -right, -width}, {last_row, right, -width},
      {0, width, right}, {last, width, -right}, {last_row + last, -width, -right}, {last_row, -width, right},
  };
  JSAMPARRAY row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                           jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
  while (jpeg->output_scanline < jpeg->output_height) {
    ptrdiff_t y = jpeg->output_scanline;
    jpeg_read_scanlines(jpeg, row, 1);
    place_row(*row, jpeg, pixels + ways[turn - 1].first + y * ways[turn - 1].down, ways[turn - 1].step,
              channels == 3);
  }
  jpeg_finish_decompress(jpeg);
  return 1;
}

sg_image_status sg_jpeg_read(const uint8_t *bytes, size_t n, int rgb, uint8_t *pixels, size_t capacity,
                             sg_picture *picture) {
  decoder d;
  prepare(&d, picture);
  return end(&d, n, try_pixels(&d, bytes, n, rgb, pixels, capacity));
}
