// `fourtuple replay CAPTURE --nft RULESET` and the same of `view`: sends a capture's packets through a simulated router
// with that ruleset.
//
// The router has two interfaces, one towards the inside addresses and one towards all others. Each packet enters on its
// sender's side at its own time. An answer to a flow that the ruleset's NAT has changed is sent to the address the
// router showed, as its sender would have done. Packets between two addresses of one side never meet the router.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "capture/importer.h"
#include "sim/base/outcome.h"
#include "sim/trace/trace.h"

namespace fourtuple::app {

// What became of one frame of the capture.
struct ThroughPacket {
  enum class Fate : std::uint8_t { passed, delivered, dropped, not_routed };
  std::uint32_t frame = 0;  // from 1
  PacketId packet;          // in Through::trace; none when it never met the router
  Fate fate = Fate::not_routed;
};

struct Through {
  trace::Trace trace{trace::Level::expressions};
  std::vector<ThroughPacket> packets;
  std::string inside_name, outside_name;
  std::vector<std::string> warnings;  // of the ruleset
};

// What is made different at an instant, in words (sim/world/what_if/change.h): of the host "router" or of the networks
// "inside" and "outside". Packets of the capture from then on meet it.
struct ThroughChange {
  Time at{0};
  std::vector<std::string> changes;
};

struct ThroughFork {
  std::vector<ThroughChange> changes;    // ascending by time
  std::function<bool(Time)> go_on = {};  // told how far it has come; false ends it with the error "stopped"
};

// A fault of the ruleset names its line and column; so is the first change that cannot be made an error.
Outcome<std::unique_ptr<Through>> send_through(const capture::ImportedCapture& capture, const ThroughOptions& options,
                                               const ThroughFork& fork = {});

// The report of `replay --nft`: a summary with the rules' counts; with `packets` a line for each frame.
std::string through_text(const Through& through, bool packets);
std::string through_json(const Through& through);

}  // namespace fourtuple::app
