#include "sounds.h"
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PCM = 1, IEEE_FLOAT = 3, EXTENSIBLE = 0xFFFE };

/* What the chunks say. */
typedef struct {
  size_t data, size; /* where the samples are, and how many bytes of them */
  size_t frame;      /* bytes of the samples of all channels at one time */
} layout;

static uint32_t number(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

static sg_sound_status fail(sg_sound *sound, sg_sound_status status, size_t offset, const char *message) {
  snprintf(sound->message, sizeof sound->message, "%s", message);
  sound->offset = offset;
  return status;
}

/* The chunk "fmt ". */
static sg_sound_status format(const uint8_t *chunk, size_t size, size_t offset, sg_sound *sound,
                              layout *found) {
  if (size < 16) return fail(sound, SG_SOUND_FORMAT, offset, "a format chunk of less than 16 bytes");
  uint32_t kind = number(chunk, 2);
  uint32_t channels = number(chunk + 2, 2), rate = number(chunk + 4, 4), bits = number(chunk + 14, 2);
  if (kind == EXTENSIBLE) {
    static const uint8_t rest[14] = {0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71};
    if (size < 40) return fail(sound, SG_SOUND_FORMAT, offset, "an extensible format of less than 40 bytes");
    if (memcmp(chunk + 26, rest, sizeof rest) != 0)
      return fail(sound, SG_SOUND_UNSUPPORTED, offset + 24,
                  "a coding that is neither PCM nor floating point");
    kind = number(chunk + 24, 2);
  }
  if (kind != PCM && kind != IEEE_FLOAT) {
    snprintf(sound->message, sizeof sound->message, "coding %u; expected PCM (1) or floating point (3)",
             kind);
    sound->offset = offset;
    return SG_SOUND_UNSUPPORTED;
  }
  int fits = kind == PCM ? bits == 8 || bits == 16 || bits == 24 || bits == 32 : bits == 32 || bits == 64;
  if (!fits) {
    snprintf(sound->message, sizeof sound->message, "%s of %u bits", kind == PCM ? "PCM" : "floating point",
             bits);
    sound->offset = offset + 14;
    return SG_SOUND_UNSUPPORTED;
  }
  if (channels < 1) return fail(sound, SG_SOUND_FORMAT, offset + 2, "no channels");
  if (channels > SG_SOUND_CHANNELS) return fail(sound, SG_SOUND_LIMIT, offset + 2, "more than 64 channels");
  if (rate < 1) return fail(sound, SG_SOUND_FORMAT, offset + 4, "a rate of 0 samples in a second");
  if (rate > SG_SOUND_RATE)
    return fail(sound, SG_SOUND_LIMIT, offset + 4, "more than 1000000 samples in a second");
  found->frame = channels * (bits / 8);
  if (number(chunk + 12, 2) != found->frame)
    return fail(sound, SG_SOUND_FORMAT, offset + 12, "bytes of a frame that do not fit channels and bits");
  sound->channels = (int)channels;
  sound->rate = (int)rate;
  sound->bits = (int)bits;
  sound->is_float = kind == IEEE_FLOAT;
  return SG_SOUND_OK;
}

static sg_sound_status read_chunks(const uint8_t *bytes, size_t n, sg_sound *sound, layout *found) {
  memset(sound, 0, sizeof *sound);
  if (n < 12) return fail(sound, SG_SOUND_TRUNCATED, n, "ends within its first 12 bytes");
  if (memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
    return fail(sound, SG_SOUND_FORMAT, 0, "does not begin as a WAV file");
  int has_format = 0;
  for (size_t at = 12; at + 8 <= n;) {
    size_t size = number(bytes + at + 4, 4), room = n - at - 8;
    int is_data = memcmp(bytes + at, "data", 4) == 0;
    if (size > room)
      return fail(sound, SG_SOUND_TRUNCATED, at + 4, "a chunk is said to be longer than the file");
    if (memcmp(bytes + at, "fmt ", 4) == 0) {
      if (has_format) return fail(sound, SG_SOUND_FORMAT, at, "a second format chunk");
      sg_sound_status status = format(bytes + at + 8, size, at + 8, sound, found);
      if (status) return status;
      has_format = 1;
    }
    if (is_data) {
      if (!has_format) return fail(sound, SG_SOUND_FORMAT, at, "samples before the format chunk");
      if (size % found->frame) return fail(sound, SG_SOUND_FORMAT, at + 4, "samples end within a frame");
      found->data = at + 8;
      found->size = size;
      sound->frames = size / found->frame;
      return SG_SOUND_OK;
    }
    if (size & 1 && size < room) size++; /* chunks begin at even places */
    at += 8 + size;
  }
  return fail(sound, has_format ? SG_SOUND_TRUNCATED : SG_SOUND_FORMAT, n,
              has_format ? "no samples" : "no format chunk");
}

sg_sound_status sg_sound_read_header(const uint8_t *bytes, size_t n, sg_sound *sound) {
  layout found = {0, 0, 0};
  return read_chunks(bytes, n, sound, &found);
}

/* A file in memory: a header that libsndfile is sure to know, then the samples where they lie. */
typedef struct {
  uint8_t head[SG_SOUND_HEAD];
  const uint8_t *data;
  sf_count_t size, place;
} memory;

static sf_count_t length(void *user) { return ((memory *)user)->size; }

static sf_count_t seek(sf_count_t offset, int whence, void *user) {
  memory *m = user;
  sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m->place : m->size;
  if (offset < -from || offset > m->size - from) return -1;
  return m->place = from + offset;
}

static sf_count_t provide(void *to, sf_count_t n, void *user) {
  memory *m = user;
  sf_count_t left = m->size - m->place, done = 0;
  if (n > left) n = left;
  for (; done < n && m->place < SG_SOUND_HEAD; done++) ((uint8_t *)to)[done] = m->head[m->place++];
  if (n > done) memcpy((uint8_t *)to + done, m->data + (m->place - SG_SOUND_HEAD), (size_t)(n - done));
  m->place += n - done;
  return n;
}

static sf_count_t refuse(const void *from, sf_count_t n, void *user) {
  (void)from, (void)n, (void)user;
  return 0;
}

static sf_count_t tell(void *user) { return ((memory *)user)->place; }

static void put(uint8_t *to, uint32_t value, int count) {
  for (int i = 0; i < count; i++) to[i] = (uint8_t)(value >> 8 * i);
}

static void write_head(uint8_t head[SG_SOUND_HEAD], int kind, int channels, int rate, int bits, size_t size) {
  uint32_t frame = (uint32_t)(channels * bits / 8);
  memcpy(head, "RIFF    WAVEfmt ", 16);
  put(head + 4, (uint32_t)(SG_SOUND_HEAD - 8 + size), 4);
  put(head + 16, 16, 4);
  put(head + 20, (uint32_t)kind, 2);
  put(head + 22, (uint32_t)channels, 2);
  put(head + 24, (uint32_t)rate, 4);
  put(head + 28, (uint32_t)rate * frame, 4);
  put(head + 32, frame, 2);
  put(head + 34, (uint32_t)bits, 2);
  memcpy(head + 36, "data", 4);
  put(head + 40, (uint32_t)size, 4);
}

sg_sound_status sg_sound_read(const uint8_t *bytes, size_t n, float *samples, sg_sound *sound) {
  enum { BLOCK = 1024 };
  layout found = {0, 0, 0};
  sg_sound_status status = read_chunks(bytes, n, sound, &found);
  if (status) return status;
  if (found.size > (1u << 31) - 64)
    return fail(sound, SG_SOUND_LIMIT, found.data, "2 GiB of samples or more");
  if (sound->frames == 0) return SG_SOUND_OK;
  memory m = {.data = bytes + found.data, .size = (sf_count_t)(SG_SOUND_HEAD + found.size)};
  write_head(m.head, sound->is_float ? IEEE_FLOAT : PCM, sound->channels, sound->rate, sound->bits,
             found.size);
  SF_VIRTUAL_IO io = {length, seek, provide, refuse, tell};
  SF_INFO info = {0};
  SNDFILE *file = sf_open_virtual(&io, SFM_READ, &info, &m);
  if (!file) return fail(sound, SG_SOUND_FORMAT, found.data, sf_strerror(NULL));
  if (info.channels != sound->channels || info.frames != (sf_count_t)sound->frames) {
    sf_close(file);
    return fail(sound, SG_SOUND_FORMAT, found.data, "libsndfile finds another length");
  }
  double *block = malloc(sizeof(double) * BLOCK * (size_t)sound->channels);
  if (!block) {
    sf_close(file);
    return fail(sound, SG_SOUND_NOMEM, 0, "no memory");
  }
  size_t done = 0;
  while (done < sound->frames) {
    sf_count_t got = sf_readf_double(file, block, BLOCK);
    if (got <= 0 || (size_t)got > sound->frames - done) break;
    for (sf_count_t i = 0; i < got; i++) {
      double sum = 0;
      for (int c = 0; c < sound->channels; c++) sum += block[i * sound->channels + c];
      samples[done + (size_t)i] = (float)(sum / sound->channels);
    }
    done += (size_t)got;
  }
  free(block);
  sf_close(file);
  if (done < sound->frames) return fail(sound, SG_SOUND_FORMAT, found.data, "libsndfile ends too early");
  return SG_SOUND_OK;
}

sg_sound_status sg_sound_write(const float *samples, size_t count, int rate, uint8_t *bytes) {
  if (count > (size_t)1 << 30) return SG_SOUND_LIMIT;
  write_head(bytes, PCM, 1, rate, 16, 2 * count);
  for (size_t i = 0; i < count; i++) {
    float x = samples[i] < -1 ? -1 : samples[i] > 1 ? 1 : samples[i];
    put(bytes + SG_SOUND_HEAD + 2 * i, (uint32_t)(int32_t)lrintf(x * 32767), 2);
  }
  return SG_SOUND_OK;
}
