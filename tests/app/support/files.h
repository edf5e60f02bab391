// What a command printed.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "tests/support/temporary_folder.h"

namespace fourtuple::app {

struct Printed {
  int code = 0;
  std::string out, err;
};

// Calls a command and catches what it prints.
template <class Command>
Printed printed_by(Command command) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Printed printed;
  printed.code = command();
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

}  // namespace fourtuple::app
