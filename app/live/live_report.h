// What a live capture has shown so far, by process and by conversation, as text and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/replay/flows_text.h"
#include "app/views/views.h"
#include "capture/live/live_flows.h"

namespace fourtuple::app {

// How the capture went.
struct LiveCounts {
  std::string interface, link;
  std::int64_t lasted_ns = 0;
  std::uint64_t packets = 0, dropped = 0;
  std::string ended;  // "Ctrl-C", "--seconds", "an error"; why it ended
  std::string error;  // which; "" none
  std::string file;   // where the packets were kept, "" nowhere
};

// "19:20:01.123456  TCP  127.0.0.1:50112 > 127.0.0.1:80  client[11] > web[9]~", then what it is about
std::string flow_line(capture::LiveFlows& flows, std::uint32_t flow);

// One line for each process, the busiest first, then one for the conversations of nobody known.
std::string processes_text(capture::LiveFlows& flows);
// "lo (Ethernet): 27 packets in 3.000 s, ended by --seconds"
std::string counts_text(const LiveCounts& counts);
// Counts, processes, conversations, notes.
std::string summary_text(capture::LiveFlows& flows, const LiveCounts& counts);
Json summary_json(capture::LiveFlows& flows, const LiveCounts& counts);

}  // namespace fourtuple::app
