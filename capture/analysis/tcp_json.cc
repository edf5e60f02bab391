#include "capture/analysis/tcp_json.h"

#include <fmt/format.h>

#include "capture/analysis/tcp_measures.h"

namespace fourtuple::capture {
namespace {

using Json = nlohmann::ordered_json;

// A value of each direction.
template <class Of>
Json both(Of of) {
  return Json::array({Json(of(0)), Json(of(1))});
}

Json round_trips(const RoundTrips& rtt) {
  if (rtt.count == 0) return nullptr;
  return {{"samples", rtt.count},
          {"min", seconds_text(rtt.least_ns)},
          {"mean", seconds_text(rtt.sum_ns / rtt.count)},
          {"max", seconds_text(rtt.most_ns)}};
}

Json window(const TcpSent& sent) {
  if (sent.least_window > sent.most_window) return nullptr;
  return {{"min", sent.least_window}, {"max", sent.most_window}};
}

}  // namespace

std::string seconds_text(std::int64_t ns) {
  const bool negative = ns < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  return fmt::format("{}{}.{:09}", negative ? "-" : "", magnitude / 1'000'000'000, magnitude % 1'000'000'000);
}

Json flags_json(const TcpConversation& conversation) {
  Json out = Json::object();
  out.get_ref<Json::object_t&>().reserve(tcp_mark_count);
  for (std::size_t i = 0; i < tcp_mark_count; ++i) {
    const auto mark = static_cast<TcpMark>(i);
    out[std::string(name_of(mark))] = both([&](std::size_t way) { return conversation.sent()[way].count(mark); });
  }
  return out;
}

void add_measures(const Flow& flow, const TcpConversation& conversation, Json& out) {
  const PerDirection<TcpSent>& sent = conversation.sent();
  out["rtt"] = both([&](std::size_t way) { return round_trips(sent[way].rtt); });
  out["bytes_in_flight_max"] = both([&](std::size_t way) { return sent[way].most_in_flight; });
  out["window"] = both([&](std::size_t way) { return window(sent[way]); });
  out["throughput_bps"] = both([&](std::size_t way) { return bits_per_second(flow.payload[way], sent[way]); });
  out["goodput_bps"] =
      both([&](std::size_t way) { return bits_per_second(new_payload(flow, conversation, way), sent[way]); });
  out["retransmission_share"] = both([&](std::size_t way) { return retransmission_share(sent[way]); });
  const TcpEnding& ending = conversation.ending();
  const bool ended = ending.with != TcpEnding::With::nothing;
  out["closed_by"] = ended ? Json(ending.direction == 0 ? "a" : "b") : Json(nullptr);
  out["closed_with"] = ended ? Json(ending.with == TcpEnding::With::fin ? "fin" : "rst") : Json(nullptr);
}

}  // namespace fourtuple::capture
