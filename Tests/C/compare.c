/* Families of models side by side. */
#include <time.h>

#include "check.h"

int main(void) {
  static char text[1 << 17], again[1 << 17];
  size_t needed = 0;
  swiftgan_dataset *d = NULL;
  OK(swiftgan_dataset_open(&d, "ring", "{\"count\": 600}"));

  /* Seconds: every family has a row, and all of it ends in time. */
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  OK(swiftgan_compare(d, "{\"minutes\": 0.05, \"held_out\": 100}", text, sizeof text, &needed));
  clock_gettime(CLOCK_MONOTONIC, &end);
  double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
  CHECK(seconds < 3 * 1.2 + 10, "%g s", seconds);
  CHECK(needed == strlen(text) + 1, "%zu", needed);
  const char *const families[] = {"gan",  "lapgan", "vae", "made", "nade", "realnvp",
                                  "nice", "ica",    "rbm", "dbm",  "gsn"};
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"family\":\"%s\"", families[i]);
    CHECK(strstr(text, wanted) != NULL, "%s in %.300s", wanted, text);
  }
  CHECK(strstr(text, "a pyramid is of images") != NULL, "%.300s", text);

  /* Steps: the same numbers each time. */
  const char *options = "{\"families\": [\"made\"], \"steps\": 5, \"seed\": 3}";
  OK(swiftgan_compare(d, options, text, sizeof text, NULL));
  OK(swiftgan_compare(d, options, again, sizeof again, NULL));
  char *a = strstr(text, "\"likelihood\""), *b = strstr(again, "\"likelihood\"");
  CHECK(a && b && strncmp(a, b, 200) == 0 && strstr(a, "\"exact\""), "%.200s / %.200s", a ? a : "",
        b ? b : "");

  /* The size is told before anything is trained. */
  OK(swiftgan_compare(d, "{\"minutes\": 1000}", NULL, 0, &needed));
  CHECK(needed >= 65536, "%zu", needed);
  EXPECT(SWIFTGAN_ERROR_BUFFER_TOO_SMALL, swiftgan_compare(d, "{\"minutes\": 1000}", text, 65536, &needed),
         "65");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_compare(d, NULL, NULL, 0, NULL), "report_json");

  EXPECT(SWIFTGAN_ERROR_CONFIG,
         swiftgan_compare(d, "{\"families\": [\"made\", \"nadr\"]}", text, sizeof text, NULL),
         "did you mean \"nade\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_compare(d, "{\"minutes\": 0}", text, sizeof text, NULL),
         "more than 0");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_compare(d, "{\"minutes\": -2}", text, sizeof text, NULL), "minutes");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_compare(d, "{\"minute\": 1}", text, sizeof text, NULL),
         "\"minutes\"");
  EXPECT(SWIFTGAN_ERROR_CONFIG, swiftgan_compare(d, "{\"steps\": {\"gann\": 1}}", text, sizeof text, NULL),
         "did you mean \"gan\"");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_compare(d, "{\"held_out\": 301}", text, sizeof text, NULL),
         "7...300");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_compare(NULL, NULL, text, sizeof text, NULL), "data");
  swiftgan_dataset_destroy(d);
  EXPECT(SWIFTGAN_ERROR_HANDLE, swiftgan_compare(d, NULL, text, sizeof text, NULL), "data");

  d = NULL;
  OK(swiftgan_dataset_open(&d, "ring", "{\"count\": 41}"));
  EXPECT(SWIFTGAN_ERROR_MISMATCH, swiftgan_compare(d, NULL, text, sizeof text, NULL), "at least 42 samples");
  swiftgan_dataset_destroy(d);
  return finish();
}
