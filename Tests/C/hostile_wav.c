/* WAV files that lie, end early or are no PCM: an error that names the file, never a crash. */
#include "check.h"
#include <sys/stat.h>

static void put(unsigned char *to, unsigned value, int count) {
  for (int i = 0; i < count; i++) to[i] = (unsigned char)(value >> 8 * i);
}

/* A file of one channel. `kind`: 1 PCM, 3 floating point. Returns its length. */
static size_t wav(unsigned char *file, unsigned kind, unsigned bits, const void *samples, unsigned size) {
  memcpy(file, "RIFF    WAVEfmt ", 16);
  put(file + 4, 36 + size, 4);
  put(file + 16, 16, 4);
  put(file + 20, kind, 2);
  put(file + 22, 1, 2);
  put(file + 24, 8000, 4);
  put(file + 28, 8000 * bits / 8, 4);
  put(file + 32, bits / 8, 2);
  put(file + 34, bits, 2);
  memcpy(file + 36, "data", 4);
  put(file + 40, size, 4);
  memcpy(file + 44, samples, size);
  return 44 + size;
}

static swiftgan_status opened_wav(const void *file, size_t n) {
  write_file(place("a.wav"), file, n);
  return opened_by_name(place("a.wav"), "{\"window\": 4}");
}

int main(void) {
  unsigned char file[256], bad[256];
  int16_t samples[9] = {0, 16384, -16384, 32767, -32768, 5, 6, 7, 8};
  size_t n = wav(file, 1, 16, samples, sizeof samples);
  swiftgan_dataset *d = NULL;
  float x[8];
  char info[1024];
  OK(opened_wav(file, n));
  OK(swiftgan_dataset_open(&d, place("a.wav"), "{\"window\": 4}"));
  OK(swiftgan_dataset_info(d, info, sizeof info, NULL));
  CHECK(strstr(info, "\"count\":2,") && strstr(info, "\"sample_rate\":8000"), "%s", info);
  OK(swiftgan_dataset_read(d, 0, 2, x, 8, NULL));
  CHECK(x[1] == 0.5f && x[2] == -0.5f && x[4] == -1, "%g %g %g", x[1], x[2], x[4]);
  swiftgan_dataset_destroy(d);

  /* Whatever is cut off or changed: an answer. */
  for (size_t i = 0; i < n; i++) {
    swiftgan_status s = opened_wav(file, i);
    CHECK(s == SWIFTGAN_ERROR_TRUNCATED || s == SWIFTGAN_ERROR_FORMAT, "cut at %zu gave %s", i,
          swiftgan_status_name(s));
    for (int byte = 0; byte < 256; byte += 5) {
      memcpy(bad, file, n);
      bad[i] = (unsigned char)byte;
      s = opened_wav(bad, n);
      CHECK(s != SWIFTGAN_ERROR_INTERNAL, "byte %zu = %d gave %s", i, byte, swiftgan_last_error());
      CHECK(s == SWIFTGAN_OK || swiftgan_last_error()[0], "byte %zu = %d: no message", i, byte);
    }
  }

  /* No samples, silence, too short for a window. */
  EXPECT(SWIFTGAN_ERROR_MISMATCH, opened_wav(file, wav(file, 1, 16, samples, 0)), "window of 4");
  memset(samples, 0, sizeof samples);
  OK(opened_wav(file, wav(file, 1, 16, samples, sizeof samples)));
  /* Sizes that lie. */
  n = wav(file, 1, 16, samples, sizeof samples);
  put(file + 40, 0xFFFFFFFF, 4);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_wav(file, n), "longer than the file");
  put(file + 40, 17, 4);
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_wav(file, n), "within a frame");
  n = wav(file, 1, 16, samples, sizeof samples);
  put(file + 16, 0x7FFFFFF0, 4);
  EXPECT(SWIFTGAN_ERROR_TRUNCATED, opened_wav(file, n), "longer than the file");
  /* Codings that are not read, by their numbers: ADPCM, A-law, MP3. */
  unsigned kinds[] = {2, 6, 0x55};
  for (int i = 0; i < 3; i++)
    EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, opened_wav(file, wav(file, kinds[i], 16, samples, sizeof samples)),
           "expected PCM (1) or floating point (3)");
  EXPECT(SWIFTGAN_ERROR_UNSUPPORTED, opened_wav(file, wav(file, 3, 16, samples, sizeof samples)),
         "floating point of 16 bits");
  /* 24 bits and floating point; numbers that are none. */
  OK(opened_wav(file, wav(file, 1, 24, "\0\0@\0\0\xC0\0\0\0\1\0\0", 12)));
  float numbers[4] = {0.5f, -1, 0, 1};
  OK(opened_wav(file, wav(file, 3, 32, numbers, sizeof numbers)));
  numbers[2] = NAN;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, opened_wav(file, wav(file, 3, 32, numbers, sizeof numbers)), "sample 2");
  /* Something else under the name. */
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_wav("\x89PNG\r\n\x1A\n", 8), "PNG");
  EXPECT(SWIFTGAN_ERROR_FORMAT, opened_wav("OggS and more than twelve bytes", 31),
         "does not begin as a WAV file");
  mkdir(place("folder.wav"), 0700);
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(place("folder.wav"), NULL), "");
  mkfifo(place("pipe.wav"), 0600);
  EXPECT(SWIFTGAN_ERROR_IO, opened_by_name(place("pipe.wav"), NULL), "not a regular file");

  /* A model of sound: labels where they are needed, a rate that does not fit. */
  swiftgan_model *m = new_model(
      "{\"family\": \"wavenet\", \"data\": {\"shape\": [4], \"classes\": 2, \"sample_rate\": 16000},"
      " \"wavenet\": {\"width\": 4, \"layers\": 2, \"levels\": 8}}");
  int32_t labels[2] = {0, 1};
  swiftgan_inputs given = {.size = sizeof given, .labels = labels};
  float sounds[8] = {0}, nats[2];
  OK(swiftgan_model_step(m, sounds, 2, &given, NULL, 0, NULL));
  OK(swiftgan_model_log_likelihood(m, sounds, 2, &given, NULL, nats, 2));
  OK(swiftgan_model_sample(m, 2, 1, &given, sounds, 8, NULL));
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, sounds, 2, NULL, NULL, 0, NULL), "labels");
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_log_likelihood(m, sounds, 2, NULL, NULL, nats, 2), "labels");
  labels[1] = 2;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_sample(m, 2, 1, &given, sounds, 8, NULL), "labels[1]");
  sounds[3] = 1.5f;
  labels[1] = 1;
  EXPECT(SWIFTGAN_ERROR_ARGUMENT, swiftgan_model_step(m, sounds, 2, &given, NULL, 0, NULL),
         "within data.range");
  swiftgan_model_destroy(m);
  return finish();
}
