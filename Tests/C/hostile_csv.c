/* Tables of numbers that lie, end early or are none: an error that names the file, never a
 * crash. */
#include "check.h"
#include <locale.h>
#include <sys/stat.h>

static swiftgan_status opened_text(const void *text, size_t n, const char *options) {
  write_file(place("table.csv"), text, n);
  return opened_by_name(place("table.csv"), options);
}

int main(void) {
  const char good[] = "a,\"b\",class\r\n1,-2.5e-3,0\r\n\"3\",4,1\r\n";
  const char *options = "{\"labels\": \"class\", \"conditions\": [\"a\"]}";
  size_t n = sizeof good - 1;
  OK(opened_text(good, n, options));
  /* Whatever is cut off or changed: an answer. */
  for (size_t i = 0; i < n; i++) {
    swiftgan_status s = opened_text(good, i, NULL);
    CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_FORMAT || s == SWIFTGAN_ERROR_TRUNCATED,
          "cut at %zu gave %s", i, swiftgan_status_name(s));
    for (int byte = 0; byte < 256; byte++) {
      char bad[sizeof good];
      memcpy(bad, good, n);
      bad[i] = (char)byte;
      s = opened_text(bad, n, NULL);
      CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_FORMAT, "byte %zu = %d gave %s", i, byte,
            swiftgan_status_name(s));
    }
  }
  EXPECT(SWIFTGAN_ERROR_FORMAT,
         opened_text("\xFF\xFE"
                     "a\0\n\0"
                     "1\0",
                     8, NULL),
         "line 1");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_text("a\xC0\n1\n", 5, NULL), "not UTF-8");
  OK(opened_text("a;b\n1;2\n", 8, NULL));
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_text("a;b\n1,5;2\n1;2.5\n", 16, NULL),
         "line 3, byte 12: column \"b\"");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_text("a\tb\n1\t\n", 7, NULL), "found nothing");
  EXPECT(SWIFTGAN_ERROR_CONFIG, opened_text("a\n1\n", 4, "{\"labels\": \"b\"}"), "did you mean \"a\"");
  size_t large = 40 << 20;
  char *zeros = calloc(large, 1);
  EXPECT(SWIFTGAN_ERROR_LIMIT, opened_text(zeros, large, NULL), "line 1");
  memset(zeros, '"', large), memcpy(zeros, "a\n", 2);
  EXPECT(SWIFTGAN_ERROR_LIMIT, opened_text(zeros, large, NULL), "line 2");
  free(zeros);
  mkdir(place("folder.csv"), 0700);
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(place("folder.csv"), NULL), "");
  mkfifo(place("pipe.csv"), 0600);
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(place("pipe.csv"), NULL), "not a regular file");
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(place("none.csv"), NULL), "");

  /* A decimal comma is the host's business. */
  if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "fr_FR.UTF-8"))
    CHECK(atof("0,5") == 0.5, "the host's locale");
  swiftgan_dataset *d = NULL;
  float x[2];
  write_file(place("half.csv"), "a,b\n0.5,0.1234567890123456789\n", 30);
  OK(swiftgan_dataset_open(&d, place("half.csv"), NULL));
  OK(swiftgan_dataset_read(d, 0, 1, x, 2, NULL));
  CHECK(x[0] == 0.5f && x[1] == 0.12345679f, "found %g and %g", x[0], x[1]);
  swiftgan_dataset_destroy(d);
  return finish();
}
