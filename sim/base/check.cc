#include "sim/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace fourtuple {

void check_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace fourtuple
