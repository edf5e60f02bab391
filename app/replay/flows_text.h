// Conversations as a table: who, how much, how it ended, and the processes at their ends where they are known.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "capture/analysis/tcp_analysis.h"
#include "capture/flow_owners.h"

namespace fourtuple::app {

struct FlowReport {
  const std::vector<capture::Flow>& flows;
  const AddressTable& addresses;
  std::int64_t first_ns;  // since 1970 UTC; starts are counted from it
  std::function<capture::FlowOwners(std::size_t flow)> owners;
  const capture::SocketOwners& processes;
  const capture::TcpAnalysis& analysis;
  std::function<std::string(std::size_t flow)> names =
      {};  // what each is about, see conversation_words(); may be empty
};

// "2 conversations (…)" and a line for each.
std::string flows_text(const FlowReport& report);

// Why a name has a sign behind it: "~ …"; "" when none of these has.
std::string signs_text(const FlowReport& report);

}  // namespace fourtuple::app
