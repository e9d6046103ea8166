#include <cblas.h>
#include <stddef.h>
/* LAPACK lives inside libopenblas; Debian's libopenblas-dev has no header for its Fortran entry
 * points. The lengths at the end are Fortran's, one for each text argument. */
void sgeqrf_(const int *m, const int *n, float *a, const int *lda, float *tau, float *work, const int *lwork,
             int *info);
void sorgqr_(const int *m, const int *n, const int *k, float *a, const int *lda, const float *tau,
             float *work, const int *lwork, int *info);
void dsyevd_(const char *job, const char *triangle, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t job_length,
             size_t triangle_length);
