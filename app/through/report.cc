// What `replay --nft` prints.
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

#include "app/rule_text.h"
#include "app/through/through.h"
#include "app/views/rows.h"
#include "app/why/story.h"
#include "sim/replay/drop_causes.h"
#include "sim/replay/indexes.h"
#include "sim/replay/listing.h"
#include "sim/replay/net_state.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using Fate = ThroughPacket::Fate;

constexpr std::string_view fate_names[] = {"passed", "delivered", "dropped", "not-routed"};

struct Line {
  const ThroughPacket* packet;
  std::string what, ends, changed, why;
};

// What was said of each packet, by its id in the run.
class Lines {
 public:
  explicit Lines(const Through& through) : through_(through), indexes_(through.trace) {
    indexes_.refresh();
    for (const replay::DropCause& cause : replay::drop_causes(through.trace)) causes_[cause.packet] = cause;
  }

  Line line(const ThroughPacket& packet) const {
    Line line{&packet, "", "", "", ""};
    if (!packet.packet.valid()) {
      line.why = "both ends are on one side of the router, or it is not for one host";
      return line;
    }
    const replay::PacketIndex& index = indexes_.packets();
    const Packet sent = *index.packet(packet.packet);
    const Packet last = *index.packet_at(packet.packet, replay::PacketIndex::none);
    line.what = trace::packet_text(sent);
    line.ends = ends_text(through_.trace.tables(), sent);
    const std::string now = ends_text(through_.trace.tables(), last);
    if (now != line.ends) line.changed = now;
    if (packet.fate == Fate::dropped) line.why = why(packet.packet, sent);
    return line;
  }
  std::map<std::string, std::uint64_t> reasons() const {
    std::map<std::string, std::uint64_t> counts;
    for (const ThroughPacket& packet : through_.packets)
      if (packet.fate == Fate::dropped) ++counts[line(packet).why];
    return counts;
  }

 private:
  std::string why(PacketId packet, const Packet& sent) const {
    const auto cause = causes_.find(packet);
    if (cause == causes_.end()) return "it waits in the router";
    if (cause->second.reason == trace::DropReason::rule)
      return "by " + replay::rule_text(through_.trace, cause->second);
    return trace::drop_text(trace::unpack_packet_dropped(through_.trace.at(cause->second.record)), &sent);
  }

  const Through& through_;
  replay::Indexes indexes_;
  std::map<PacketId, replay::DropCause> causes_;
};

std::uint64_t count(const Through& through, Fate fate) {
  std::uint64_t n = 0;
  for (const ThroughPacket& packet : through.packets) n += packet.fate == fate ? 1 : 0;
  return n;
}

std::string listing(const Through& through) {
  const replay::NetState end = replay::fold(through.trace, through.trace.published());
  for (const std::uint32_t ruleset : end.state.rulesets)
    if (ruleset < through.trace.tables().rulesets.size())
      return replay::listing_text(through.trace.tables().rulesets[ruleset], end.state, through.trace.end_time(),
                                  nft_listing(through.trace.tables()));
  return "";
}

}  // namespace

std::string through_text(const Through& through, bool packets) {
  const Lines lines(through);
  if (packets) {
    Columns columns({Columns::Align::right, Columns::Align::left, Columns::Align::left, Columns::Align::left,
                     Columns::Align::left, Columns::Align::left});
    columns.add({"FRAME", "FATE", "WHAT", "FROM → TO", "LEFT AS", "WHY"});
    for (const ThroughPacket& packet : through.packets) {
      const Line line = lines.line(packet);
      columns.add({std::to_string(packet.frame), std::string(fate_names[static_cast<std::size_t>(packet.fate)]),
                   line.what, line.ends, line.changed, line.why});
    }
    return columns.text();
  }
  std::string text = fmt::format("router: inside is {}, outside is {}\n", through.inside_name, through.outside_name);
  for (std::size_t fate = 0; fate < std::size(fate_names); ++fate)
    text += fmt::format("  {:<11} {}\n", fate_names[fate], count(through, static_cast<Fate>(fate)));
  const auto reasons = lines.reasons();
  if (!reasons.empty()) text += "dropped\n";
  for (const auto& [reason, n] : reasons) text += fmt::format("  {:>6}  {}\n", n, reason);
  return text + "rules afterwards\n" + listing(through);
}

std::string through_json(const Through& through) {
  const Lines lines(through);
  Json json{{"inside", through.inside_name}, {"outside", through.outside_name}, {"packets", Json::array()}};
  for (const ThroughPacket& packet : through.packets) {
    const Line line = lines.line(packet);
    Json one{{"frame", packet.frame}, {"fate", fate_names[static_cast<std::size_t>(packet.fate)]}};
    if (!line.ends.empty()) one["ends"] = line.ends;
    if (!line.changed.empty()) one["left_as"] = line.changed;
    if (!line.why.empty()) one["why"] = line.why;
    json["packets"].push_back(std::move(one));
  }
  json["ruleset"] = listing(through);
  return json.dump(1) + "\n";
}

}  // namespace fourtuple::app
