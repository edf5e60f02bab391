// A scenario of one or two hosts run to its end, and what its processes asked of their kernels meanwhile.
#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/codec.h"
#include "sim/world/scenario/parse.h"
#include "sim/world/world.h"

namespace fourtuple::world {

class TimelineRun : public testing::Test {
 protected:
  struct Answer {
    std::uint32_t pid = 0;
    std::int32_t fd = -1;
    std::int32_t value = 0;
    state::Errno error = state::Errno::ok;
  };

  void run(const std::string& text) {
    const ParseResult parsed = parse_scenario(text, "t");
    for (const Error& error : parsed.errors) ADD_FAILURE() << error.to_string();
    if (!parsed.errors.empty()) return;
    world_.emplace(parsed.scenario, 1, trace_);
    world_->run_until(world_->end(), trace_);
    trace_.publish();
  }
  const state::State& seen() const { return world_->system().visible; }

  // Answers of a call so far, in order; data moved without error is among them.
  std::vector<Answer> answers(trace::Call call) const {
    std::vector<Answer> all;
    for (std::uint64_t at = trace_.first(); at < trace_.published(); at = trace_.next(at)) {
      const trace::Slot* record = trace_.at(at);
      if (record->kind != trace::Kind::syscall && record->kind != trace::Kind::data_call) continue;
      const trace::Syscall made =
          record->kind == trace::Kind::syscall ? trace::unpack_syscall(record) : trace::unpack_data_call(record).call;
      if (made.call == call)
        all.push_back({pid_of(made.process), made.fd, made.result, static_cast<state::Errno>(made.error)});
    }
    return all;
  }
  // Bytes of TCP a process has read.
  std::uint64_t streamed(std::uint32_t pid) const {
    std::uint64_t bytes = 0;
    for (std::uint64_t at = trace_.first(); at < trace_.published(); at = trace_.next(at)) {
      if (trace_.at(at)->kind != trace::Kind::stream_read) continue;
      const trace::StreamRead read = trace::unpack_stream_read(trace_.at(at));
      if (pid_of(read.process) == pid) bytes += read.length;
    }
    return bytes;
  }
  // Bytes a call moved, other than by TCP, on one descriptor of a process.
  std::int64_t moved(std::uint32_t pid, trace::Call call, std::int32_t fd) const {
    std::int64_t bytes = 0;
    for (const Answer& answer : answers(call))
      if (answer.pid == pid && answer.fd == fd && answer.error == state::Errno::ok) bytes += answer.value;
    return bytes;
  }
  bool sleeps(std::uint32_t pid) const {
    for (std::uint32_t i = 0; i < seen().processes.end(); ++i)
      if (seen().processes.alive(i) && seen().processes[i].pid == pid)
        return seen().processes[i].activity == state::Activity::blocked;
    return false;
  }

  trace::Trace trace_{trace::Level::stages};
  std::optional<World> world_;

 private:
  // Of a process that has ended, too, as long as nobody took its place.
  std::uint32_t pid_of(ProcessId process) const { return seen().processes[process.value].pid; }
};

}  // namespace fourtuple::world
