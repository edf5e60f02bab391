// The filter of a trace on show: its text, and which packets it takes, looked for in slices that fit into a frame. Main
// thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/replay/filter/parse.h"
#include "sim/replay/filter/result.h"

namespace fourtuple::viz {

class PacketFilter {
 public:
  // The indexes must outlive it.
  PacketFilter(const replay::Indexes& indexes, replay::BpfCompiler bpf);

  // Applies a filter; text without a word takes it away. An error leaves what was.
  Outcome<void> set(const std::string& text);
  void clear();
  // What is wrong with a text; nothing for one that could be applied.
  std::optional<Error> check(const std::string& text);

  // Null when there is no filter.
  const replay::FilterResult* result() const { return result_.get(); }
  const std::string& text() const { return text_; }
  // For suggestions; looked for from now on.
  const replay::FilterNames& names();
  // "1,204 of 88,102"; "" without a filter.
  std::string count() const;

  // Goes on for at most about `budget_us` of real time.
  void advance(std::int64_t budget_us);
  // Whether there is more to look at.
  bool busy() const;

 private:
  const replay::Indexes* indexes_;
  replay::BpfCompiler bpf_;
  replay::FilterNames names_;
  bool wants_names_ = false;
  std::string text_;
  std::unique_ptr<replay::FilterResult> result_;
};

}  // namespace fourtuple::viz
