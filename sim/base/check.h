// Assertions that stay on in every build. A failed check is a defect of the program, never of its input:
// it prints the broken condition and aborts. Cheap enough (one compare and a predicted branch) for hot paths.
#pragma once

namespace fourtuple {

// Prints "file:line: check failed: what" to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* what);

}  // namespace fourtuple

#define FT_CHECK(condition)                                    \
  (__builtin_expect(static_cast<bool>(condition), 1) ? void(0) \
                                                     : ::fourtuple::check_failed(__FILE__, __LINE__, #condition))
