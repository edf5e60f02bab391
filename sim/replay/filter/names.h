// The names a trace gives to things a filter may ask for: hosts, programs, chains. Grows with the trace. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::replay {

class FilterNames {
 public:
  explicit FilterNames(const trace::Trace& trace);

  // Looks for programs in published records, at most about `max_slots` of them. True when nothing is left.
  bool refresh(std::uint64_t max_slots = ~std::uint64_t{0});
  bool complete() const { return !more_ && end_ >= trace_->published(); }
  // The trace is only going to be written: no program is unknown before that.
  void expect_more() { more_ = true; }

  const trace::Trace& trace() const { return *trace_; }
  // By HostId.
  const std::vector<std::string>& hosts() const { return hosts_; }
  // Each name once, in order of its first process.
  const std::vector<std::string>& processes() const { return processes_; }
  bool has_pid(std::uint32_t pid) const;
  // Each name once.
  const std::vector<std::string>& chains() const { return chains_; }
  // The host with this name, without regard to case, or with this address; none().
  HostId host(std::string_view name) const;

 private:
  const trace::Trace* trace_;
  std::vector<std::string> hosts_, processes_, chains_;
  std::vector<std::uint32_t> pids_;
  std::vector<bool> seen_;  // by StringId
  std::uint64_t end_ = 0;
  bool more_ = false;
};

// "Web Server" equals "web server": ASCII letters only.
bool same_name(std::string_view a, std::string_view b);

}  // namespace fourtuple::replay
