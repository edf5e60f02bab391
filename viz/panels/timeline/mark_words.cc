#include "viz/panels/timeline/mark_words.h"

#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

// "SYN 39380→22", "UDP 5353→53".
std::string packet_in_short(const PanelContext& context, PacketId id, std::uint64_t record) {
  const std::optional<Packet> packet = context.indexes.packets().packet_at(id, record);
  if (!packet) return "a packet";
  const std::string flags = flag_words(*packet);
  return (flags.empty() ? std::string(trace::protocol_name(packet->protocol)) : flags) + " " + capsule_text(*packet);
}

}  // namespace

std::string mark_words(const PanelContext& context, replay::Mark mark, std::uint64_t record) {
  const trace::Slot* slot = context.trace.at(record);
  const trace::Tables& tables = context.trace.tables();
  const std::string packet = packet_in_short(context, PacketId{slot->subject}, record);
  const std::string_view host = trace::host_name(tables, slot->host_id());
  if (mark == replay::Mark::drop) {
    const trace::PacketDropped drop = trace::unpack_packet_dropped(slot);
    if (host.empty()) return fmt::format("{} lost {}", trace::network_name(tables, drop.network), packet);
    return fmt::format("{} dropped {}", host, packet);
  }
  if (mark == replay::Mark::retransmission) return fmt::format("{} sent {} again", host, packet);
  return fmt::format("{} sent {}", host, packet);
}

std::string mark_detail(const PanelContext& context, const LaneMark& mark) {
  const trace::Slot* slot = context.trace.at(mark.record);
  std::string words = short_time(slot->at) + " s";
  if (slot->kind == trace::Kind::packet_dropped) words = fmt::format("{}, {}", drop_words(context, mark.record), words);
  if (mark.count > 1) words += fmt::format(", the first of {} here", grouped(mark.count));
  return words;
}

}  // namespace fourtuple::viz
