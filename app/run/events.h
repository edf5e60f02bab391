// `--events`: what happens in a trace, line by line, while it grows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/replay/narrator.h"
#include "sim/trace/trace.h"

namespace fourtuple::app {

enum class EventFormat : std::uint8_t { text, ndjson };

class EventLog {
 public:
  // Records of deeper levels than `level` are left out. The trace must outlive it.
  EventLog(const trace::Trace& trace, EventFormat format, trace::Level level);
  // Only records it says yes to are told from now on.
  void keep_to(std::function<bool(const trace::Slot&)> wanted) { wanted_ = std::move(wanted); }
  // Appends the lines of everything published since the last call.
  void take(std::string& out);

 private:
  replay::Narrator narrator_;
  const trace::Trace* trace_;
  EventFormat format_;
  trace::Level level_;
  std::function<bool(const trace::Slot&)> wanted_;  // empty: all
};

// Whether a student wants to read it: packets, system calls, connection states; not the bookkeeping between them, which
// those lines imply.
bool is_told_in_text(trace::Kind kind);

}  // namespace fourtuple::app
