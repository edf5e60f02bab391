// The ladder as data: hosts as columns, packets as slanted arrows in true time. Time is stretched where arrows would
// be too close to label, and folded where nothing happens. Heights are design pixels. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/panel/context.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {

struct LadderColumn {
  HostId host;
  std::string name;
  std::string detail;  // the process that takes part, or the address
  bool inferred = false;
};

struct LadderArrow {
  PacketId packet;
  std::uint64_t record = 0;      // its packet_sent
  std::size_t from = 0, to = 0;  // columns
  float y_from = 0, y_to = 0;
  Time departs, arrives;
  float lost_at = -1;      // 0 to 1 along the arrow where it was lost; negative: it arrived
  std::string reason;      // why it was lost, or which rule dropped it where it arrived
  bool again = false;      // a retransmission
  bool first_hop = false;  // the words stand beside this one
  CapsuleModel capsule;
  std::string words;    // "SYN ACK", "1:1449", "ACK 1"
  std::string rewrite;  // what the host it leaves changed in it: "to 192.168.1.20:80"
};

struct LadderFold {
  float y = 0, h = 0;
  std::string text;  // "168 ms idle"
};

struct LadderModel {
  std::vector<LadderColumn> columns;
  std::vector<LadderArrow> arrows;  // by departure
  std::vector<LadderFold> folds;
  struct Instant {
    Time at;
    float y = 0;
  };
  std::vector<Instant> instants;  // ascending in both
  float height = 0;
  std::size_t hidden_columns = 0;
  std::uint64_t filtered_out = 0;  // packets of the trace that the filter does not take
  bool observed_only = false;      // from a capture: far ends are inferred
  std::string note;                // when there is nothing to show

  // Height at which `time` lies, between the instants.
  float y_at(Time time) const;
};

constexpr float ladder_row = 27;         // least distance of two arrows of one direction between the same hosts
constexpr float ladder_fold = 28;        // height of a folded stretch
constexpr std::size_t ladder_span = 48;  // packets shown before and after the cursor

LadderModel build_ladder(const PanelContext& context);

// Relative sequence numbers as people write them: "SYN", "1:1449", "ACK 1449", "UDP 32 bytes".
std::string ladder_words(const PanelContext& context, PacketId id, const Packet& packet);

}  // namespace fourtuple::viz
