/* Folders of JPEG files of all kinds, and of those that lie, end early or hold something else: an
 * error that names the file, never a crash, and never invented pixels. */
#include "jpegs.h"
#include <sys/stat.h>

enum { SIDE = 24 };

static const char *folder;

static const char *at(const char *name) {
  static char path[4][600];
  static int next;
  next = (next + 1) % 4;
  snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
  return path[next];
}

/* How a folder with these bytes in one file is opened. */
static swiftgan_status with(const unsigned char *bytes, size_t n, const char *options) {
  write_file(at("it.jpg"), bytes, n);
  swiftgan_status s = opened(folder, options);
  if (s) CHECK(strstr(swiftgan_last_error(), "it.jpg") != NULL, "%s", swiftgan_last_error());
  else keep(at("it.jpg"));
  return s;
}

/* A file of a scan for the constant part and `count` for the rest, at most 126. */
static swiftgan_status with_scans(int count, const unsigned char *x) {
  jpeg_scan_info scan[127] = {{.comps_in_scan = 1}};
  for (int i = 0; i < count; i++) {
    int which = i % 63 + 1, fine = i >= 63, is_last = count <= 63 || fine;
    scan[i + 1] = (jpeg_scan_info){.comps_in_scan = 1, .Ss = which, .Se = which, .Ah = fine, .Al = !is_last};
  }
  jpeg_kind k = {.width = SIDE, .height = SIDE, .channels = 1, .scans = scan, .scan_count = count + 1};
  jpeg_file f = jpeg(k, x);
  swiftgan_status s = with(f.b, f.n, NULL);
  free(f.b);
  return s;
}

/* The picture of the folder's one file as 0...255; its shape must be that. */
static float *values_of(jpeg_file f, int height, int width, int channels, const char *options) {
  static float x[SIDE * SIDE * 3];
  size_t n = (size_t)(height * width * channels);
  char json[2000], shape[80];
  write_file(at("it.jpg"), f.b, f.n);
  swiftgan_dataset *d = NULL;
  memset(x, 0, sizeof x);
  OK(swiftgan_dataset_open(&d, folder, options));
  OK(swiftgan_dataset_info(d, json, sizeof json, NULL));
  snprintf(shape, sizeof shape, "\"shape\":[%d,%d,%d]", height, width, channels);
  CHECK(strstr(json, shape) != NULL, "no %s in %s", shape, json);
  OK(swiftgan_dataset_read(d, 0, 1, x, n, NULL));
  swiftgan_dataset_destroy(d);
  keep(at("it.jpg"));
  for (size_t i = 0; i < n; i++) x[i] = (x[i] + 1) * 127.5f;
  return x;
}

static int near(const float *x, const unsigned char *y, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (fabsf(x[i] - (float)y[i]) > 4) return 0;
  return 1;
}

/* Smooth colors, so that JPEG keeps them. */
static void smooth(unsigned char *x, int height, int width, int channels) {
  for (int r = 0; r < height; r++)
    for (int c = 0; c < width; c++)
      for (int k = 0; k < channels; k++) {
        int v[] = {20 + 9 * r, 230 - 8 * c, 40 + 4 * r + 4 * c, 255 - 3 * r};
        x[(r * width + c) * channels + k] = (unsigned char)v[k];
      }
}

static void kinds(void) {
  unsigned char x[SIDE * SIDE * 4], rgb[SIDE * SIDE * 3];
  const int height = 17, width = SIDE;
  size_t n = (size_t)(height * width);
  for (int progressive = 0; progressive < 2; progressive++) {
    for (int channels = 1; channels <= 3; channels += 2) {
      smooth(x, height, width, channels);
      jpeg_kind k = {.width = width, .height = height, .channels = channels, .progressive = progressive};
      for (k.restart = 0; k.restart < 3; k.restart += 2) {
        jpeg_file f = jpeg(k, x);
        CHECK(near(values_of(f, height, width, channels, NULL), x, n * (size_t)channels), "%d channels",
              channels);
        float kept[SIDE * SIDE * 3];
        memcpy(kept, values_of(f, height, width, channels, NULL), n * (size_t)channels * sizeof *kept);
        const float *y = values_of(f, height, width, channels, "{\"memory\": 0}");
        CHECK(memcmp(kept, y, n * (size_t)channels * sizeof *kept) == 0, "from the file");
        free(f.b);
      }
    }
    /* Ink, stored as 255 less of it. */
    smooth(x, height, width, 4);
    for (size_t i = 0; i < n; i++)
      for (int c = 0; c < 3; c++)
        rgb[3 * i + (size_t)c] = (unsigned char)(x[4 * i + (size_t)c] * x[4 * i + 3] / 255);
    for (int inks = 0; inks < 2; inks++) {
      jpeg_kind k = {
          .width = width, .height = height, .channels = 4, .progressive = progressive, .inks = inks};
      jpeg_file f = jpeg(k, x);
      CHECK(near(values_of(f, height, width, 3, NULL), rgb, 3 * n), "CMYK, %s", inks ? "YCCK" : "plain");
      free(f.b);
    }
  }
  smooth(x, height, width, 1);
  jpeg_file f = jpeg((jpeg_kind){.width = width, .height = height, .channels = 1}, x);
  const float *y = values_of(f, height, width, 3, "{\"channels\": 3}");
  int gray = 1;
  for (size_t i = 0; i < n; i++) gray = gray && y[3 * i] == y[3 * i + 1] && y[3 * i] == y[3 * i + 2];
  CHECK(gray, "gray as RGB");
  free(f.b);
}

/* EXIF's eight orientations: where the pixel at row r and column c of the file is seen. */
static void orientations(void) {
  const int height = 16, width = 24;
  unsigned char x[SIDE * SIDE * 3], seen[SIDE * SIDE * 3];
  for (int channels = 1; channels <= 3; channels += 2) {
    smooth(x, height, width, channels);
    for (int sign = -1; sign <= 1; sign += 2)
      for (int o = 1; o <= 8; o++) {
        int turned = o > 4, h = turned ? width : height, w = turned ? height : width;
        for (int r = 0; r < height; r++)
          for (int c = 0; c < width; c++) {
            int down = r, right = c;
            switch (o) {
            case 2:
              right = width - 1 - c;
              break;
            case 3:
              down = height - 1 - r, right = width - 1 - c;
              break;
            case 4:
              down = height - 1 - r;
              break;
            case 5:
              down = c, right = r;
              break;
            case 6:
              down = c, right = height - 1 - r;
              break;
            case 7:
              down = width - 1 - c, right = height - 1 - r;
              break;
            case 8:
              down = width - 1 - c, right = r;
              break;
            }
            memcpy(seen + (down * w + right) * channels, x + (r * width + c) * channels, (size_t)channels);
          }
        jpeg_kind k = {.width = width, .height = height, .channels = channels, .orientation = sign * o};
        jpeg_file f = jpeg(k, x);
        CHECK(near(values_of(f, h, w, channels, NULL), seen, (size_t)(h * w * channels)), "orientation %d",
              o);
        CHECK(near(values_of(f, h, w, channels, "{\"memory\": 0}"), seen, (size_t)(h * w * channels)),
              "later");
        free(f.b);
      }
  }
  /* Markers that lie leave the picture as it is stored. */
  smooth(x, height, width, 1);
  const struct {
    const char *bytes;
    size_t n;
  } lies[] = {
      {"Exif", 4},
      {"Exif\0\0II*\0", 10},
      {"Exif\0\0II*\0\xff\xff\xff\xff", 14},
      {"Exif\0\0II*\0\10\0\0\0\xff\xff", 16},
      {"Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0", 24},
      {"Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\11\0\0\0", 28},
      {"Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\0\0\0\0", 28},
      {"Exif\0\0II*\0\10\0\0\0\1\0\22\1\4\0\1\0\0\0\6\0\0\0", 28},
      {"Exif\0\0XX*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\6\0\0\0", 28},
  };
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
    jpeg_kind k = {
        .width = width, .height = height, .channels = 1, .exif = lies[i].bytes, .exif_size = lies[i].n};
    jpeg_file f = jpeg(k, x);
    CHECK(near(values_of(f, height, width, 1, NULL), x, (size_t)(height * width)), "lie %zu", i);
    free(f.b);
  }
}

static void damage(void) {
  unsigned char x[SIDE * SIDE * 3];
  smooth(x, SIDE, SIDE, 3);
  for (int progressive = 0; progressive < 2; progressive++) {
    jpeg_file f = jpeg(
        (jpeg_kind){.width = SIDE, .height = SIDE, .channels = 3, .progressive = progressive, .restart = 2},
        x);
    OK(with(f.b, f.n, NULL));
    for (size_t n = 0; n < f.n; n++) {
      swiftgan_status s = with(f.b, n, NULL);
      CHECK(s == SWIFTGAN_ERROR_TRUNCATED || (n < 2 && s == SWIFTGAN_ERROR_FORMAT), "cut at %zu gave %s", n,
            swiftgan_status_name(s));
      /* Where reading ended, which may be where a marker or a block began. */
      const char *byte = strstr(swiftgan_last_error(), "byte ");
      size_t end = byte ? strtoul(byte + 5, NULL, 10) : n + 1;
      CHECK(end <= n && (n < 40 || end > 0), "cut at %zu: %s", n, swiftgan_last_error());
    }
    /* JPEG has no checksums: any answer, but no crash, no hang, no lack of memory. */
    for (size_t i = 0; i < f.n; i++)
      for (int bit = 0; bit < 8; bit += 3) {
        f.b[i] ^= (unsigned char)(1 << bit);
        swiftgan_status s = with(f.b, f.n, i % 2 ? NULL : "{\"memory\": 0}");
        CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_FORMAT || s == SWIFTGAN_ERROR_TRUNCATED ||
                  s == SWIFTGAN_ERROR_LIMIT || s == SWIFTGAN_ERROR_UNSUPPORTED,
              "bit %d of byte %zu gave %s", bit, i, swiftgan_status_name(s));
        f.b[i] ^= (unsigned char)(1 << bit);
      }
    /* What follows the end does not matter: cameras put previews there. */
    unsigned char *more = malloc(f.n + 5000);
    memcpy(more, f.b, f.n), memset(more + f.n, 0xA5, 5000);
    OK(with(more, f.n + 5000, NULL));
    free(more);
    free(f.b);
  }
}

/* A header of 65,000 pixels a side in few bytes, before memory is taken; and sizes that are no
 * sizes. */
static void sizes(void) {
  unsigned char x[SIDE * SIDE];
  smooth(x, SIDE, SIDE, 1);
  const struct {
    int height, width;
    swiftgan_status status;
  } rows[] = {{65500, 65500, SWIFTGAN_ERROR_LIMIT}, {8000, 8000, SWIFTGAN_ERROR_LIMIT},
              {32769, 1, SWIFTGAN_ERROR_LIMIT},     {0, 8, SWIFTGAN_ERROR_FORMAT},
              {8, 0, SWIFTGAN_ERROR_FORMAT},        {25, 24, SWIFTGAN_ERROR_TRUNCATED}};
  for (int progressive = 0; progressive < 2; progressive++) {
    jpeg_file f =
        jpeg((jpeg_kind){.width = SIDE, .height = SIDE, .channels = 1, .progressive = progressive}, x);
    unsigned char *sof = NULL;
    for (size_t i = 0; i + 1 < f.n && !sof; i++)
      if (f.b[i] == 0xFF && f.b[i + 1] == (progressive ? 0xC2 : 0xC0)) sof = f.b + i;
    for (size_t i = 0; sof && i < sizeof rows / sizeof *rows; i++) {
      sof[5] = (unsigned char)(rows[i].height >> 8), sof[6] = (unsigned char)rows[i].height;
      sof[7] = (unsigned char)(rows[i].width >> 8), sof[8] = (unsigned char)rows[i].width;
      swiftgan_status s = with(f.b, f.n, NULL);
      CHECK(s == rows[i].status, "%d x %d gave %s: %s", rows[i].height, rows[i].width,
            swiftgan_status_name(s), swiftgan_last_error());
    }
    free(f.b);
  }
}

/* A hundred scans and more, each of which would go over all blocks. */
static void scans(void) {
  unsigned char x[SIDE * SIDE];
  smooth(x, SIDE, SIDE, 1);
  OK(with_scans(63, x));
  EXPECT(SWIFTGAN_ERROR_LIMIT, with_scans(126, x), "it.jpg");
}

/* Files that are something else, by their first bytes; a JPEG under another's name; both kinds in a
 * folder. */
static void others(void) {
  EXPECT(SWIFTGAN_ERROR_FORMAT, with((const unsigned char *)"GIF89a\1\0\1\0", 10, NULL), "a GIF file");
  EXPECT(SWIFTGAN_ERROR_FORMAT, with((const unsigned char *)"RIFF\1\0\0\0WEBPVP8 ", 16, NULL), "a WebP file");
  EXPECT(SWIFTGAN_ERROR_FORMAT, with((const unsigned char *)"<html></html>", 13, NULL), "JPEG");
  unsigned char x[SIDE * SIDE * 3];
  smooth(x, SIDE, SIDE, 3);
  jpeg_file f = jpeg((jpeg_kind){.width = SIDE, .height = SIDE, .channels = 3}, x);
  const char *names[] = {"a.PNG", "b.JPEG", "c.jfif"};
  for (int i = 0; i < 3; i++) write_file(at(names[i]), f.b, f.n);
  OK(with(f.b, f.n, NULL));
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_by_name(at("c.jfif"), NULL), "folder that holds them");
  /* Damaged ones are left out if that is allowed. */
  write_file(at("b.JPEG"), f.b, f.n / 2);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened(folder, NULL), "b.JPEG");
  swiftgan_dataset *d = NULL;
  char json[2000];
  OK(swiftgan_dataset_open(&d, folder, "{\"skip_corrupt\": true}"));
  OK(swiftgan_dataset_info(d, json, sizeof json, NULL));
  CHECK(strstr(json, "\"count\":3") && strstr(json, "\"skipped\":1"), "%s", json);
  swiftgan_dataset_destroy(d);
  free(f.b);
}

int main(void) {
  char name[512];
  snprintf(name, sizeof name, "%s", place("pictures"));
  folder = name;
  mkdir(folder, 0700);
  kinds();
  orientations();
  damage();
  sizes();
  scans();
  others();
  return finish();
}
