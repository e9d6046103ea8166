/* The edges of what checkpoints, messages and tensors' extents can hold. */
#include "check.h"
#include <ctype.h>
#include <sys/stat.h>
#include <zlib.h>

/* Saves a model and sets one of its metadata's numbers, with right checksums, as whoever forges a
 * file would. */
static const char *forged(const char *key, const char *value) {
  swiftgan_model *m = new_model(ring_config);
  OK(swiftgan_model_save(m, place("forged")));
  swiftgan_model_destroy(m);
  size_t n = 0, length = 0;
  unsigned char *bytes = read_file(place("forged"), &n);
  for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
  char *name = malloc(strlen(key) + 5), *header = calloc(1, length + 64);
  sprintf(name, "\"%s\":\"", key);
  char *text = (char *)bytes + 8, *at = memmem(text, length, name, strlen(name));
  CHECK(at != NULL, "no %s in the header", key);
  size_t head = (size_t)(at - text) + strlen(name), old = strcspn(text + head, "\"");
  memcpy(header, text, head);
  strcpy(header + head, value);
  memcpy(header + head + strlen(value), text + head + old, length - head - old);
  size_t now = length - old + strlen(value);
  while (now % 8) header[now++] = ' ';
  char *sum = memmem(header, now, "swiftgan.header_crc32\":\"", 24), digits[9];
  memset(sum + 24, '0', 8);
  snprintf(digits, sizeof digits, "%08lx", crc32(0, (unsigned char *)header, (uInt)now));
  memcpy(sum + 24, digits, 8);
  unsigned char *whole = malloc(8 + now + n);
  for (int i = 0; i < 8; i++) whole[i] = (unsigned char)(now >> 8 * i);
  memcpy(whole + 8, header, now);
  memcpy(whole + 8 + now, bytes + 8 + length, n - 8 - length);
  write_file(place("forged"), whole, 8 + now + n - 8 - length);
  free(whole);
  free(header);
  free(name);
  free(bytes);
  return place("forged");
}

/* A counter near its bound is refused when it is read, or when a call would pass the bound; nothing
 * ends the host. */
static void counters(void) {
  const char *const keys[] = {"step", "draws", "samples_seen", "generator.optimizer.steps",
                              "discriminator.optimizer.steps"};
  const char *const numbers[] = {
      "140737488355327",     "140737488355328",     "281474976710655",     "281474976710656",
      "4611686018427387903", "4611686018427387904", "9223372036854775807", "18446744073709551615",
  };
  swiftgan_dataset *d = new_ring();
  float *x = values(16, 1);
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
      swiftgan_model *m = NULL;
      swiftgan_status s = swiftgan_model_load(&m, forged(keys[k], numbers[i]));
      CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_FORMAT, "%s %s: %s", keys[k], numbers[i],
            swiftgan_last_error());
      if (s) continue;
      s = swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL);
      CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_LIMIT, "%s %s: %s", keys[k], numbers[i],
            swiftgan_last_error());
      s = swiftgan_model_train(m, d, 2, NULL, NULL, NULL);
      CHECK(s == SWIFTGAN_OK || s == SWIFTGAN_ERROR_LIMIT, "%s %s: %s", keys[k], numbers[i],
            swiftgan_last_error());
      OK(swiftgan_model_sample(m, 8, UINT64_MAX, NULL, x, 16, NULL));
      OK(swiftgan_model_save(m, place("again")));
      swiftgan_model *again = NULL;
      OK(swiftgan_model_load(&again, place("again")));
      swiftgan_model_destroy(again);
      swiftgan_model_destroy(m);
    }
  }
  swiftgan_model *m = NULL;
  OK(swiftgan_model_load(&m, forged("draws", "140737488355328")));
  EXPECT(SWIFTGAN_ERROR_LIMIT, swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL), "draws");
  swiftgan_model_destroy(m);
  free(x);
  swiftgan_dataset_destroy(d);
}

/* What says which format a checkpoint has. */
static void formats(void) {
  const struct {
    const char *text;
    swiftgan_status status;
  } rows[] = {{"1", SWIFTGAN_OK},
              {"0", SWIFTGAN_OK},
              {"2", SWIFTGAN_ERROR_UNSUPPORTED},
              {"18446744073709551615", SWIFTGAN_ERROR_UNSUPPORTED},
              {"18446744073709551616", SWIFTGAN_ERROR_FORMAT},
              {"x", SWIFTGAN_ERROR_FORMAT},
              {"-1", SWIFTGAN_ERROR_FORMAT},
              {"", SWIFTGAN_ERROR_FORMAT},
              {"1 ", SWIFTGAN_ERROR_FORMAT},
              {"0x1", SWIFTGAN_ERROR_FORMAT}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    swiftgan_model *m = NULL;
    EXPECT(rows[i].status, swiftgan_model_load(&m, forged("swiftgan.format", rows[i].text)), "format");
    swiftgan_model_destroy(m);
  }
}

/* One line, short, with everything that a terminal would obey as an escape, and whole up to its
 * end. */
static void message(const char *words) {
  const char *said = swiftgan_last_error();
  CHECK(strlen(said) < 1000, "a message of %zu bytes", strlen(said));
  CHECK(strstr(said, words) != NULL, "no \"%s\" in: %.300s", words, said);
  for (const char *c = said; *c; c++)
    if (iscntrl((unsigned char)*c)) {
      CHECK(0, "control character %d in: %.300s", *c, said);
      break;
    }
}

static void messages(void) {
  swiftgan_model *m = NULL;
  swiftgan_dataset *d = NULL;
  char *long_name = malloc(500001), *json = malloc(500200);
  memset(long_name, 'x', 500000);
  long_name[500000] = 0;
  sprintf(json, "{\"data\": {\"shape\": [2]}, \"generator\": {\"layers\": [\"%s\"]}}", long_name);
  CHECK(swiftgan_model_create(&m, json) == SWIFTGAN_ERROR_CONFIG, "a layer of 500 kB");
  message("unknown layer");
  sprintf(json, "{\"%s\": 1, \"data\": {\"shape\": [2]}}", long_name);
  CHECK(swiftgan_model_create(&m, json) == SWIFTGAN_ERROR_CONFIG, "a key of 500 kB");
  message("unknown key");
  CHECK(swiftgan_model_load(&m, long_name) == SWIFTGAN_ERROR_IO, "a path of 500 kB");
  message("File name too long");
  CHECK(swiftgan_dataset_open(&d, long_name, NULL) == SWIFTGAN_ERROR_IO, "a path of 500 kB");
  message("File name too long");
  CHECK(swiftgan_dataset_open(&d, "ring\n\x1b[31m\xe2\x80\xae", NULL) == SWIFTGAN_ERROR_IO, "no such file");
  message("ring\\n\\x1b[31m\\u{202e}: No such file");
  mkdir(place("pictures"), 0700);
  write_file(place("pictures/a\n\x1b[31m.png"), "no", 2);
  CHECK(swiftgan_dataset_open(&d, place("pictures"), NULL) == SWIFTGAN_ERROR_TRUNCATED, "two bytes as PNG");
  message("a\\n\\x1b[31m.png");
  write_file(place("n.csv"), "a,b\n1,\0002\n", 11);
  CHECK(swiftgan_dataset_open(&d, place("n.csv"), NULL) == SWIFTGAN_ERROR_FORMAT, "NUL in a table");
  message("found \"\\02\"");
  free(json);
  free(long_name);
}

/* Extents are those of the moment; what earlier calls gave stays as it was. */
static void extents(void) {
  swiftgan_model *m = new_model("{\"data\": {\"shape\": [2]}, \"latent\": {\"size\": 2},"
                                " \"replay\": {\"capacity\": 20},"
                                " \"generator\": {\"preset\": \"mlp\", \"width\": 4},"
                                " \"discriminator\": {\"preset\": \"mlp\", \"width\": 4}}");
  float *x = values(16, 1);
  const uint64_t *seen[4];
  const char *names[4];
  const uint64_t expected[4] = {8, 16, 20, 20};
  for (int step = 0; step < 4; step++) {
    OK(swiftgan_model_step(m, x, 8, NULL, NULL, 0, NULL));
    size_t count = 0, rank = 0;
    OK(swiftgan_model_tensor_count(m, &count));
    for (size_t i = 0; i < count; i++) {
      OK(swiftgan_model_tensor_info(m, i, &names[step], &seen[step], &rank));
      if (strcmp(names[step], "replay") == 0) break;
    }
    CHECK(strcmp(names[step], "replay") == 0 && rank == 2, "%s of rank %zu", names[step], rank);
    CHECK(seen[step][0] == expected[step] && seen[step][1] == 2, "step %d: [%d, %d]", step + 1,
          (int)seen[step][0], (int)seen[step][1]);
    float *all = malloc(2 * expected[step] * sizeof *all);
    OK(swiftgan_model_tensor_read(m, "replay", all, 2 * expected[step]));
    free(all);
  }
  for (int step = 0; step < 4; step++)
    CHECK(seen[step][0] == expected[step] && strcmp(names[step], "replay") == 0, "step %d's have changed",
          step + 1);
  free(x);
  swiftgan_model_destroy(m);
}

int main(void) {
  counters();
  formats();
  messages();
  extents();
  return finish();
}
