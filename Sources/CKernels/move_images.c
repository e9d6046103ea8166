#include "layout.h"
#include "kernels.h"

typedef struct {
  const float *x;
  float *y;
  size_t height, width, channels;
  const int32_t *moves;
} move_job;

/* One image; rows and columns that come from outside are 0. */
static void move_task(void *context, size_t image) {
  const move_job *j = context;
  const int32_t *move = j->moves + 3 * image;
  ptrdiff_t height = (ptrdiff_t)j->height, width = (ptrdiff_t)j->width, down = move[0], right = move[1];
  size_t row = j->width * j->channels;
  const float *x = j->x + image * j->height * row;
  float *y = j->y + image * j->height * row;
  ptrdiff_t first = SG_MIN(SG_MAX(right, 0), width), last = SG_MAX(SG_MIN(width + right, width), first);
  for (ptrdiff_t i = 0; i < height; i++, y += row) {
    memset(y, 0, row * 4);
    if (i - down < 0 || i - down >= height) continue;
    const float *from = x + (size_t)(i - down) * row;
    if (!move[2]) {
      memcpy(y + first * (ptrdiff_t)j->channels, from + (first - right) * (ptrdiff_t)j->channels,
             (size_t)(last - first) * j->channels * 4);
      continue;
    }
    for (ptrdiff_t k = first; k < last; k++)
      memcpy(y + k * (ptrdiff_t)j->channels, from + (width - 1 - (k - right)) * (ptrdiff_t)j->channels,
             j->channels * 4);
  }
}

void sg_move_images(size_t count, size_t height, size_t width, size_t channels, const int32_t *moves,
                    const float *x, float *y) {
  move_job j = {.x = x, .y = y, .height = height, .width = width, .channels = channels, .moves = moves};
  if (count && height && width && channels) sg_parallel(count, move_task, &j);
}
