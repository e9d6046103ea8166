#define _GNU_SOURCE
#include "memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Small blocks come in size classes, four an octave from 128 bytes, and go back to their class. Large ones are pieces of regions: the
 * first free piece, in the order of regions and addresses, that is large enough is cut, and a piece that comes back joins free neighbours.
 * So what tensors of different sizes need at different times is held once, and the last region's end is hardly touched. */
enum { header = 64, smallest_shift = 7, classes = 4 * 12 + 1, page = 2 << 20 };
static const size_t small = (size_t)1 << 19, splinter = (size_t)1 << 14, region_most = (size_t)64 << 20;

/* In front of what the caller gets. */
typedef struct block {
  uint32_t class;               /* or `classes`: a piece of a region */
  uint16_t used, region;        /* of a piece: its region, counted in the order of their making */
  struct block *next;           /* small and free: of its class */
  size_t size;                  /* with the header */
  struct block *before, *after; /* its neighbours in the region */
  struct block *newer, *older;  /* of free pieces */
} block;
_Static_assert(sizeof(block) <= header, "a block's header");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *cached[classes]; /* free small blocks */
static block *newest;          /* free pieces, the last to come back first */
static uint16_t regions;       /* made so far */
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

/* A fork() in another thread's critical section must not leave the child with a lock that nobody holds. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }
__attribute__((constructor)) static void prepare(void) {
  pthread_atfork(before_fork, after_fork, after_fork);
}

static void *from_system(size_t bytes) {
  void *p = NULL;
  if (posix_memalign(&p, bytes >= page ? page : 64, bytes)) {
    sg_memory_trim();
    if (posix_memalign(&p, bytes >= page ? page : 64, bytes)) return NULL;
  }
  if (bytes >= page) madvise(p, bytes, MADV_HUGEPAGE); /* fewer page faults; only a hint */
  return p;
}

/* The lock is held. */
static void count_new(size_t bytes) {
  figures.system_calls++;
  figures.bytes_cached += bytes;
  uint64_t held = figures.bytes_used + figures.bytes_cached;
  if (held > figures.bytes_peak) figures.bytes_peak = held;
}

static void *take_small(size_t bytes) {
  uint32_t class = class_of(bytes);
  size_t size = class_bytes(class);
  pthread_mutex_lock(&lock);
  block *b = cached[class];
  if (b) {
    cached[class] = b->next;
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

/* Makes two neighbours of a piece. The lock is held; the second is free. */
static void cut(block *b, size_t size) {
  block *rest = (block *)((char *)b + size);
  *rest =
      (block){.class = classes, .region = b->region, .size = b->size - size, .before = b, .after = b->after};
  if (b->after) b->after->before = rest;
  b->after = rest;
  b->size = size;
  enlist(rest);
}

/* The neighbour after a piece becomes a part of it. The lock is held; neither is in the list. */
static void join(block *b) {
  b->size += b->after->size;
  b->after = b->after->after;
  if (b->after) b->after->before = b;
}

static int is_before(const block *a, const block *b) {
  return a->region != b->region ? a->region < b->region : a < b;
}

static void *take_large(size_t bytes) {
  size_t size = header + (bytes + 63) / 64 * 64;
  pthread_mutex_lock(&lock);
  block *best = NULL;
  for (block *b = newest; b; b = b->older)
    if (b->size >= size && (!best || is_before(b, best))) best = b;
  if (!best) {
    /* As much again as there is, at most region_most: pages that nobody touches cost nothing, and pieces of few regions join better. */
    size_t held = figures.bytes_used + figures.bytes_cached, region = held < region_most ? held : region_most;
    if (region < size) region = size;
    pthread_mutex_unlock(&lock);
    region = (region + page - 1) / page * page;
    if (!(best = from_system(region))) return NULL;
    pthread_mutex_lock(&lock);
    if (regions < UINT16_MAX) regions++;
    *best = (block){.class = classes, .region = regions, .size = region};
    count_new(region);
    enlist(best);
  }
  strike(best);
  if (best->size - size >= splinter) cut(best, size);
  figures.bytes_cached -= best->size;
  figures.bytes_used += best->size;
  pthread_mutex_unlock(&lock);
  return (char *)best + header;
}

void *sg_memory_take(size_t bytes) {
  if (bytes > (size_t)1 << 44) return NULL;
  return bytes <= small ? take_small(bytes) : take_large(bytes);
}

void sg_memory_give(void *p) {
  if (!p) return;
  block *b = (block *)((char *)p - header);
  pthread_mutex_lock(&lock);
  size_t size = b->class < classes ? class_bytes(b->class) : b->size;
  figures.bytes_used -= size;
  figures.bytes_cached += size;
  if (b->class < classes) {
    b->next = cached[b->class];
    cached[b->class] = b;
  } else {
    if (b->after && !b->after->used) strike(b->after), join(b);
    if (b->before && !b->before->used) strike(b = b->before), join(b);
    enlist(b);
  }
  pthread_mutex_unlock(&lock);
}

void sg_memory_trim(void) {
  block *unused = NULL;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < classes; i++) {
    for (block *b = cached[i], *next; b; b = next) {
      next = b->next;
      b->next = unused;
      unused = b;
      figures.bytes_cached -= class_bytes(b->class);
    }
    cached[i] = NULL;
  }
  for (block *b = newest, *older; b; b = older) {
    older = b->older;
    if (b->before || b->after) continue; /* a part of its region is in use */
    strike(b);
    b->next = unused;
    unused = b;
    figures.bytes_cached -= b->size;
  }
  pthread_mutex_unlock(&lock);
  for (block *next; unused; unused = next) {
    next = unused->next;
    free(unused);
  }
}

sg_memory_figures sg_memory_read(void) {
  pthread_mutex_lock(&lock);
  sg_memory_figures now = figures;
  pthread_mutex_unlock(&lock);
  return now;
}

int sg_memory_probe(size_t bytes) {
  /* What the cache holds is there without asking; so a step that repeats another does not call the system. */
  if (bytes < 1 << 16 || bytes <= sg_memory_read().bytes_cached) return 0;
  size_t physical = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  if (bytes > physical) return -1;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return -1;
  munmap(p, bytes);
  return 0;
}
