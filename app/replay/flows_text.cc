#include "app/replay/flows_text.h"

#include <fmt/format.h>

#include "app/text_table.h"
#include "capture/services.h"
#include "sim/wire/fields.h"

namespace fourtuple::app {
namespace {

using capture::Flow;

// How a TCP conversation began and ended, as far as seen.
std::string tcp_story(const Flow& flow) {
  const capture::TcpFlow& tcp = flow.tcp;
  const std::uint32_t resets = tcp.rst[0] + tcp.rst[1];
  std::string story;
  if (tcp.syn[0] + tcp.syn[1] + tcp.syn_ack[0] + tcp.syn_ack[1] == 0)
    story = "began before the capture";
  else if (tcp.handshake.ack != 0)
    story = "opened";
  else if (tcp.syn_ack[0] + tcp.syn_ack[1] != 0)
    story = "handshake not finished";
  else if (resets != 0)
    return "refused";
  else
    return tcp.syn[0] + tcp.syn[1] > 1 ? fmt::format("no answer to {} SYNs", tcp.syn[0] + tcp.syn[1]) : "no answer";
  if (resets != 0) return story + ", reset";
  if (tcp.fin[0] != 0 && tcp.fin[1] != 0) return story + ", closed";
  if (tcp.fin[0] + tcp.fin[1] != 0) return story + ", closed by one side";
  return story + ", still open";
}

std::string story_of(const Flow& flow, bool v6) {
  std::string story = flow.protocol == Protocol::tcp ? tcp_story(flow) : flow.packets[1] != 0 ? "answered" : "one way";
  if (flow.icmp_errors == 0) return story;
  const auto type = static_cast<std::uint8_t>(flow.last_icmp_error >> 8);
  return story + ", ICMP: " + icmp_text(v6, type, static_cast<std::uint8_t>(flow.last_icmp_error & 0xff));
}

std::string service_of(const Flow& flow) {
  std::string_view name = capture::service_name(flow.protocol, flow.b_port);
  if (name.empty()) name = capture::service_name(flow.protocol, flow.a_port);
  return name.empty() ? "" : fmt::format("{}?", name);
}

bool knows_processes(const FlowReport& report) {
  for (std::size_t i = 0; i < report.flows.size(); ++i) {
    const capture::FlowOwners owners = report.owners(i);
    if (owners[0].known() || owners[1].known()) return true;
  }
  return false;
}

std::string rtt_text(const Flow& flow) {
  return flow.tcp.initial_rtt_ns ? duration_text(*flow.tcp.initial_rtt_ns) : "";
}

// Segments sent again, of both directions.
std::string again_text(const Flow& flow, const FlowReport& report) {
  if (flow.protocol != Protocol::tcp) return "";
  std::uint32_t again = 0;
  for (const capture::TcpSent& sent : report.analysis.of(flow).sent())
    again += sent.count(capture::TcpMark::retransmission);
  return again == 0 ? "" : std::to_string(again);
}

std::vector<std::string> row_of(const Flow& flow, const FlowReport& report) {
  const AddressTable& addresses = report.addresses;
  return {flow.protocol == Protocol::tcp ? "TCP" : "UDP",
          capture::end_text(addresses[flow.a], flow.a_port),
          capture::end_text(addresses[flow.b], flow.b_port),
          fmt::format("> {}", flow.packets[0]),
          fmt::format("< {}", flow.packets[1]),
          fmt::format("> {}", bytes_text(flow.payload[0])),
          fmt::format("< {}", bytes_text(flow.payload[1])),
          fmt::format("{:.6f}", static_cast<double>(flow.start_ns - report.first_ns) / 1e9),
          duration_text(flow.end_ns - flow.start_ns),
          rtt_text(flow),
          again_text(flow, report),
          service_of(flow),
          story_of(flow, addresses[flow.a].family == Family::ipv6)};
}

}  // namespace

namespace {

// In the order of the conversations; none when no name is known.
std::vector<std::string> names_of(const FlowReport& report) {
  std::vector<std::string> names;
  bool any = false;
  for (std::size_t i = 0; report.names && i < report.flows.size(); ++i) {
    names.push_back(report.names(i));
    any = any || !names.back().empty();
  }
  return any ? names : std::vector<std::string>();
}

}  // namespace

std::string signs_text(const FlowReport& report) {
  bool by_listener = false, guessed = false, contested = false;
  for (std::size_t i = 0; i < report.flows.size(); ++i) {
    for (const capture::Attribution& owner : report.owners(i)) {
      by_listener |= owner.match == capture::OwnerMatch::listener;
      guessed |= owner.guessed();
      contested |= owner.contested;
    }
  }
  std::string text;
  if (by_listener) text += "; a process with ~ is the one that listens on the port";
  if (guessed) text += "; one with ? is guessed from the port alone";
  if (contested) text += "; with ! different ones are named";
  return text;
}

std::string flows_text(const FlowReport& report) {
  if (report.flows.empty()) return "no TCP or UDP conversations\n";
  const bool processes = knows_processes(report);
  std::vector<std::string> heads{"",      "from",     "to",        "packets",    "",        "payload",      "",
                                 "start", "duration", "first RTT", "sent again", "service", "what happened"};
  if (processes) {
    heads.insert(heads.begin() + 3, "process");
    heads.insert(heads.begin() + 2, "process");
  }
  const std::size_t shift = processes ? 2 : 0;
  const std::vector<std::string> names = names_of(report);
  if (!names.empty()) heads.emplace_back("name");
  TextTable table(heads);
  for (const std::size_t column : {3, 4, 5, 6, 7, 8, 9, 10}) table.align_right(column + shift);
  for (std::size_t i = 0; i < report.flows.size(); ++i) {
    std::vector<std::string> row = row_of(report.flows[i], report);
    if (processes) {
      const capture::FlowOwners owners = report.owners(i);
      row.insert(row.begin() + 3, owner_text(owners[1], report.processes));
      row.insert(row.begin() + 2, owner_text(owners[0], report.processes));
    }
    if (!names.empty()) row.push_back(names[i]);
    table.add(std::move(row));
  }
  return fmt::format("{} (> from the first sender, < to it; a service with ? is guessed from its port{})\n{}",
                     plural(report.flows.size(), "conversation"), signs_text(report), table.text());
}

}  // namespace fourtuple::app
