#ifndef SG_SPIN_H
#define SG_SPIN_H
/* A lock for a few instructions. */
typedef struct {
  int held;
} sg_spin_lock;
void sg_spin_enter(sg_spin_lock *lock);
void sg_spin_leave(sg_spin_lock *lock);
#endif
