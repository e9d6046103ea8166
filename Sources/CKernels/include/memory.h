#ifndef SG_MEMORY_H
#define SG_MEMORY_H
#include <stddef.h>
#include <stdint.h>
/* Blocks aligned to 64 bytes from a process-wide cache: after the first steps a training step
 * takes everything from the cache and nothing from the system. Any thread may take and give. */
void *sg_memory_take(
    size_t bytes); /* uninitialized; NULL, and noted in a watch (shortage.h), when the system has no more */
void *sg_memory_need(
    size_t bytes); /* the same, for a kernel that cannot do without: sg_shortage when there is none */
void sg_memory_give(void *block); /* back to the cache; NULL is accepted */
void sg_memory_trim(void);        /* returns every cached block to the system */
typedef struct {
  uint64_t system_calls; /* blocks taken from the system so far */
  uint64_t bytes_used;   /* now */
  uint64_t bytes_cached; /* free, but not yet back with the system */
  uint64_t bytes_peak;   /* the most ever held from the system */
} sg_memory_figures;
sg_memory_figures sg_memory_read(void);
/* 0 when `bytes` could be had at this moment, from the cache or from the system (taken and returned
 * to see), else -1; also -1 above what the machine's memory could ever hold. */
int sg_memory_probe(size_t bytes);
#endif
