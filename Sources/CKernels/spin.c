#include "spin.h"
#include <sched.h>

void sg_spin_enter(sg_spin_lock *lock) {
  while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)) sched_yield();
}
void sg_spin_leave(sg_spin_lock *lock) { __atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE); }
