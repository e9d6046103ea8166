#ifndef SG_CONVOLUTION_WAY_H
#define SG_CONVOLUTION_WAY_H
#include "convolution.h"
/* How a convolution is computed: by the rule in convolution.c, which looks at the geometry alone.
 * For tests and benchmarks; everybody else calls the three functions of convolution.h. */
typedef enum { SG_OUTPUT = 0, SG_INPUT, SG_WEIGHT } sg_convolution_role;
typedef enum {
  SG_AUTOMATIC = 0,
  SG_PLAIN,       /* loops that need no memory */
  SG_MATMUL,      /* one product: the kernel covers the map, or is 1 x 1 */
  SG_DIRECT,      /* products over patches */
  SG_OVERLAP,     /* input role, few channels */
  SG_FEW_PIXELS,  /* input role, few pixels: the weights are not packed */
  SG_TOOM_COOK_5, /* Toom-Cook on five points a side */
  SG_TOOM_COOK_8  /* on eight */
} sg_convolution_way;
sg_convolution_way sg_convolution_choose(const sg_convolution *g, sg_convolution_role role);
/* Takes `way` wherever it applies until SG_AUTOMATIC is set again; not while kernels run. */
void sg_convolution_force(sg_convolution_way way);
int sg_convolution_applies(const sg_convolution *g, sg_convolution_role role, sg_convolution_way way);
#endif
