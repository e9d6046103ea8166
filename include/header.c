/* The target that carries the public header into Swift; the header is the truth. */
#include "swiftgan.h"
