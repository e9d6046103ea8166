#ifndef SG_SHORTAGE_H
#define SG_SHORTAGE_H
#include <stddef.h>
/* What becomes of a block that cannot be had. Tensor operations and kernels cannot fail, so on a
 * thread that is inside a watch the shortage is noted, every later request of that thread fails at
 * once, and whoever opened the watch reports it at its end. Watches nest. Outside of one a shortage
 * that nobody can work around ends the process. */

/* Opens a watch on this thread. Returns the shortage noted so far in the watch around it, 0 for
 * none, which is then the shortage here too. */
size_t sg_watch_begin(void);
/* Closes the innermost watch; the one around it has `outer` noted, what sg_watch_begin returned.
 * Returns what was noted here. */
size_t sg_watch_end(size_t outer);
/* Bytes of the first block that this thread could not have in the watch; 0: none. */
size_t sg_watch_missing(void);
/* How many watches this thread is inside. */
unsigned sg_watch_depth(void);

/* Notes that `bytes` could not be had. Outside of a watch: prints that and aborts. */
void sg_shortage(size_t bytes);

/* At least `bytes` of zeros, read-only, for elements that could not be had; they stay until the
 * outermost watch is closed. NULL: not even the addresses can be had. */
const float *sg_shortage_zeros(size_t bytes);

/* 0 when the system would give `bytes` now, outside of the cache, and what small objects need
 * beside them, here and on every other thread that is inside a watch; else -1. Where neither
 * addresses nor pages are limited (RLIMIT_AS, RLIMIT_DATA, strict overcommit) only the machine's
 * memory counts. */
int sg_memory_room(size_t bytes);
/* The same for bytes that nobody checks when they are taken: other threads leave them to this one
 * until it asks again, or its outermost watch is closed. */
int sg_memory_expect(size_t bytes);
/* The same for a block that is taken at once: other threads leave it to this one until it says,
 * with sg_memory_claimed, that it has it (or could not have it). Nothing to say after -1. */
int sg_memory_claim(size_t bytes);
void sg_memory_claimed(size_t bytes);
/* Whether addresses or pages are limited. */
int sg_memory_is_limited(void);
/* sg_memory_room(0), without a system call where there was no limit when sg_memory_room looked
 * last: for what is called again and again. */
int sg_memory_still_has_room(void);
/* Whether taking pages for addresses that are reserved already could fail. */
int sg_pages_are_limited(void);

/* Around a fork(), after and before those of memory.c. */
void sg_shortage_before_fork(void);
void sg_shortage_after_fork(int is_child);

/* For tests: of this thread's requests for blocks the first n succeed, and all later ones fail;
 * negative: none fails. */
void sg_memory_fail_after(long n);
/* Whether this thread's next request fails whatever the system has: by that, or because an earlier
 * one failed in the watch. */
int sg_memory_is_refused(void);
#endif
