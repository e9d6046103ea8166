#include "workspace.h"

int sg_workspace_open(sg_workspace *w, size_t floats, size_t tasks) {
  w->slots = SG_MIN(tasks, (size_t)sg_threads());
  if (w->slots == 0) w->slots = 1;
  w->slot = (floats * sizeof(float) + 63) / 64 * 64;
  size_t flags = (w->slots + 63) / 64 * 64;
  char *block = sg_memory_take(flags + w->slots * w->slot);
  w->busy = (_Atomic unsigned char *)block;
  if (!block) return -1;
  for (size_t i = 0; i < w->slots; i++) atomic_init(&w->busy[i], 0);
  w->first = block + flags;
  return 0;
}

void sg_workspace_close(sg_workspace *w) { sg_memory_give((void *)w->busy); }

float *sg_workspace_borrow(sg_workspace *w) {
  for (size_t i = 0;; i = i + 1 < w->slots ? i + 1 : 0) {
    unsigned char free = 0;
    if (atomic_compare_exchange_strong_explicit(&w->busy[i], &free, 1, memory_order_acquire,
                                                memory_order_relaxed))
      return (float *)(w->first + i * w->slot);
  }
}

void sg_workspace_return(sg_workspace *w, float *slot) {
  atomic_store_explicit(&w->busy[((char *)slot - w->first) / w->slot], 0, memory_order_release);
}

void sg_run(size_t tasks, sg_task fn, void *context, double work) {
  if (work < 131072 || tasks < 2)
    for (size_t i = 0; i < tasks; i++) fn(context, i);
  else sg_parallel(tasks, fn, context);
}
