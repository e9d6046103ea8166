#include "kernels.h"
#include <stdatomic.h>
#include <stdlib.h>

#if defined(__x86_64__)
static const char *const names[] = {"baseline", "avx2", "avx512"};
static const sg_kernels *const tables[] = {&sg_kernels_baseline, &sg_kernels_avx2, &sg_kernels_avx512};
#elif defined(__aarch64__)
static const char *const names[] = {"neon"};
static const sg_kernels *const tables[] = {&sg_kernels_baseline};
#else
static const char *const names[] = {"baseline"};
static const sg_kernels *const tables[] = {&sg_kernels_baseline};
#endif
static _Atomic int chosen = -1; /* threads that race here find the same answer */

sg_isa sg_isa_best(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return SG_ISA_BASELINE;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bw"))
    return SG_ISA_AVX2;
  return SG_ISA_AVX512;
#else
  return SG_ISA_BASELINE;
#endif
}

sg_isa sg_isa_current(void) {
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa >= 0) return (sg_isa)isa;
  isa = sg_isa_best();
  const char *wanted = getenv("SWIFTGAN_ISA");
  for (int i = 0; wanted && i < isa; i++)
    if (!strcmp(wanted, names[i])) isa = i;
  atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  return (sg_isa)isa;
}

int sg_isa_select(sg_isa isa) {
  if ((int)isa < 0 || isa > sg_isa_best()) return -1;
  atomic_store_explicit(&chosen, (int)isa, memory_order_relaxed);
  return 0;
}

const char *sg_isa_name(sg_isa isa) { return names[isa]; }
const sg_kernels *sg_kernels_now(void) { return tables[sg_isa_current()]; }
