/* JPEG files made by libjpeg's encoder, right or then damaged. */
#ifndef JPEGS_H
#define JPEGS_H
#include "check.h"
#include <jpeglib.h>

typedef struct {
  unsigned char *b;
  size_t n;
} jpeg_file;

/* What a file is made of; 0 is the usual. */
typedef struct {
  int width, height;
  int channels;                /* of x: 1, 3, or 4 (CMYK) */
  int progressive;             /* whether in several scans */
  int inks;                    /* whether CMYK is stored as YCCK */
  int restart;                 /* MCUs between restart markers */
  int orientation;             /* EXIF's, in a little-endian marker; negative: big-endian */
  const jpeg_scan_info *scans; /* the scans themselves, scan_count of them */
  int scan_count;
  const void *exif; /* a marker instead, of exif_size bytes */
  size_t exif_size;
} jpeg_kind;

/* Of quality 100 without subsampling, so that decoded values are within two of x. */
static inline jpeg_file jpeg(jpeg_kind k, const unsigned char *x) {
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr e;
  jpeg_file f = {NULL, 0};
  unsigned long n = 0;
  c.err = jpeg_std_error(&e);
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, &f.b, &n);
  c.image_width = (JDIMENSION)k.width;
  c.image_height = (JDIMENSION)k.height;
  c.input_components = k.channels;
  c.in_color_space = k.channels == 1 ? JCS_GRAYSCALE : k.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&c);
  if (k.inks) jpeg_set_colorspace(&c, JCS_YCCK);
  jpeg_set_quality(&c, 100, TRUE);
  c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = 1;
  if (k.channels == 4) c.comp_info[3].h_samp_factor = c.comp_info[3].v_samp_factor = 1;
  c.restart_interval = (unsigned)k.restart;
  if (k.scans) c.scan_info = k.scans, c.num_scans = k.scan_count;
  if (k.progressive) jpeg_simple_progression(&c);
  jpeg_start_compress(&c, TRUE);
  int o = abs(k.orientation);
  unsigned char little[] = "Exif\0\0II*\0\10\0\0\0\2\0\0\1\3\0\1\0\0\0\7\0\0\0\22\1\3\0\1\0\0\0O\0\0\0\0\0\0";
  unsigned char big[] = "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0O\0\0\0\0\0\0";
  *(unsigned char *)memchr(little, 'O', sizeof little) = (unsigned char)o;
  *(unsigned char *)memchr(big, 'O', sizeof big) = (unsigned char)o;
  if (k.exif) jpeg_write_marker(&c, JPEG_APP0 + 1, k.exif, (unsigned)k.exif_size);
  if (k.orientation > 0) jpeg_write_marker(&c, JPEG_APP0 + 1, little, sizeof little - 1);
  if (k.orientation < 0) jpeg_write_marker(&c, JPEG_APP0 + 1, big, sizeof big - 1);
  for (int y = 0; y < k.height; y++) {
    JSAMPROW row = (JSAMPROW)(x + (size_t)y * (size_t)k.width * (size_t)k.channels);
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  jpeg_destroy_compress(&c);
  f.n = n;
  return f;
}
#endif
