#define _GNU_SOURCE
#include "memory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Size classes with four steps an octave, from 128 bytes; a block's header of 64 bytes names its class. */
enum { header = 64, smallest_shift = 7, classes = 4 * 40, huge = 2 << 20 };

typedef struct block {
  struct block *next;
  uint32_t class;
} block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *cached[classes];
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
  if (posix_memalign(&p, bytes >= huge ? huge : 64, bytes)) return NULL;
  if (bytes >= huge) madvise(p, bytes, MADV_HUGEPAGE); /* fewer page faults; only a hint */
  return p;
}

void *sg_memory_take(size_t bytes) {
  if (bytes > (size_t)1 << 44) return NULL;
  uint32_t class = class_of(bytes + header);
  size_t size = class_bytes(class);
  pthread_mutex_lock(&lock);
  block *b = cached[class];
  if (b) {
    cached[class] = b->next;
    figures.bytes_cached -= size;
    figures.bytes_used += size;
    pthread_mutex_unlock(&lock);
    return (char *)b + header;
  }
  pthread_mutex_unlock(&lock);
  b = from_system(size);
  if (!b) {
    sg_memory_trim();
    b = from_system(size);
  }
  if (!b) return NULL;
  b->class = class;
  pthread_mutex_lock(&lock);
  figures.system_calls++;
  figures.bytes_used += size;
  uint64_t held = figures.bytes_used + figures.bytes_cached;
  if (held > figures.bytes_peak) figures.bytes_peak = held;
  pthread_mutex_unlock(&lock);
  return (char *)b + header;
}

void sg_memory_give(void *p) {
  if (!p) return;
  block *b = (block *)((char *)p - header);
  size_t size = class_bytes(b->class);
  pthread_mutex_lock(&lock);
  b->next = cached[b->class];
  cached[b->class] = b;
  figures.bytes_used -= size;
  figures.bytes_cached += size;
  pthread_mutex_unlock(&lock);
}

void sg_memory_trim(void) {
  block *all[classes];
  pthread_mutex_lock(&lock);
  memcpy(all, cached, sizeof all);
  memset(cached, 0, sizeof cached);
  figures.bytes_cached = 0;
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < classes; i++)
    for (block *b = all[i], *next; b; b = next) {
      next = b->next;
      free(b);
    }
}

sg_memory_figures sg_memory_read(void) {
  pthread_mutex_lock(&lock);
  sg_memory_figures now = figures;
  pthread_mutex_unlock(&lock);
  return now;
}

int sg_memory_probe(size_t bytes) {
  size_t physical = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  if (bytes > physical) return -1;
  /* What the cache holds is there without asking; so a step that repeats another does not call the system. */
  if (bytes < 1 << 16 || bytes <= sg_memory_read().bytes_cached) return 0;
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return -1;
  munmap(p, bytes);
  return 0;
}
