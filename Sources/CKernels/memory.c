#define _GNU_SOURCE
#include "kernels.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Small blocks come in size classes, four an octave from 128 bytes, and go back to their class.
 * Large ones are pieces of a region: the smallest free piece that is large enough is cut, of equal
 * ones the first by address, and a piece that comes back joins free neighbors. So what tensors of
 * different sizes need at different times is held once. A region reserves addresses for all the
 * memory there is, and takes it from the system as it grows, because pieces at the border of two
 * regions would never join. */
enum { header = 64, smallest_shift = 7, classes = 4 * 12 + 1, page = 2 << 20 };
static const size_t small = (size_t)1 << 19, splinter = (size_t)1 << 14;

typedef struct block block;
/* At the beginning of its addresses; the first piece follows after `header` bytes. */
typedef struct region {
  struct region *older;
  size_t reserved, taken; /* bytes of addresses, and of memory behind the first of them */
  size_t number;          /* in the order of their making */
  block *last;            /* piece */
  void *mapping;
  size_t mapped;
} region;

/* In front of what the caller gets. */
struct block {
  uint32_t class;               /* or `classes`: a piece of a region */
  uint32_t used;                /* of a piece */
  size_t size;                  /* of a piece, with the header */
  region *region;               /* of a piece */
  struct block *before, *after; /* its neighbors in the region */
  struct block *newer, *older;  /* of free pieces; of free small blocks: of its class */
};
_Static_assert(sizeof(block) <= header && sizeof(region) <= header, "headers");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *cached[classes]; /* free small blocks */
static block *newest;          /* free pieces, the last to come back first */
static region *regions;        /* the last made first */
static sg_memory_figures figures;

static size_t class_bytes(uint32_t class) {
  return (size_t)(4 + class % 4) << (class / 4 + smallest_shift - 2);
}

static uint32_t class_of(size_t bytes) {
  if (bytes <= (size_t)1 << smallest_shift) return 0;
  uint32_t octave = 63 - __builtin_clzll(bytes - 1); /* 2^octave <= bytes - 1 */
  uint32_t step = (uint32_t)((bytes - 1) >> (octave - 2)) & 3;
  return (octave - smallest_shift) * 4 + step + 1;
}

/* A fork() in another thread's critical section must not leave the child with a lock that nobody
 * holds. */
static void before_fork(void) {
  pthread_mutex_lock(&lock);
  sg_shortage_before_fork();
}
static void after_fork_in_parent(void) {
  sg_shortage_after_fork(0);
  pthread_mutex_unlock(&lock);
}
static void after_fork_in_child(void) {
  sg_shortage_after_fork(1);
  pthread_mutex_unlock(&lock);
}
__attribute__((constructor)) static void prepare(void) {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* The lock is held. */
static void count_new(size_t bytes) {
  figures.system_calls++;
  figures.bytes_cached += bytes;
  uint64_t held = figures.bytes_used + figures.bytes_cached;
  if (held > figures.bytes_peak) figures.bytes_peak = held;
}

static void *ask_system(size_t bytes) {
  void *p = NULL;
  if (sg_memory_claim(bytes)) return NULL;
  if (posix_memalign(&p, 64, bytes)) p = NULL;
  sg_memory_claimed(bytes);
  return p;
}

static void *from_system(size_t bytes) {
  void *p = ask_system(bytes);
  if (p) return p;
  sg_memory_trim();
  return ask_system(bytes);
}

static void *take_small(size_t bytes) {
  uint32_t class = class_of(bytes);
  size_t size = class_bytes(class);
  pthread_mutex_lock(&lock);
  block *b = cached[class];
  if (b) {
    cached[class] = b->older;
  } else {
    pthread_mutex_unlock(&lock);
    if (!(b = from_system(header + size))) return NULL;
    b->class = class;
    pthread_mutex_lock(&lock);
    count_new(size);
  }
  figures.bytes_cached -= size;
  figures.bytes_used += size;
  pthread_mutex_unlock(&lock);
  return (char *)b + header;
}

/* Into and out of the list of free pieces. The lock is held. */
static void enlist(block *b) {
  b->used = 0;
  b->newer = NULL;
  if ((b->older = newest)) newest->newer = b;
  newest = b;
}
static void strike(block *b) {
  b->used = 1;
  if (b->older) b->older->newer = b->newer;
  if (b->newer) b->newer->older = b->older;
  else newest = b->older;
}

/* Makes two neighbors of a piece. The lock is held; the second is free. */
static void cut(block *b, size_t size) {
  block *rest = (block *)((char *)b + size);
  *rest =
      (block){.class = classes, .region = b->region, .size = b->size - size, .before = b, .after = b->after};
  if (b->after) b->after->before = rest;
  else b->region->last = rest;
  b->after = rest;
  b->size = size;
  enlist(rest);
}

/* The neighbor after a piece becomes a part of it. The lock is held; neither is in the list. */
static void join(block *b) {
  b->size += b->after->size;
  b->after = b->after->after;
  if (b->after) b->after->before = b;
  else b->region->last = b;
}

static size_t pages(size_t bytes) { return (bytes + page - 1) / page * page; }

/* Addresses without memory; NULL where they cannot be had. */
static void *reserve(size_t bytes) {
  if (sg_memory_claim(bytes)) return NULL;
  void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  sg_memory_claimed(bytes);
  return p == MAP_FAILED ? NULL : p;
}

/* Memory behind reserved addresses: 0, or -1. */
static int back(void *p, size_t bytes) {
  int limited = sg_pages_are_limited();
  if (limited && sg_memory_claim(bytes)) return -1;
  int status = mprotect(p, bytes, PROT_READ | PROT_WRITE);
  if (limited) sg_memory_claimed(bytes);
  return status;
}

/* A region with one free piece of at least `size` bytes; 0, or -1. The lock is held. */
static int make_region(size_t size) {
  size_t least = pages(header + size), all = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  struct rlimit addresses;
  int limited = getrlimit(RLIMIT_AS, &addresses) || addresses.rlim_cur != RLIM_INFINITY;
  /* Where addresses are few: as many again as there are pieces, at most 64 MiB. */
  size_t held = figures.bytes_used + figures.bytes_cached,
         wanted = limited ? SG_MIN(held, (size_t)64 << 20) : all;
  size_t reserved = pages(SG_MAX(least, wanted)), mapped = reserved + page;
  void *p = NULL;
  if (limited) {
    p = reserve(mapped);
  } else {
    p = mmap(NULL, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) p = NULL;
  }
  if (!p) {
    reserved = least, mapped = reserved + page;
    p = reserve(mapped);
  }
  if (!p) return -1;
  region *r = (region *)pages((size_t)p);
  if (back(r, least)) {
    munmap(p, mapped);
    return -1;
  }
  madvise(r, reserved, MADV_HUGEPAGE); /* fewer page faults; only a hint */
  block *b = (block *)((char *)r + header);
  *r = (region){regions, reserved, least, regions ? regions->number + 1 : 0, b, p, mapped};
  *b = (block){.class = classes, .region = r, .size = least - header};
  regions = r;
  count_new(b->size);
  enlist(b);
  return 0;
}

/* Makes a free piece of at least `size` bytes at a region's end: if it can, a quarter more than
 * there is, because pages that nobody touches cost nothing. 0, or -1. The lock is held. */
static int grow(region *r, size_t size) {
  size_t there = r->last->used ? 0 : r->last->size, least = pages(size - there), most = pages(r->taken / 4);
  if (least > r->reserved - r->taken) return -1;
  size_t more = most > least && most <= r->reserved - r->taken ? most : least;
  char *end = (char *)r + r->taken;
  if (back(end, more)) {
    if (more == least || back(end, least)) return -1;
    more = least;
  }
  r->taken += more;
  count_new(more);
  block *b = (block *)end;
  *b = (block){.class = classes, .region = r, .size = more, .before = r->last};
  r->last->after = b;
  r->last = b;
  if (!b->before->used) strike(b = b->before), join(b);
  enlist(b);
  return 0;
}

/* A region's end is for what fits nowhere else: perhaps nobody has touched its pages. */
static int is_better(const block *a, const block *b) {
  if (!a->after != !b->after) return a->after != NULL;
  if (a->size != b->size) return a->size < b->size;
  return a->region != b->region ? a->region->number < b->region->number : a < b;
}

static void trim(void);

static void *take_large(size_t bytes) {
  size_t size = header + (bytes + 63) / 64 * 64;
  pthread_mutex_lock(&lock);
  block *best = NULL;
  for (int tries = 0; !best; tries++) {
    for (block *b = newest; b; b = b->older)
      if (b->size >= size && (!best || is_better(b, best))) best = b;
    if (best || (regions && !grow(regions, size)) || !make_region(size)) continue;
    if (tries) break;
    trim();
  }
  if (best) {
    strike(best);
    if (best->size - size >= splinter) cut(best, size);
    figures.bytes_cached -= best->size;
    figures.bytes_used += best->size;
  }
  pthread_mutex_unlock(&lock);
  return best ? (char *)best + header : NULL;
}

void *sg_memory_take(size_t bytes) {
  void *p = NULL;
  if (!sg_memory_is_refused() && bytes <= (size_t)1 << 44)
    p = bytes <= small ? take_small(bytes) : take_large(bytes);
  if (!p && sg_watch_depth()) sg_shortage(bytes);
  return p;
}

void *sg_memory_need(size_t bytes) {
  void *p = sg_memory_take(bytes);
  if (!p) sg_shortage(bytes);
  return p;
}

void sg_memory_give(void *p) {
  if (!p) return;
  block *b = (block *)((char *)p - header);
  pthread_mutex_lock(&lock);
  size_t size = b->class < classes ? class_bytes(b->class) : b->size;
  figures.bytes_used -= size;
  figures.bytes_cached += size;
  if (b->class < classes) {
    b->older = cached[b->class];
    cached[b->class] = b;
  } else {
    if (b->after && !b->after->used) strike(b->after), join(b);
    if (b->before && !b->before->used) strike(b = b->before), join(b);
    enlist(b);
  }
  pthread_mutex_unlock(&lock);
}

/* What a region's free end holds goes back, or the whole region. The lock is held. */
static void shrink(region **place) {
  region *r = *place;
  block *b = r->last;
  if (b->used) return;
  if (!b->before) {
    *place = r->older;
    strike(b);
    figures.bytes_cached -= b->size;
    munmap(r->mapping, r->mapped);
    return;
  }
  size_t kept = pages((size_t)((char *)b - (char *)r) + splinter);
  if (kept >= r->taken) return;
  char *end = (char *)r + kept;
  size_t less = r->taken - kept;
  /* Both at once: new addresses in the place of the old, so that nothing counts as taken. */
  if (mmap(end, less, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
      MAP_FAILED)
    return;
  madvise(end, less, MADV_HUGEPAGE);
  r->taken = kept;
  b->size -= less;
  figures.bytes_cached -= less;
}

/* The lock is held. */
static void trim(void) {
  for (int i = 0; i < classes; i++) {
    for (block *b = cached[i], *older; b; b = older) {
      older = b->older;
      figures.bytes_cached -= class_bytes(b->class);
      free(b);
    }
    cached[i] = NULL;
  }
  for (region **r = &regions, *now; (now = *r);) {
    shrink(r);
    if (*r == now) r = &now->older;
  }
  /* Free pieces in between keep their places, and count as cached, but not their pages: large ones
   * whole, since the system fills a part with small ones later. */
  for (block *b = newest; b; b = b->older) {
    size_t from = pages((size_t)b + header), to = ((size_t)b + b->size) / page * page;
    if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
  }
}

void sg_memory_trim(void) {
  pthread_mutex_lock(&lock);
  trim();
  pthread_mutex_unlock(&lock);
}

sg_memory_figures sg_memory_read(void) {
  pthread_mutex_lock(&lock);
  sg_memory_figures now = figures;
  pthread_mutex_unlock(&lock);
  return now;
}

int sg_memory_probe(size_t bytes) {
  /* What the cache holds is there without asking; so a step that repeats another does not call the
   * system. */
  if (bytes < 1 << 16 || bytes <= sg_memory_read().bytes_cached) return 0;
  size_t physical = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  if (bytes > physical || sg_memory_room(bytes)) return -1;
  /* Under a limit the trial would for a moment take what others need. */
  if (sg_memory_is_limited()) return 0;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return -1;
  munmap(p, bytes);
  return 0;
}
