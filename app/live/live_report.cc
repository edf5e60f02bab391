#include "app/live/live_report.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

#include "app/live/socket_table.h"
#include "app/text_table.h"
#include "app/views/rows.h"
#include "capture/flow_json.h"
#include "capture/names/conversation_names.h"
#include "capture/names/names_json.h"

namespace fourtuple::app {
namespace {

using capture::Flow;

constexpr std::uint32_t nobody = capture::Attribution::nobody;

// What one process sent and received.
struct Share {
  std::uint32_t process = nobody;
  std::uint64_t conversations = 0, sent = 0, received = 0, bytes_sent = 0, bytes_received = 0;
};

void count(Share& share, const Flow& flow, std::size_t end) {
  ++share.conversations;
  share.sent += flow.packets[end];
  share.received += flow.packets[1 - end];
  share.bytes_sent += flow.bytes[end];
  share.bytes_received += flow.bytes[1 - end];
}

// By process, the busiest first; the last one is of ends of this machine without a known process.
std::vector<Share> shares_of(capture::LiveFlows& flows) {
  std::vector<Share> shares(flows.processes().process_count() + 1);
  for (std::uint32_t i = 0; i + 1 < shares.size(); ++i) shares[i].process = i;
  for (std::uint32_t i = 0; i < flows.flows().size(); ++i) {
    const Flow& flow = flows.flows()[i];
    const capture::PerDirection<AddressId> ends{flow.a, flow.b};
    for (std::size_t end = 0; end < 2; ++end) {
      if (!flows.own(ends[end])) continue;
      const capture::Attribution& owner = flows.owners(i)[end];
      count(owner.known() ? shares[owner.process] : shares.back(), flow, end);
    }
  }
  const Share unknown = shares.back();
  shares.pop_back();
  std::erase_if(shares, [](const Share& share) { return share.conversations == 0; });
  std::stable_sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) {
    return a.bytes_sent + a.bytes_received > b.bytes_sent + b.bytes_received;
  });
  if (unknown.conversations != 0) shares.push_back(unknown);
  return shares;
}

// What the conversation is about, as far as its packets said; else "".
std::string words_about(capture::LiveFlows& flows, std::uint32_t number) {
  return conversation_words(flows.names(), number, flows.flows()[number], flows.addresses());
}

FlowReport report_of(capture::LiveFlows& flows) {
  return {flows.flows(),
          flows.addresses(),
          flows.report().first_time_ns,
          [&flows](std::size_t flow) { return flows.owners(static_cast<std::uint32_t>(flow)); },
          flows.processes(),
          flows.analysis(),
          [&flows](std::size_t flow) { return words_about(flows, static_cast<std::uint32_t>(flow)); }};
}

std::vector<std::string> notes_of(capture::LiveFlows& flows, const LiveCounts& counts) {
  std::vector<std::string> notes;
  if (counts.dropped != 0)
    notes.push_back(fmt::format("the kernel had no room for {}", plural(counts.dropped, "packet")));
  if (const std::size_t unknown = flows.unknown(); unknown != 0)
    notes.push_back(
        fmt::format("{} of this machine without a process: over before they were looked for, or not "
                    "ours to see",
                    plural(unknown, "conversation")));
  const std::uint64_t refused = flows.report().count(capture::FrameKind::too_many_conversations);
  if (refused != 0)
    notes.push_back(fmt::format("{} beyond the limit of {} conversations: left out", plural(refused, "packet"),
                                capture::FlowTable::max_flows));
  const std::vector<std::string> machine = flows.machine().notes();
  notes.insert(notes.end(), machine.begin(), machine.end());
  if (!counts.file.empty()) notes.push_back(fmt::format("the packets are in {}", counts.file));
  return notes;
}

std::string clock_text(std::int64_t time_ns) {
  const std::time_t seconds = time_ns / 1'000'000'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}.{:06}", local.tm_hour, local.tm_min, local.tm_sec, time_ns / 1000 % 1'000'000);
}

}  // namespace

std::string flow_line(capture::LiveFlows& flows, std::uint32_t number) {
  const Flow& flow = flows.flows()[number];
  const AddressTable& addresses = flows.addresses();
  const auto name = [&](std::size_t end, AddressId address) {
    const std::string text = owner_text(flows.owners(number)[end], flows.processes());
    return !text.empty() ? text : flows.own(address) ? std::string("unknown") : std::string("elsewhere");
  };
  const std::string about = words_about(flows, number);
  return fmt::format("{}  {}  {} > {}  {} > {}{}\n", clock_text(flow.start_ns),
                     flow.protocol == Protocol::tcp ? "TCP" : "UDP", capture::end_text(addresses[flow.a], flow.a_port),
                     capture::end_text(addresses[flow.b], flow.b_port), name(0, flow.a), name(1, flow.b),
                     about.empty() ? "" : "  " + about);
}

std::string processes_text(capture::LiveFlows& flows) {
  TextTable table({"process", "pid", "conversations", "sent", "", "received", ""});
  for (std::size_t column = 1; column < 7; ++column) table.align_right(column);
  for (const Share& share : shares_of(flows)) {
    const bool known = share.process != nobody;
    const capture::OwnerProcess process = known ? flows.processes().process(share.process) : capture::OwnerProcess{};
    table.add({known ? printable(process.name) : "unknown", known ? std::to_string(process.pid) : "",
               std::to_string(share.conversations), std::to_string(share.sent), bytes_text(share.bytes_sent),
               std::to_string(share.received), bytes_text(share.bytes_received)});
  }
  return table.empty() ? "" : table.text();
}

std::string counts_text(const LiveCounts& counts) {
  return fmt::format("{} ({}): {} in {}{}{}\n", counts.interface, counts.link, plural(counts.packets, "packet"),
                     duration_text(counts.lasted_ns),
                     counts.dropped == 0 ? "" : fmt::format(", {} lost", counts.dropped),
                     counts.ended.empty() ? "" : ", ended by " + counts.ended);
}

std::string summary_text(capture::LiveFlows& flows, const LiveCounts& counts) {
  std::string text = counts_text(counts) + processes_text(flows) + flows_text(report_of(flows));
  for (const std::string& note : notes_of(flows, counts)) text += "note: " + note + "\n";
  return text;
}

Json summary_json(capture::LiveFlows& flows, const LiveCounts& counts) {
  Json json{{"schema", 1},
            {"interface", counts.interface},
            {"link", counts.link},
            {"seconds", static_cast<double>(counts.lasted_ns) / 1e9},
            {"packets", counts.packets},
            {"dropped", counts.dropped},
            {"ended", counts.ended},
            {"error", counts.error.empty() ? Json() : Json(counts.error)},
            {"processes", Json::array()},
            {"conversations", Json::array()}};
  for (const Share& share : shares_of(flows)) {
    Json row{{"name", nullptr}, {"pid", nullptr}};
    if (share.process != nobody)
      row = {{"name", flows.processes().process(share.process).name},
             {"pid", flows.processes().process(share.process).pid}};
    row["conversations"] = share.conversations;
    row["packets"] = {share.sent, share.received};
    row["bytes"] = {share.bytes_sent, share.bytes_received};
    json["processes"].push_back(row);
  }
  for (std::uint32_t i = 0; i < flows.flows().size(); ++i) {
    const Flow& flow = flows.flows()[i];
    json["conversations"].push_back(
        to_json(flow, flows.owners(i), {flows.addresses(), flows.processes(), flows.analysis()}));
    add_names(flows.names(), i, flow, flows.addresses(), json["conversations"].back());
  }
  json["hosts"] = hosts_json(flows.names());
  json["sockets"] = sockets_json(flows.machine(), false);
  json["notes"] = notes_of(flows, counts);
  return json;
}

}  // namespace fourtuple::app
