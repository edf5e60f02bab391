// The packets that were dropped, one line each.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/views/rows.h"
#include "app/why/story.h"
#include "sim/replay/drop_causes.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

struct Row {
  replay::DropCause cause;
  std::string place, packet, ends, reason;
};

std::vector<Row> rows_of(const replay::Indexes& indexes, const SelectedPackets* selected) {
  const trace::Trace& trace = indexes.trace();
  const trace::Tables& tables = trace.tables();
  std::vector<Row> rows;
  for (const replay::DropCause& cause : replay::drop_causes(trace)) {
    if (selected != nullptr && !selected->matches(cause.packet)) continue;
    const trace::PacketDropped event = trace::unpack_packet_dropped(trace.at(cause.record));
    // As it looked when it was dropped: NAT may have changed it.
    const std::optional<Packet> packet = indexes.packets().packet_at(cause.packet, cause.record);
    Row row{cause, "", "", "", ""};
    row.place =
        event.network.valid() ? trace::network_name(tables, event.network) : trace::host_name(tables, cause.host);
    if (packet) {
      row.packet = trace::packet_text(*packet);
      row.ends = ends_text(tables, *packet);
    }
    row.reason = cause.reason == trace::DropReason::rule ? "by " + replay::rule_text(trace, cause)
                                                         : trace::drop_text(event, packet ? &*packet : nullptr);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string dropped_text(const replay::Indexes& indexes, const SelectedPackets* selected) {
  const std::vector<Row> rows = rows_of(indexes, selected);
  if (rows.empty())
    return selected == nullptr ? "no packet was dropped\n" : "no packet that the filter takes was dropped\n";
  Columns columns({Columns::Align::right, Columns::Align::right, Columns::Align::left, Columns::Align::left,
                   Columns::Align::left, Columns::Align::left});
  columns.add({"PACKET", "TIME", "WHERE", "WHAT", "FROM → TO", "WHY"});
  for (const Row& row : rows)
    columns.add({std::to_string(packet_number(indexes.trace(), row.cause.packet)),
                 trace::time_text(indexes.trace().at(row.cause.record)->at), row.place, row.packet, row.ends,
                 row.reason});
  return columns.text();
}

std::string dropped_json(const replay::Indexes& indexes, const SelectedPackets* selected) {
  Json json{{"dropped", Json::array()}};
  for (const Row& row : rows_of(indexes, selected))
    json["dropped"].push_back({{"packet", packet_number(indexes.trace(), row.cause.packet)},
                               {"time_ns", indexes.trace().at(row.cause.record)->at.ns},
                               {"where", row.place},
                               {"text", row.packet},
                               {"ends", row.ends},
                               {"reason", trace::name_of(row.cause.reason)},
                               {"words", row.reason}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fourtuple::app
