/* Scratch memory for parallel tasks: one block from the cache a call, cut into as many slots as
 * threads may run at once. A task borrows a slot and hands it back; what it computes cannot depend
 * on which one it got.
 */
#ifndef SG_WORKSPACE_H
#define SG_WORKSPACE_H
#include "kernels.h"
#include <stdatomic.h>

typedef struct {
  _Atomic unsigned char *busy;
  char *first;
  size_t slot, slots;
} sg_workspace;

/* Slots of `floats` floats, aligned to 64 bytes; 0, or -1 when there is no memory. */
int sg_workspace_open(sg_workspace *w, size_t floats, size_t tasks);
void sg_workspace_close(sg_workspace *w);
float *sg_workspace_borrow(sg_workspace *w);
void sg_workspace_return(sg_workspace *w, float *slot);

/* Runs the tasks on all threads, or, where there is too little work (in multiply-adds) for that, on
 * this one.
 */
void sg_run(size_t tasks, sg_task fn, void *context, double work);
#endif
