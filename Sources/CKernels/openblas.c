#include <stddef.h>
#include <sys/resource.h>

/* OpenBLAS makes its threads when it is loaded, and each takes 128 MiB of addresses for itself as
 * it starts. A thread that does not get them tries for ever, and at the process's end OpenBLAS
 * waits for it. So a host that limits its memory right after loading this library could never end.
 * A product that OpenBLAS shares among its threads returns when all of them have started. Where
 * memory is limited already, nothing is waited for. The reference is weak: programs that have the
 * kernels alone have no OpenBLAS. */
extern void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                        const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)
    __attribute__((weak));

static int is_unlimited(int resource) {
  struct rlimit limit;
  return getrlimit(resource, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

__attribute__((constructor)) static void let_threads_start(void) {
  enum { side = 160, row_major = 101, plain = 111 };
  static float a[side * side], c[side * side];
  if (cblas_sgemm && is_unlimited(RLIMIT_AS) && is_unlimited(RLIMIT_DATA))
    cblas_sgemm(row_major, plain, plain, side, side, side, 1, a, side, a, side, 0, c, side);
}
