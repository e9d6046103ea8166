#ifndef SG_RANDOM_H
#define SG_RANDOM_H
#include <stddef.h>
#include <stdint.h>
/* Philox 4x32-10 (Salmon et al. 2011), counter based: a number is a function of (seed, stream,
 * step, sample, index) alone, so results are the same with any number of threads and in any
 * order. */
void sg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
typedef struct {
  uint64_t seed;   /* Philox's key */
  uint64_t step;   /* below 2^48 */
  uint16_t stream; /* what the numbers are for */
} sg_random_key;
/* Counter: { block of four numbers within the sample, sample's index, step low, step high << 16 |
 * stream }. */
void sg_random_words(sg_random_key key, uint32_t first, size_t samples, size_t width, uint32_t *y);
/* y[samples][width]: sample i of the call is sample first + i of the whole batch. Uniform on [low,
 * high); normal by Box and Muller from two words a pair. */
void sg_random_uniform(sg_random_key key, uint32_t first, size_t samples, size_t width, float low, float high,
                       float *y);
void sg_random_normal(sg_random_key key, uint32_t first, size_t samples, size_t width, float mean,
                      float deviation, float *y);
#endif
