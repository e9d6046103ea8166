#define _GNU_SOURCE
#include "shortage.h"
#include "memory.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Room that large blocks leave for what cannot be checked: the Swift runtime's objects, the C library's buffers. */
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
} watch;

size_t sg_watch_begin(void) {
  watch.depth++;
  return watch.missing;
}

size_t sg_watch_end(size_t outer) {
  size_t missing = watch.missing;
  watch.missing = outer;
  if (--watch.depth == 0 && watch.zeros) {
    munmap(watch.zeros, watch.zeros_bytes);
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

int sg_memory_room(size_t bytes) {
  if (bytes > (size_t)1 << 44) return -1;
  if (bytes >= 1 << 20) {
    size_t physical = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    if (bytes > physical) return -1;
  }
  int limited = is_limited(RLIMIT_AS) || sg_pages_are_limited();
  atomic_store_explicit(&known_limited, limited, memory_order_relaxed);
  if (!limited) return 0;
  void *p = mmap(NULL, bytes + margin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return -1;
  munmap(p, bytes + margin);
  return 0;
}

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
