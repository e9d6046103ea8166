/* The first floor: loops over floats. C, because Swift compiles for baseline x86-64 only. No allocation of results, no
 * errors: sizes are validated above. */
#include "activation.h"
#include "convolution.h"
#include "elementwise.h"
#include "isa.h"
#include "layout.h"
#include "matmul.h"
#include "memory.h"
#include "normalisation.h"
#include "optimiser.h"
#include "random.h"
#include "reduce.h"
#include "threads.h"
