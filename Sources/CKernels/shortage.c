#define _GNU_SOURCE
#include "shortage.h"
#include "memory.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Room that large blocks leave for what cannot be checked: the Swift runtime's objects, the C
 * library's buffers. */
enum { margin = 12 << 20 };
/* 256 KiB of zeros serve small tensors; they take no memory until they are read. */
enum { few_floats = 1 << 16 };
static const float few_zeros[few_floats];

static _Thread_local struct {
  unsigned depth;
  size_t missing;
  void *zeros; /* mapped, for larger tensors */
  size_t zeros_bytes;
  int fails;
  long succeeding; /* while it fails: requests that still succeed */
  size_t promised; /* this thread's part of the sum below */
} watch;

/* Bytes that threads may take without asking again: `margin` for each that is inside a watch, what
 * it was told that it can have, and the block that it is taking. Others leave them that much, since
 * nobody can check what the Swift runtime takes. */
static _Atomic size_t promised;
/* From reading `promised` to adding to it. Taken after the lock of memory.c where both are. */
static pthread_mutex_t promising = PTHREAD_MUTEX_INITIALIZER;

static void promise(size_t bytes) {
  atomic_fetch_add_explicit(&promised, bytes - watch.promised, memory_order_relaxed);
  watch.promised = bytes;
}

void sg_shortage_before_fork(void) { pthread_mutex_lock(&promising); }

void sg_shortage_after_fork(int is_child) {
  /* The other threads are not in the child. */
  if (is_child) atomic_store_explicit(&promised, watch.promised, memory_order_relaxed);
  pthread_mutex_unlock(&promising);
}

size_t sg_watch_begin(void) {
  if (!watch.depth++) promise(margin);
  return watch.missing;
}

size_t sg_watch_end(size_t outer) {
  size_t missing = watch.missing;
  watch.missing = outer;
  if (--watch.depth == 0) {
    promise(0);
    if (watch.zeros) munmap(watch.zeros, watch.zeros_bytes);
    watch.zeros = NULL;
  }
  return missing;
}

size_t sg_watch_missing(void) { return watch.missing; }
unsigned sg_watch_depth(void) { return watch.depth; }

void sg_shortage(size_t bytes) {
  if (!watch.depth) {
    fprintf(stderr, "swiftgan: out of memory: %zu bytes\n", bytes);
    abort();
  }
  if (!watch.missing) watch.missing = bytes ? bytes : 1;
}

const float *sg_shortage_zeros(size_t bytes) {
  if (bytes <= sizeof few_zeros) return few_zeros;
  if (watch.zeros && watch.zeros_bytes >= bytes) return watch.zeros;
  if (watch.fails) return NULL; /* so that tests meet who reads without looking */
  void *p = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  if (watch.zeros) munmap(watch.zeros, watch.zeros_bytes);
  watch.zeros = p, watch.zeros_bytes = bytes;
  return p;
}

/* Whether the kernel refuses what it may not be able to back (vm.overcommit_memory is 2). */
static int is_strict(void) {
  static _Atomic int known = -1;
  int strict = atomic_load_explicit(&known, memory_order_relaxed);
  if (strict >= 0) return strict;
  char digit = '0';
  int file = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    if (read(file, &digit, 1) != 1) digit = '0';
    close(file);
  }
  atomic_store_explicit(&known, strict = digit == '2', memory_order_relaxed);
  return strict;
}

static int is_limited(int resource) {
  struct rlimit r;
  return !getrlimit(resource, &r) && r.rlim_cur != RLIM_INFINITY;
}

int sg_pages_are_limited(void) { return is_strict() || is_limited(RLIMIT_DATA); }

/* Whether there was a limit when somebody looked last. */
static _Atomic int known_limited;

int sg_memory_still_has_room(void) {
  return atomic_load_explicit(&known_limited, memory_order_relaxed) ? sg_memory_room(0) : 0;
}

/* Pages of addresses and of private data that the process has. 0, or -1 where the system does not
 * say. */
static int read_pages(size_t *addresses, size_t *data) {
  char text[256];
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t n = read(file, text, sizeof text - 1);
  close(file);
  if (n <= 0) return -1;
  text[n] = 0;
  return sscanf(text, "%zu %*u %*u %*u %*u %zu", addresses, data) == 2 && *addresses && *data ? 0 : -1;
}

/* Whether a limit leaves room for `bytes` beside `pages`. */
static int leaves(int resource, size_t bytes, size_t pages) {
  struct rlimit r;
  if (getrlimit(resource, &r) || r.rlim_cur == RLIM_INFINITY) return 1;
  size_t used = pages * (size_t)sysconf(_SC_PAGESIZE);
  return used <= r.rlim_cur && bytes <= r.rlim_cur - used;
}

/* Whether `bytes` are free under the limits. What is free is computed: a mapping made for a trial
 * would for a moment take the room of other threads, whose small objects would then find none. Only
 * where the system does not say what is used there is no other way. */
static int is_free(size_t bytes) {
  size_t addresses, data;
  int known = !read_pages(&addresses, &data);
  if (known && !(leaves(RLIMIT_AS, bytes, addresses) && leaves(RLIMIT_DATA, bytes, data))) return 0;
  if (known && !is_strict()) return 1;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return 0;
  munmap(p, bytes);
  return 1;
}

/* As sg_memory_room; where there is room, this thread is promised `promise_then` bytes. */
static int find_room(size_t bytes, size_t promise_then) {
  if (bytes > (size_t)1 << 44) return -1;
  if (bytes >= 1 << 20) {
    size_t physical = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    if (bytes > physical) return -1;
  }
  int limited = sg_memory_is_limited();
  atomic_store_explicit(&known_limited, limited, memory_order_relaxed);
  if (!limited) {
    promise(promise_then);
    return 0;
  }
  pthread_mutex_lock(&promising);
  size_t others = atomic_load_explicit(&promised, memory_order_relaxed) - watch.promised;
  int status = is_free(bytes + margin + others) ? 0 : -1;
  if (!status) promise(promise_then);
  pthread_mutex_unlock(&promising);
  return status;
}

int sg_memory_is_limited(void) { return is_limited(RLIMIT_AS) || sg_pages_are_limited(); }

int sg_memory_room(size_t bytes) { return find_room(bytes, watch.promised); }

int sg_memory_expect(size_t bytes) { return find_room(bytes, watch.depth ? margin + bytes : watch.promised); }

int sg_memory_claim(size_t bytes) { return find_room(bytes, watch.promised + bytes); }

void sg_memory_claimed(size_t bytes) { promise(watch.promised - bytes); }

void sg_memory_fail_after(long n) {
  watch.fails = n >= 0;
  watch.succeeding = n;
}

int sg_memory_is_refused(void) {
  if (watch.missing) return 1;
  if (!watch.fails) return 0;
  if (watch.succeeding == 0) return 1;
  watch.succeeding--;
  return 0;
}
