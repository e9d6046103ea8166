/* Folders of PNG files that lie, end early or do not fit each other: an error that names the file,
 * never a crash. */
#include "pictures.h"
#include <sys/stat.h>

enum { SIDE = 8 };

static const char *folder;
static file_bytes f;

/* The folder with one file, whose name the message must hold. */
static void expect(swiftgan_status wanted, const char *what) {
  char path[512];
  snprintf(path, sizeof path, "%s/it.png", folder);
  write_file(path, f.b, f.n);
  swiftgan_status s = opened(folder, NULL);
  CHECK(s == wanted, "%s gave %s: %s", what, swiftgan_status_name(s), swiftgan_last_error());
  if (s) CHECK(strstr(swiftgan_last_error(), "it.png") != NULL, "%s: %s", what, swiftgan_last_error());
  else keep(path);
}

/* Either kind of answer, but an error. */
static void refuse(const char *what) {
  char path[512];
  snprintf(path, sizeof path, "%s/it.png", folder);
  write_file(path, f.b, f.n);
  CHECK(opened(folder, NULL) != SWIFTGAN_OK, "%s was read", what);
}

static void gray(void) {
  unsigned char x[SIDE * SIDE];
  for (int i = 0; i < SIDE * SIDE; i++) x[i] = (unsigned char)(i * 3);
  picture(&f, SIDE, SIDE, 1, x);
}

/* Gray rows of zeros with filter bytes. */
static const unsigned char zeros[1 << 16];

static void headers(void) {
  const struct {
    uint32_t width, height;
    int depth, color, interlace;
    swiftgan_status status;
    const char *what;
  } rows[] = {
      {0, 8, 8, 0, 0, SWIFTGAN_ERROR_FORMAT, "no width"},
      {8, 0, 8, 0, 0, SWIFTGAN_ERROR_FORMAT, "no height"},
      {0x80000000, 8, 8, 0, 0, SWIFTGAN_ERROR_FORMAT, "width 2^31"},
      {8, 0xFFFFFFFF, 8, 0, 0, SWIFTGAN_ERROR_FORMAT, "height 2^32 - 1"},
      {40000, 1, 8, 0, 0, SWIFTGAN_ERROR_FORMAT, "width above the limit"},
      {8, 8, 3, 0, 0, SWIFTGAN_ERROR_FORMAT, "depth 3"},
      {8, 8, 16, 3, 0, SWIFTGAN_ERROR_FORMAT, "palette of 16 bits"},
      {8, 8, 4, 2, 0, SWIFTGAN_ERROR_FORMAT, "RGB of 4 bits"},
      {8, 8, 1, 4, 0, SWIFTGAN_ERROR_FORMAT, "gray and alpha of 1 bit"},
      {8, 8, 8, 5, 0, SWIFTGAN_ERROR_FORMAT, "color type 5"},
      {8, 8, 8, 0, 2, SWIFTGAN_ERROR_FORMAT, "interlace 2"},
      {8, 8, 8, 3, 0, SWIFTGAN_ERROR_FORMAT, "no palette"},
      {30000, 30000, 8, 0, 0, SWIFTGAN_ERROR_LIMIT, "more pixels than the limit"},
      {8000, 8000, 8, 0, 0, SWIFTGAN_ERROR_LIMIT, "more pixels than so few bytes hold"},
      {8, 9, 8, 0, 0, SWIFTGAN_ERROR_TRUNCATED, "a row too few"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    signature(&f);
    header(&f, rows[i].width, rows[i].height, rows[i].depth, rows[i].color, rows[i].interlace);
    pixels(&f, zeros, 9 * 8);
    chunk(&f, "IEND", NULL, 0);
    expect(rows[i].status, rows[i].what);
  }
}

static void chunks(void) {
  gray();
  expect(SWIFTGAN_OK, "whole");
  for (size_t n = 0; n < f.n; n++) {
    file_bytes whole = f;
    f.n = n;
    expect(SWIFTGAN_ERROR_TRUNCATED, "cut");
    f = whole;
  }
  /* Any flipped bit is found: signature, CRCs, or a chunk that became another. The fifth bit of a
   * type only changes case. */
  for (size_t bit = 0; bit < f.n * 8; bit++) {
    file_bytes whole = f;
    f.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
    refuse("a flipped bit");
    f = whole;
  }
  f.b[4] = '\n';
  refuse("CR-LF damage");

  signature(&f);
  pixels(&f, zeros, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("no header");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0), header(&f, 8, 8, 8, 0, 0);
  pixels(&f, zeros, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("two headers");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  chunk(&f, "IEND", NULL, 0);
  refuse("no pixels");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  chunk(&f, "IDAT", NULL, 0);
  chunk(&f, "IEND", NULL, 0);
  refuse("empty pixels");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  chunk(&f, "IDAT", "this is no zlib stream", 22);
  chunk(&f, "IEND", NULL, 0);
  expect(SWIFTGAN_ERROR_FORMAT, "no zlib stream");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  pixels(&f, zeros, 700);
  chunk(&f, "IEND", NULL, 0);
  expect(SWIFTGAN_OK, "too many pixels, which libpng only warns of");
  unsigned char filters[72] = {0};
  filters[9] = 5;
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  pixels(&f, filters, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("filter 5");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  chunk(&f, "QXYZ", "what", 4);
  pixels(&f, zeros, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("a critical chunk that nobody knows");
  signature(&f);
  header(&f, 8, 8, 8, 3, 0);
  chunk(&f, "PLTE", zeros, 7);
  pixels(&f, zeros, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("a palette of 7 bytes");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  put32(&f, 0xFFFFFFF0);
  put(&f, "IDAT", 4);
  refuse("a chunk of 2^32 bytes");
}

/* Text of a hundred megabytes when unpacked, ten thousand chunks: skipped, not unpacked. */
static void ancillary(void) {
  size_t size = 100 << 20;
  unsigned char *text = calloc(1, size), *packed = malloc(1 << 20);
  uLongf n = (1 << 20) - 8;
  memcpy(packed, "key\0\0", 5);
  CHECK(compress2(packed + 5, &n, text, size, 9) == Z_OK, "compress2");
  signature(&f);
  header(&f, 8, 8, 8, 0, 0);
  chunk(&f, "zTXt", packed, n + 5);
  for (int i = 0; i < 10000; i++) chunk(&f, "tEXt", "a\0b", 3);
  pixels(&f, zeros, 72);
  chunk(&f, "IEND", NULL, 0);
  expect(SWIFTGAN_OK, "text");
  free(text);
  free(packed);
}

/* What is unusual but right: fewer and more bits, palettes, alpha, Adam7, one pixel. */
static void kinds(void) {
  const struct {
    uint32_t side;
    int depth, color, interlace;
    size_t rows;
  } rows[] = {{8, 1, 0, 0, 16},  {8, 2, 0, 0, 24},   {8, 4, 0, 0, 40},  {8, 16, 0, 0, 136},
              {8, 8, 2, 0, 200}, {8, 16, 2, 0, 392}, {8, 8, 4, 0, 136}, {8, 8, 6, 0, 264},
              {1, 8, 0, 0, 2},   {1, 8, 0, 1, 2},    {3, 8, 0, 1, 15},  {8, 8, 3, 0, 72}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    signature(&f);
    header(&f, rows[i].side, rows[i].side, rows[i].depth, rows[i].color, rows[i].interlace);
    if (rows[i].color == 3) chunk(&f, "PLTE", "\1\2\3\4\5\6", 6), chunk(&f, "tRNS", "\x80", 1);
    pixels(&f, zeros, rows[i].rows);
    chunk(&f, "IEND", NULL, 0);
    expect(SWIFTGAN_OK, "an unusual kind");
  }
  signature(&f);
  header(&f, 8, 8, 8, 3, 0);
  chunk(&f, "PLTE", "\1\2\3\4\5\6", 6);
  unsigned char beyond[72] = {0};
  beyond[5] = 2;
  pixels(&f, beyond, 72);
  chunk(&f, "IEND", NULL, 0);
  refuse("an index beyond the palette");
}

/* Classes, sizes that differ, damaged files among good ones. */
static void folders(void) {
  char path[600];
  unsigned char x[48 * 48 * 3];
  for (size_t i = 0; i < sizeof x; i++) x[i] = (unsigned char)(i * 11);
  snprintf(path, sizeof path, "%s/it.png", folder);
  remove(path);
  EXPECT(SWIFTGAN_ERROR_IO, opened(folder, NULL), folder);
  const char *names[] = {"b/2.png", "b/10.PNG", "a b/1.png", "\xc3\xa9/1.png"};
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    *strrchr(path, '/') = 0;
    mkdir(path, 0700);
    picture(&f, 16, 12, 1, x + i);
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    write_file(path, f.b, f.n);
  }
  snprintf(path, sizeof path, "%s/b/.hidden.png", folder);
  write_file(path, "", 0);
  snprintf(path, sizeof path, "%s/b/notes.txt", folder);
  write_file(path, "", 0);
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_open(&d, folder, NULL));
  char json[2000];
  OK(swiftgan_dataset_info(d, json, sizeof json, NULL));
  CHECK(strstr(json, "\"count\":4") && strstr(json, "\"shape\":[12,16,1]") &&
            strstr(json, "\"other_files\":1") && strstr(json, "[\"a b\",\"b\",\"\xc3\xa9\"]"),
        "%s", json);
  float y[4 * 16 * 12];
  int32_t labels[4];
  OK(swiftgan_dataset_read(d, 0, 4, y, 4 * 16 * 12, labels));
  CHECK(labels[0] == 0 && labels[1] == 1 && labels[2] == 1 && labels[3] == 2, "%d %d %d %d", labels[0],
        labels[1], labels[2], labels[3]);
  int order[] = {2, 1, 0, 3}; /* names within a class are sorted by bytes: 10 before 2 */
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 16 * 12; k++)
      if (fabsf(y[i * 192 + k] - ((float)x[order[i] + k] / 127.5f - 1)) > 1e-6f) {
        CHECK(0, "sample %d, pixel %d: %f", i, k, y[i * 192 + k]);
        break;
      }
  swiftgan_dataset_destroy(d);

  /* The same bits when read anew each time. */
  float z[4 * 16 * 12];
  OK(swiftgan_dataset_open(&d, folder, "{\"memory\": 0}"));
  OK(swiftgan_dataset_read(d, 0, 4, z, 4 * 16 * 12, labels));
  CHECK(memcmp(y, z, sizeof y) == 0, "from files");
  swiftgan_dataset_destroy(d);

  picture(&f, 16, 13, 1, x);
  snprintf(path, sizeof path, "%s/b/3.png", folder);
  write_file(path, f.b, f.n);
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened(folder, NULL), "b/3.png: [13, 16, 1]");
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened(folder, "{\"memory\": 0}"), "b/3.png");
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened(folder, "{\"crop\": [13, 16]}"), "1.png");
  OK(opened(folder, "{\"resize\": 16}"));
  OK(opened(folder, "{\"crop\": 12}"));
  OK(opened(folder, "{\"crop\": \"square\", \"resize\": [8, 6], \"channels\": 3}"));
  picture(&f, 16, 12, 3, x);
  write_file(path, f.b, f.n);
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened(folder, NULL), "b/3.png: [12, 16, 3]");
  OK(opened(folder, "{\"channels\": 1}"));
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened(folder, "{\"channels\": 2}"), "channels");
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened(folder, "{\"resize\": 0}"), "resize");
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened(folder, "{\"resize\": [1]}"), "resize");
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened(folder, "{\"crop\": \"circle\"}"), "crop");
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened(folder, "{\"resise\": 8}"), "resize");

  f.n = 60;
  write_file(path, f.b, f.n);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened(folder, NULL), "b/3.png");
  OK(swiftgan_dataset_open(&d, folder, "{\"skip_corrupt\": true}"));
  OK(swiftgan_dataset_info(d, json, sizeof json, NULL));
  CHECK(strstr(json, "\"count\":4") && strstr(json, "\"skipped\":1") && strstr(json, "b/3.png"), "%s", json);
  swiftgan_dataset_destroy(d);
  OK(opened(folder, "{\"skip_corrupt\": true, \"memory\": 0}"));
  snprintf(path, sizeof path, "%s/loose.png", folder);
  write_file(path, f.b, f.n);
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened(folder, NULL), "loose.png");
}

/* A file that is damaged after the data set was opened: training ends with its name, the model as
 * before that step. */
static void later(void) {
  char path[600], set[512];
  unsigned char x[16 * 16 * 8];
  snprintf(set, sizeof set, "%s", place("later"));
  mkdir(set, 0700);
  for (int i = 0; i < 8; i++) {
    for (int k = 0; k < 256; k++) x[k] = (unsigned char)(k + 30 * i);
    picture(&f, 16, 16, 1, x);
    snprintf(path, sizeof path, "%s/%d.png", set, i);
    write_file(path, f.b, f.n);
  }
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_open(&d, set, "{\"memory\": 0}"));
  /* The same bits whether the samples lie in memory or are read ahead, in one run or in several. */
  swiftgan_dataset *kept = NULL;
  OK(swiftgan_dataset_open(&kept, set, NULL));
  swiftgan_model *one = new_model(image_config), *two = new_model(image_config);
  OK(swiftgan_model_train(one, kept, 7, "{\"batch\": 3}", NULL, NULL));
  for (int i = 1; i <= 4; i += 3) OK(swiftgan_model_train(two, d, i, "{\"batch\": 3}", NULL, NULL));
  CHECK(!same(one, two), "5 steps are not 7");
  OK(swiftgan_model_train(two, d, 2, "{\"batch\": 3}", NULL, NULL));
  CHECK(same(one, two), "from files");
  swiftgan_model_destroy(one);
  swiftgan_model_destroy(two);
  swiftgan_dataset_destroy(kept);

  write_file(path, f.b, f.n / 2);
  swiftgan_model *m = new_model(image_config), *n = new_model(image_config);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, swiftgan_model_train(m, d, 1, "{\"batch\": 8}", NULL, NULL), "7.png");
  CHECK(same(m, n), "the model has changed");
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, swiftgan_dataset_read(d, 7, 1, (float[256]){0}, 256, NULL), "7.png");
  swiftgan_model_destroy(m);
  swiftgan_model_destroy(n);
  swiftgan_dataset_destroy(d);
}

int main(void) {
  char name[512];
  snprintf(name, sizeof name, "%s", place("pictures"));
  folder = name;
  mkdir(folder, 0700);
  headers();
  chunks();
  ancillary();
  kinds();
  folders();
  later();
  return finish();
}
