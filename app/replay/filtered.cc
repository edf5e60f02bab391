#include "app/replay/filtered.h"

#include <algorithm>

#include "app/filter/bpf.h"
#include "app/filter/select.h"
#include "capture/flow_json.h"
#include "capture/names/names_json.h"
#include "sim/trace/codec.h"

namespace fourtuple::app {
namespace {

// By packet id; 0 for frames that are no packets of the trace.
std::vector<std::uint32_t> payload_lengths(const capture::ImportedCapture& capture) {
  const trace::Trace& trace = capture.trace;
  std::vector<std::uint32_t> lengths(capture.frames.size());
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const trace::Slot* record = trace.at(at);
    if (record->kind == trace::Kind::packet_created && record->subject < lengths.size())
      lengths[record->subject] = trace::unpack_packet_created(record).packet.payload_length;
  }
  return lengths;
}

void count(capture::Flow& flow, const capture::FrameInfo& frame, std::uint32_t payload) {
  const bool first = flow.packets[0] + flow.packets[1] == 0;
  ++flow.packets[frame.direction];
  flow.bytes[frame.direction] += frame.original;
  flow.payload[frame.direction] += payload;
  flow.start_ns = first ? frame.time_ns : std::min(flow.start_ns, frame.time_ns);
  flow.end_ns = first ? frame.time_ns : std::max(flow.end_ns, frame.time_ns);
}

}  // namespace

Outcome<FilteredCapture> filter_capture(const capture::ImportedCapture& capture, const std::string& filter) {
  const std::shared_ptr<const capture::ImportedCapture> borrowed(std::shared_ptr<const void>(), &capture);
  const auto selected = SelectedPackets::select(capture.trace, bpf_for_capture(borrowed), filter);
  if (!selected) return tl::unexpected<Error>(selected.error());
  FilteredCapture filtered;
  filtered.packets = (*selected)->count();
  filtered.of = (*selected)->of();
  filtered.frames.resize(capture.frames.size());
  const std::vector<std::uint32_t> payload = payload_lengths(capture);
  const auto& all = capture.flows.flows();
  constexpr std::uint32_t absent = 0xffffffffu;
  std::vector<std::uint32_t> place(all.size(), absent);
  for (std::uint32_t i = 0; i < capture.frames.size(); ++i) {
    filtered.frames[i] = (*selected)->matches({i});
    const capture::FrameInfo& frame = capture.frames[i];
    if (!filtered.frames[i] || frame.flow >= all.size()) continue;
    if (place[frame.flow] == absent) {
      place[frame.flow] = static_cast<std::uint32_t>(filtered.flows.size());
      filtered.flows.push_back(all[frame.flow]);
      filtered.indexes.push_back(frame.flow);
      filtered.flows.back().packets = filtered.flows.back().bytes = filtered.flows.back().payload = {};
      filtered.owners.push_back(frame.flow < capture.flow_owners.size() ? capture.flow_owners[frame.flow]
                                                                        : capture::FlowOwners{});
    }
    if (frame.kind == capture::FrameKind::conversation) count(filtered.flows[place[frame.flow]], frame, payload[i]);
  }
  return filtered;
}

std::string filtered_json(const FilteredCapture& filtered, const capture::ImportedCapture& capture,
                          const std::string& filter) {
  nlohmann::ordered_json json{{"filter", filter},
                              {"packets", filtered.packets},
                              {"of", filtered.of},
                              {"conversations", nlohmann::ordered_json::array()}};
  const AddressTable& addresses = capture.trace.tables().addresses;
  for (std::size_t i = 0; i < filtered.flows.size(); ++i) {
    nlohmann::ordered_json& out = json["conversations"].emplace_back(to_json(
        filtered.flows[i], filtered.owners[i], capture::FlowContext{addresses, capture.owners, capture.analysis}));
    add_names(capture.names, filtered.indexes[i], filtered.flows[i], addresses, out);
  }
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace fourtuple::app
