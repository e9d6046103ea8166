// The header alone, as C++: run.sh compiles this as C++11 and C++17.
#include "swiftgan.h"
int header_as_cc() { return SWIFTGAN_OK; }
