// `--filter`: the packets of a whole trace that a filter takes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/session.h"
#include "sim/replay/filter/result.h"
#include "sim/replay/indexes.h"

namespace fourtuple::app {

class SelectedPackets {
 public:
  // The trace must outlive it and is complete. An error names the option and the column in its text.
  static Outcome<std::unique_ptr<SelectedPackets>> select(const trace::Trace& trace, const replay::BpfCompiler& bpf,
                                                          const std::string& text);

  bool matches(PacketId packet) const { return result_->matches(packet); }
  // The record is about one of them.
  bool concerns(const trace::Slot& record) const;
  std::uint64_t count() const { return result_->positions().size(); }
  std::uint64_t of() const { return result_->packets(); }

 private:
  explicit SelectedPackets(const trace::Trace& trace) : indexes_(trace) {}

  replay::Indexes indexes_;
  std::optional<replay::FilterResult> result_;
};

// libpcap's part of filters for any file that was opened; the file must outlive what it makes.
replay::BpfCompiler bpf_for(const LoadedFile& file);

// What can be found wrong before the trace is there: programs are not known then.
Outcome<void> check_filter(const trace::Trace& trace, const std::string& text);

}  // namespace fourtuple::app
