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
  bool rewrites = false;          // its host changed addresses or ports of a packet shown: NAT
  bool beside_same_host = false;  // another process of the host to its left
};

constexpr std::size_t no_arrow = ~std::size_t{0};

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
  std::string words;              // "SYN ACK", "1:1449", "ACK 1"
  std::string rewrite;            // what the host it leaves changed in it: "to 192.168.1.20:80"
  std::size_t before = no_arrow;  // the arrow by which it came to where this one leaves

  bool stub() const { return from == to; }  // dropped by its own sender: it never left
};

struct LadderFold {
  float y = 0, h = 0;
  std::string text;  // "168 ms idle"
};

struct LadderModel {
  std::vector<LadderColumn> columns;
  std::vector<LadderArrow> arrows;  // by departure, then stubs
  std::vector<LadderFold> folds;
  struct Instant {
    Time at;
    float y = 0;
  };
  std::vector<Instant> instants;  // ascending in both
  float height = 0;
  std::size_t hidden_columns = 0;  // hosts without a column: too many take part
  std::size_t left_out = 0;        // packets of a chosen stretch beyond those shown
  std::uint64_t filtered_out = 0;  // packets of the trace that the filter does not take
  bool observed_only = false;      // from a capture: far ends are inferred
  std::string note;                // when there is nothing to show

  // Height at which `time` lies, between the instants.
  float y_at(Time time) const;
};

constexpr float ladder_row = 27;           // least distance of two arrows of one direction between the same hosts
constexpr float ladder_fold = 28;          // height of a folded stretch
constexpr std::size_t ladder_span = 48;    // packets shown before and after the cursor
constexpr std::size_t ladder_most = 2000;  // of a chosen stretch of time

// The packets around the cursor, of the selected conversation when there is one.
LadderModel build_ladder(const PanelContext& context);
// Those created in [from, to], wherever the cursor is; at most ladder_most.
LadderModel build_ladder(const PanelContext& context, Time from, Time to);

// Relative sequence numbers as people write them: "SYN", "1:1449", "ACK 1449", "UDP 32 bytes".
std::string ladder_words(const PanelContext& context, PacketId id, const Packet& packet);

}  // namespace fourtuple::viz
