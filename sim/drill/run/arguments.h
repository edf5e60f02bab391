// The arguments of a system call as a script writes them: which call it is to the kernel, and what it must have
// written through its pointers.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sim/base/outcome.h"
#include "sim/drill/language/script.h"
#include "sim/drill/run/kernel.h"
#include "sim/drill/run/setup.h"

namespace fourtuple::drill {

class Arguments {
 public:
  // All must outlive this.
  Arguments(const CallSpec& spec, const std::string& file, const Setup& setup)
      : spec_(spec), file_(file), setup_(setup) {}

  struct Read {
    KernelCall call;      // descriptors are still the script's
    std::string why_not;  // this call, or an argument of it, is not simulated; empty: it is
  };
  // A fault: too few arguments, a symbol nobody knows.
  Outcome<Read> read() const;

  // What differs in what the call wrote, and what the script wanted.
  std::optional<std::pair<std::string, std::string>> differing_output(const CallOutcome& outcome) const;

 private:
  struct Shape;
  Outcome<std::int64_t> number(std::size_t index) const;
  Outcome<std::int64_t> number(const Expression& expression) const;
  Outcome<void> option_value(KernelCall& call) const;
  Outcome<void> polled(KernelCall& call) const;
  Outcome<void> address(std::size_t index, Read& out) const;
  Outcome<void> fill(const Shape& shape, Read& out) const;
  tl::unexpected<Error> wrong(Place where, std::string message, std::string expectation,
                              std::string suggestion = {}) const;

  const CallSpec& spec_;
  const std::string& file_;
  const Setup& setup_;
};

}  // namespace fourtuple::drill
