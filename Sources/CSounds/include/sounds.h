#ifndef SG_SOUNDS_H
#define SG_SOUNDS_H
#include <stddef.h>
#include <stdint.h>
/* WAV through libsndfile, which is given only files whose chunks were found to be whole. */
typedef enum {
  SG_SOUND_OK = 0,
  SG_SOUND_NOMEM,
  SG_SOUND_TRUNCATED,   /* a chunk is said to be longer than the file */
  SG_SOUND_LIMIT,       /* more than the limits below */
  SG_SOUND_UNSUPPORTED, /* a valid file of a kind that the library does not read */
  SG_SOUND_FORMAT       /* anything else that is wrong */
} sg_sound_status;

enum {
  SG_SOUND_CHANNELS = 64,
  SG_SOUND_RATE = 1000000,
  /* Bytes of a WAV file before its samples, as sg_sound_write makes it. */
  SG_SOUND_HEAD = 44
};

/* What a file says of itself, and where and why reading failed. */
typedef struct {
  int rate; /* samples of a channel in a second */
  int channels;
  int bits;         /* of a sample */
  int is_float;     /* whether samples are floating-point numbers, else whole ones (PCM) */
  size_t frames;    /* samples of a channel */
  size_t offset;    /* of a failure: where in the file */
  char message[96]; /* of a failure */
} sg_sound;

/* Reads the chunks of a whole file: PCM of 8, 16, 24 or 32 bits, floating-point numbers of 32 or
 * 64. */
sg_sound_status sg_sound_read_header(const uint8_t *bytes, size_t n, sg_sound *sound);
/* The samples, from -1 to 1 where they are whole numbers, the mean of the channels: as many as
 * sg_sound_read_header says. */
sg_sound_status sg_sound_read(const uint8_t *bytes, size_t n, float *samples, sg_sound *sound);
/* A WAV file of one channel, 16 bits, of samples from -1 to 1: SG_SOUND_HEAD + 2 count bytes. What
 * lies outside is cut off. count <= 2^30. */
sg_sound_status sg_sound_write(const float *samples, size_t count, int rate, uint8_t *bytes);
#endif
