#ifndef SG_MATMUL_H
#define SG_MATMUL_H
#include "activation.h"
#include <stddef.h>
/* C[m][n] = op(A) op(B), row-major, then the epilogue if not NULL. op(A) is m x k: A[m][k], or with
 * transpose_a A[k][m]; op(B) is k x n: B[k][n], or with transpose_b B[n][k]. lda, ldb, ldc: floats
 * from row to row as stored. Any size from 0 (k = 0 gives zeros). Order of summation depends on the
 * sizes alone. C overlaps neither A nor B. */
void sg_matmul(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
               const float *b, size_t ldb, float *c, size_t ldc, const sg_epilogue *epilogue);
#endif
