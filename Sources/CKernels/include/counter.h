#ifndef SG_COUNTER_H
#define SG_COUNTER_H
#include <stdint.h>
/* 1, 2, 3, ... over the whole process, from any thread. */
uint64_t sg_next_id(void);
#endif
