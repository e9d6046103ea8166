#define _GNU_SOURCE
#include "threads.h"
#include "shortage.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The processor's floating-point mode, without exceptions, denormals and rounding as IEEE 754 has
 * them, and the status flags in it. */
#if defined(__x86_64__)
#include <xmmintrin.h>
enum { usual_mode = 0x1F80, mode_flags = 0x3F };
static inline unsigned mode(void) { return _mm_getcsr(); }
static inline void set_mode(unsigned value) { _mm_setcsr(value); }
#define relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
enum { usual_mode = 0, mode_flags = 0 };
static inline unsigned mode(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return (unsigned)value;
}
static inline void set_mode(unsigned value) { __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)value)); }
#define relax() __asm__ volatile("yield")
#else
enum { usual_mode = 0, mode_flags = 0 };
static inline unsigned mode(void) { return 0; }
static inline void set_mode(unsigned value) { (void)value; }
#define relax() ((void)0)
#endif

/* Tickets: a job is a generation and a number of tasks, each thread's share a range of them that
 * lie together, the same range in every job of as many tasks: what a thread wrote it reads again,
 * from the caches of its core. Whoever has none left helps with the next thread's share. Workers
 * spin for a moment after a job, then sleep on a futex, so a training step's kernels find them
 * awake and an idle library costs nothing. */
enum { most_workers = 1023, most_shares = 64, spins = 4000 };
typedef _Atomic uint32_t word;
typedef struct {
  _Alignas(64) _Atomic uint64_t tickets; /* generation << 32 | tasks not taken, the last ones of its range */
} share;

static struct {
  share shares[most_shares];
  _Alignas(64) word generation; /* futex of sleeping workers */
  word begun;                   /* the generation at which the workers were made */
  word sleepers, stop;
  _Alignas(64) word left; /* tasks not finished; futex of the caller */
  word waiting;
  _Alignas(64) word tasks, share_count, float_mode;
  _Atomic(sg_task) fn;
  _Atomic(void *) context;
  _Alignas(64) word taken; /* somebody is inside sg_parallel or changing the workers */
  int workers;             /* running; guarded by taken */
  int adjusted; /* threads that were wanted when the workers were made; fewer may run; guarded by taken */
  _Atomic int wanted; /* threads asked for, 0: cores */
  pthread_t thread[most_workers];
} pool;

static _Thread_local int inside;

static void futex_wait(word *a, uint32_t value) {
  syscall(SYS_futex, a, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}
static void futex_wake(word *a, int n) { syscall(SYS_futex, a, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0); }

unsigned sg_float_mode_enter(void) {
  unsigned saved = mode();
  if ((saved & ~(unsigned)mode_flags) != usual_mode) set_mode(usual_mode);
  return saved;
}

/* The status flags go back too: the host does not see which of our sums were inexact. */
void sg_float_mode_leave(unsigned saved) { set_mode(saved); }

/* Task from which on a share's range goes. */
static uint32_t start(uint32_t share, uint32_t shares, uint32_t tasks) {
  return (uint32_t)((uint64_t)share * tasks / shares);
}

/* Runs what is left of one share; returns how many tasks that were. A ticket can be had only while
 * the job goes on, so what was read of the job before is this job's. */
static uint32_t drain_share(uint32_t generation, uint32_t number) {
  _Atomic uint64_t *tickets = &pool.shares[number].tickets;
  uint64_t t = atomic_load_explicit(tickets, memory_order_acquire);
  uint32_t done = 0;
  while ((uint32_t)(t >> 32) == generation && (uint32_t)t) {
    uint32_t tasks = atomic_load_explicit(&pool.tasks, memory_order_relaxed);
    uint32_t shares = atomic_load_explicit(&pool.share_count, memory_order_relaxed);
    sg_task fn = atomic_load_explicit(&pool.fn, memory_order_relaxed);
    void *context = atomic_load_explicit(&pool.context, memory_order_relaxed);
    if (!atomic_compare_exchange_weak_explicit(tickets, &t, t - 1, memory_order_acq_rel,
                                               memory_order_acquire))
      continue;
    fn(context, start(number + 1, shares, tasks) - (uint32_t)t);
    done++;
    t = atomic_load_explicit(tickets, memory_order_acquire);
  }
  return done;
}

/* One's own share first. How many shares there are may be another job's number, if this one is
 * over: then all are empty or of that job. */
static void drain(uint32_t generation, uint32_t thread) {
  uint32_t shares = atomic_load_explicit(&pool.share_count, memory_order_relaxed), done = 0;
  for (uint32_t i = 0; i < shares; i++) done += drain_share(generation, (thread + i) % shares);
  if (done && atomic_fetch_sub_explicit(&pool.left, done, memory_order_acq_rel) == done &&
      atomic_load(&pool.waiting))
    futex_wake(&pool.left, 1);
}

static void *work(void *argument) {
  inside = 1;
  uint32_t thread = (uint32_t)(uintptr_t)argument, seen = atomic_load(&pool.begun);
  for (;;) {
    uint32_t now;
    for (int n = 0; (now = atomic_load_explicit(&pool.generation, memory_order_acquire)) == seen;) {
      if (n++ < spins) {
        relax();
      } else {
        atomic_fetch_add(&pool.sleepers, 1);
        futex_wait(&pool.generation, seen);
        atomic_fetch_sub(&pool.sleepers, 1);
        n = 0;
      }
    }
    seen = now;
    if (atomic_load(&pool.stop)) return NULL;
    set_mode(atomic_load_explicit(&pool.float_mode, memory_order_relaxed));
    drain(now, thread);
  }
}

static int cores(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
  return n < 1 ? 1 : n;
}

int sg_threads(void) {
  int n = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
  if (n) return n;
  static word known; /* asking the system takes a microsecond */
  uint32_t found = atomic_load_explicit(&known, memory_order_relaxed);
  if (!found) atomic_store_explicit(&known, found = (uint32_t)cores(), memory_order_relaxed);
  return (int)found;
}

static int try_take(void) { return !atomic_exchange_explicit(&pool.taken, 1, memory_order_acquire); }
static void give(void) { atomic_store_explicit(&pool.taken, 0, memory_order_release); }

/* Ends all workers. With pool.taken. */
static void end_workers(void) {
  if (!pool.workers) return;
  atomic_store(&pool.stop, 1);
  atomic_fetch_add(&pool.generation, 1);
  futex_wake(&pool.generation, most_workers);
  for (int i = 0; i < pool.workers; i++) pthread_join(pool.thread[i], NULL);
  pool.workers = 0;
  atomic_store(&pool.stop, 0);
}

/* Makes the workers as many as are wanted, or as the system has memory for. With pool.taken. */
static void adjust(int threads) {
  if (pool.adjusted == threads) return;
  end_workers();
  pool.adjusted = threads;
  pthread_attr_t usual;
  size_t stack = (size_t)8 << 20;
  if (!pthread_attr_init(&usual)) {
    pthread_attr_getstacksize(&usual, &stack);
    pthread_attr_destroy(&usual);
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* the host's signals stay with the host's threads */
  atomic_store(&pool.begun, atomic_load(&pool.generation));
  while (pool.workers < threads - 1 && !sg_memory_claim(stack)) {
    int failed =
        pthread_create(&pool.thread[pool.workers], NULL, work, (void *)(uintptr_t)(pool.workers + 1));
    sg_memory_claimed(stack);
    if (failed) break;
    pool.workers++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void serially(size_t tasks, sg_task fn, void *context) {
  for (size_t i = 0; i < tasks; i++) fn(context, i);
}

void sg_parallel(size_t tasks, sg_task fn, void *context) {
  int threads = sg_threads();
  if (tasks <= 1 || inside || threads == 1 || tasks > UINT32_MAX || !try_take()) {
    serially(tasks, fn, context);
    return;
  }
  adjust(threads);
  uint32_t generation = atomic_load_explicit(&pool.generation, memory_order_relaxed) + 1;
  uint32_t shares = pool.workers < most_shares ? (uint32_t)pool.workers + 1 : most_shares;
  if (shares > tasks) shares = (uint32_t)tasks;
  atomic_store_explicit(&pool.tasks, (uint32_t)tasks, memory_order_relaxed);
  atomic_store_explicit(&pool.share_count, shares, memory_order_relaxed);
  atomic_store_explicit(&pool.fn, fn, memory_order_relaxed);
  atomic_store_explicit(&pool.context, context, memory_order_relaxed);
  atomic_store_explicit(&pool.float_mode, mode(), memory_order_relaxed);
  atomic_store_explicit(&pool.left, (uint32_t)tasks, memory_order_relaxed);
  atomic_store_explicit(&pool.waiting, 0, memory_order_relaxed);
  for (uint32_t i = 0; i < shares; i++) {
    uint32_t count = start(i + 1, shares, (uint32_t)tasks) - start(i, shares, (uint32_t)tasks);
    atomic_store_explicit(&pool.shares[i].tickets, (uint64_t)generation << 32 | count, memory_order_release);
  }
  atomic_store_explicit(&pool.generation, generation, memory_order_seq_cst);
  uint32_t asleep = atomic_load_explicit(&pool.sleepers, memory_order_seq_cst);
  if (asleep) futex_wake(&pool.generation, tasks - 1 < asleep ? (int)(tasks - 1) : (int)asleep);
  inside = 1;
  drain(generation, 0);
  inside = 0;
  uint32_t left;
  for (int n = 0; (left = atomic_load_explicit(&pool.left, memory_order_acquire)) != 0;) {
    if (n++ < spins) {
      relax();
    } else {
      atomic_store(&pool.waiting, 1);
      if ((left = atomic_load(&pool.left))) futex_wait(&pool.left, left);
    }
  }
  give();
}

int sg_threads_set(int threads) {
  if (threads < 0 || threads > most_workers + 1) return -1;
  atomic_store(&pool.wanted, threads); /* the next job adjusts the workers */
  return 0;
}

/* After fork() the child has no workers, whatever the parent was doing; they are made anew when
 * needed. */
static word forks;
static void in_child(void) {
  atomic_fetch_add(&forks, 1);
  pool.workers = pool.adjusted = 0;
  atomic_store(&pool.sleepers, 0);
  atomic_store(&pool.stop, 0);
  atomic_store(&pool.taken, 0);
}
unsigned sg_forks(void) { return atomic_load_explicit(&forks, memory_order_relaxed); }
__attribute__((constructor)) static void prepare(void) { pthread_atfork(NULL, NULL, in_child); }
/* Before the library's code goes (dlclose, exit). */
__attribute__((destructor)) static void finish(void) {
  if (try_take()) end_workers();
}
