// Runs a script against a kernel: gives it the packets and calls of the script at their times, and compares what it
// sends and returns. The first difference ends it. What is not understood is skipped and told, line by line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/drill/language/script.h"
#include "sim/drill/run/kernel.h"
#include "sim/drill/run/setup.h"

namespace fourtuple::drill {

// Something to be told about a line.
struct Remark {
  enum class Kind : std::uint8_t {
    note,     // done, or nothing to do; with what should be known of it
    skipped,  // the kernel under test cannot do it: it was left out
    forgiven  // differs, and --non_fatal lets it
  };
  Place where;
  Kind kind = Kind::note;
  std::string text;
};

// An event that was carried out, or left out.
struct Done {
  Place where;
  Time at{0};
};

struct Report {
  std::vector<Remark> remarks;   // in the order of the script
  std::optional<Error> failure;  // the first difference
  std::vector<Done> order;       // the events done, one after the other
  std::size_t events = 0;        // in the script
  std::size_t done = 0;          // of these, before the failure
  std::size_t skipped = 0;       // of those done

  bool passed() const { return !failure; }
};

Report run_script(const Script& script, const Setup& setup, Kernel& kernel);

// "12: getsockopt: this option is not simulated: skipped"
std::string text_of(const Remark& remark);

}  // namespace fourtuple::drill
