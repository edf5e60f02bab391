// A chain of causes as plain data: the effect first, then why it happened, then why that happened, back to something
// that needs no reason of its own: a call of a program, a rule of the file, a fault or a setting of the scenario.
//
// Every cause is told by a record of the trace, so it has a moment to go to. `inferred` says that no record proves it:
// in a capture everything about the far ends is inferred.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace fourtuple::replay {

enum class CauseTone : std::uint8_t { plain, failed, delivered, rewritten, again };

// What kind of end a chain has; `none` inside it.
enum class CauseRoot : std::uint8_t {
  none,
  call,     // a program asked for it
  rule,     // a rule or a policy of a ruleset
  fault,    // the scenario broke something at that moment
  setting,  // of a host, a network or a kernel
  unseen,   // nothing in the trace tells more: a capture's far end, or the start of the trace
};

struct Cause {
  std::string headline;      // "no socket of server fits port 3000", read after "because"
  std::string evidence;      // "7 locks tried, none opened. TCP answers with a RST"; may be empty
  std::uint64_t record = 0;  // position of the record that tells it
  Time at;
  HostId host;      // where; none: on a network
  PacketId packet;  // that it is about; none: no packet
  SocketId socket;  // that it is about; none: no socket
  CauseTone tone = CauseTone::plain;
  CauseRoot root = CauseRoot::none;
  bool inferred = false;
};

struct CauseChain {
  std::string title;                        // "Why was bob refused on port 3000?"
  std::string summary;                      // "firefox was told: Connection refused"; may be empty
  std::string error;                        // "ECONNREFUSED"; empty: no call failed
  std::vector<Cause> causes;                // [0] is the effect; empty: nothing to explain
  std::vector<std::string> not_the_reason;  // what the records rule out: "a rule", "NAT"
  std::string book, linux_does;             // a note where Linux differs from textbooks; empty: none
};

}  // namespace fourtuple::replay
