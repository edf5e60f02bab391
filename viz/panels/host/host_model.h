// The host X-ray as data: header, pipeline, locks, the answer when none opened, and the host's processes. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/kit/pipeline.h"
#include "viz/panels/common/names.h"
#include "viz/panels/host/locks.h"

namespace fourtuple::viz {

struct StageBox {
  std::string name;
  std::string short_name;  // where boxes are narrow
  std::string remark;
  StageState state = StageState::coming;
  Time at{-1};  // when it was entered; negative: not known
};

// A piece of a sentence; numbers and flags are set in mono.
struct Words {
  std::string text;
  bool mono = false;
};

struct DescriptorLine {
  std::string fd;      // "12"
  std::string text;    // "203.0.113.7:50432", "any:443", "file"
  std::string remark;  // "listening", "ESTAB", "web browser"
  SocketId socket;
  std::optional<std::size_t> flow;
  bool listening = false;
  bool winner = false;
  std::uint32_t queued = 0;  // bytes waiting to be read
};

struct ProcessCard {
  ProcessId process;
  std::string name;
  std::string pid;      // "pid 811"
  std::string summary;  // "5 of 7 sockets", "loopback only"
  std::optional<std::size_t> flow;
  std::vector<DescriptorLine> lines;  // the winner's whole table; of others the sockets
  std::size_t hidden = 0;
  bool winner = false;
  bool guessed = false;
};

struct AnswerBox {
  bool sent = false;
  PacketId packet;
  CapsuleModel capsule;
  std::string door;      // interface
  std::string title;     // "RST ACK"
  std::string lines[2];  // the second: what a translator makes of it on its way home; may be empty
  std::string told;      // "the sender reads: Connection refused"
  std::string errno_name;
};

struct HostModel {
  HostId host;
  std::string name, address;
  trace::HostKind kind = trace::HostKind::computer;
  bool inferred = false;
  bool router = false;  // forwards: the pipeline is that of a router

  std::optional<Visit> visit;
  CapsuleModel capsule;
  std::vector<Words> sentence;
  std::vector<StageBox> stages;
  LockModel locks;
  std::optional<AnswerBox> answer;
  std::vector<ProcessCard> processes;  // the winner first
  std::string note;                    // why there is no key, or what to do
};

// `at_lookup`: the state in which the visit's packet was looked up (see lookup_boundary).
HostModel build_host(const PanelContext& context, HostId host, std::optional<Visit> visit,
                     const state::State& at_lookup);
// Boundary of that state: before the packet's records on the host, or the cursor when they lie ahead.
std::uint64_t lookup_boundary(const PanelContext& context, const std::optional<Visit>& visit);

// The host of choose_host with its visit, in the state in which that was looked up.
HostModel build_host_now(const PanelContext& context);

// Parts of build_host, in files of their own.
std::vector<StageBox> build_stages(const PanelContext& context, const Visit& visit, const LockModel& locks,
                                   const std::string& receiver);
std::vector<ProcessCard> build_processes(const PanelContext& context, HostId host, SocketId winner);
AnswerBox build_answer(const PanelContext& context, const Visit& visit);

}  // namespace fourtuple::viz
