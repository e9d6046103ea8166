#ifndef SG_THREADS_H
#define SG_THREADS_H
#include <stddef.h>
/* A fork-join pool of the library's own. Tasks are numbered; what a task computes may depend on its
 * number, never on the thread or the number of threads, so results are the same bits with any.
 * Called from inside a task, or while another thread is inside, the tasks run on the calling
 * thread. Takes no lock. Workers block all signals, sleep when idle, take over the caller's
 * floating-point mode, and are made anew in a child after fork(). */
typedef void (*sg_task)(void *context, size_t task);
void sg_parallel(size_t tasks, sg_task fn, void *context);
/* 0: number of cores available; returns 0, or -1 when out of range (0...1024). */
int sg_threads_set(int threads);
int sg_threads(void);
/* How many calls of fork() lie between this process and the one that loaded the library. Tells a
 * child from its parent, as process ids do not, which may be the same in two PID namespaces. */
unsigned sg_forks(void);
/* The processor's floating-point mode: set to the default (round to nearest, denormals kept, no
 * traps) and back. */
unsigned sg_float_mode_enter(void);
void sg_float_mode_leave(unsigned saved);
#endif
