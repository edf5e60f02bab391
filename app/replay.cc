// `fourtuple replay`: reads a capture file and tells what is in it.
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/through/through.h"
#include "capture/flow_json.h"
#include "capture/importer.h"
#include "capture/services.h"
#include "sim/trace/file.h"
#include "sim/wire/fields.h"

namespace fourtuple::app {
namespace {

using capture::Flow;
using capture::FrameInfo;
using capture::FrameKind;
using capture::ImportedCapture;

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", (bytes + 500) / 1'000);
  return fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
}

// "12.3 ms"
std::string duration_text(std::int64_t ns) {
  const double value = static_cast<double>(ns);
  if (ns < 1'000'000) return fmt::format("{:.0f} us", value / 1e3);
  if (ns < 1'000'000'000) return fmt::format("{:.1f} ms", value / 1e6);
  return fmt::format("{:.3f} s", value / 1e9);
}

// Columns as wide as their widest cell; numbers to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) : right_(heads.size()) { rows_.push_back(std::move(heads)); }
  void align_right(std::size_t column) { right_[column] = true; }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  void print() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

void Table::print() const {
  std::vector<std::size_t> widths(right_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows_) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += right_[i] ? fmt::format(" {:>{}} ", row[i], widths[i]) : fmt::format(" {:<{}} ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

std::string endpoint(const AddressTable& addresses, AddressId id, std::uint16_t port) {
  const IpAddress& address = addresses[id];
  if (address.family == Family::ipv6) return fmt::format("[{}]:{}", address.to_string(), port);
  return fmt::format("{}:{}", address.to_string(), port);
}

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

void print_summary(const ImportedCapture& capture) {
  const capture::CaptureReport& r = capture.report;
  std::string links;
  for (const capture::CaptureInterface& interface : capture.interfaces) {
    const std::string link = name_of(interface.link);
    if (links.find(link) == std::string::npos) links += (links.empty() ? "" : ", ") + link;
  }
  const std::string file = capture.trace.tables().file_name;
  fmt::print("{}: {}{}{}\n", file, capture.format, links.empty() ? "" : ", ", links);
  if (r.packets == 0) {
    fmt::print("  no packets\n");
    return;
  }
  fmt::print("  {} over {}, {} on the wire\n", plural(r.packets, "packet"),
             duration_text(r.max_time_ns - r.min_time_ns), bytes_text(r.bytes_wire));
}

void print_flows(const ImportedCapture& capture) {
  const AddressTable& addresses = capture.trace.tables().addresses;
  Table table({"", "from", "to", "packets", "", "payload", "", "start", "duration", "service", "what happened"});
  for (const std::size_t column : {3, 4, 5, 6, 7, 8}) table.align_right(column);
  for (const Flow& flow : capture.flows.flows()) {
    const bool tcp = flow.protocol == Protocol::tcp;
    table.add({tcp ? "TCP" : "UDP", endpoint(addresses, flow.a, flow.a_port), endpoint(addresses, flow.b, flow.b_port),
               fmt::format("> {}", flow.packets[0]), fmt::format("< {}", flow.packets[1]),
               fmt::format("> {}", bytes_text(flow.payload[0])), fmt::format("< {}", bytes_text(flow.payload[1])),
               fmt::format("{:.6f}", static_cast<double>(flow.start_ns - capture.report.first_time_ns) / 1e9),
               duration_text(flow.end_ns - flow.start_ns), service_of(flow),
               story_of(flow, addresses[flow.a].family == Family::ipv6)});
  }
  if (table.empty()) {
    fmt::print("no TCP or UDP conversations\n");
    return;
  }
  fmt::print("{} (> from the first sender, < to it; a service with ? is guessed from its port)\n",
             plural(capture.flows.flows().size(), "conversation"));
  table.print();
}

void print_coverage(const ImportedCapture& capture) {
  fmt::print("coverage\n");
  for (std::size_t kind = 0; kind < capture::frame_kinds; ++kind) {
    const std::uint64_t count = capture.report.by_kind[kind];
    if (count != 0 || kind == 0) fmt::print("  {:>8}  {}\n", count, words_of(static_cast<FrameKind>(kind)));
  }
  for (const std::string& note : capture.trace.tables().notes) fmt::print("note: {}\n", note);
}

// The columns of one packet that its record can tell.
std::string packet_words(const Packet& packet, bool v6) {
  switch (packet.protocol) {
    case Protocol::tcp:
      return fmt::format("TCP {} > {}  {}  seq {} ack {} win {} len {}", packet.source_port, packet.destination_port,
                         tcp_flags_text(packet.flags), packet.seq.raw, packet.ack.raw, packet.window,
                         packet.payload_length);
    case Protocol::udp:
      return fmt::format("UDP {} > {}  len {}", packet.source_port, packet.destination_port, packet.payload_length);
    case Protocol::icmp:
    case Protocol::icmpv6:
      return fmt::format("{} {}", v6 ? "ICMPv6" : "ICMP", icmp_text(v6, packet.icmp_type(), packet.icmp_code()));
    case Protocol::none:
      return "IP";
  }
  return "IP";
}

void print_packets(const ImportedCapture& capture) {
  const AddressTable& addresses = capture.trace.tables().addresses;
  const trace::Trace& trace = capture.trace;
  std::vector<std::uint64_t> records(capture.frames.size(), 0);
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at))
    if (trace.at(at)->kind == trace::Kind::packet_created) records[trace.at(at)->subject] = at + 1;
  Table table({"no.", "time", "from", "to", "bytes", "what"});
  table.align_right(0);
  table.align_right(1);
  table.align_right(4);
  for (std::size_t i = 0; i < capture.frames.size(); ++i) {
    const FrameInfo& frame = capture.frames[i];
    std::string from, to, words(frame.kind == FrameKind::arp ? "ARP" : words_of(frame.kind));
    if (records[i] != 0) {
      const Packet packet = trace::unpack_packet_created(trace.at(records[i] - 1)).packet;
      const IpAddress& source = addresses[packet.source];
      from = source.to_string();
      to = addresses[packet.destination].to_string();
      const bool readable = frame.kind != FrameKind::later_fragment && frame.kind != FrameKind::cut;
      if (readable && packet.protocol != Protocol::none) words = packet_words(packet, source.family == Family::ipv6);
    }
    table.add({std::to_string(i + 1),
               fmt::format("{:.6f}", static_cast<double>(frame.time_ns - capture.report.first_time_ns) / 1e9), from, to,
               std::to_string(frame.original), words});
  }
  table.print();
}

int replay_through(const ImportedCapture& capture, const ReplayOptions& options) {
  const auto through = send_through(capture, options.through);
  if (!through) {
    fmt::print(stderr, "{}\n", through.error().to_string());
    return exit_bad_input;
  }
  for (const std::string& warning : (*through)->warnings) fmt::print(stderr, "{}\n", warning);
  fmt::print("{}", options.json ? through_json(**through) : through_text(**through, options.packets));
  if (options.trace_file.empty()) return exit_ok;
  const auto saved = trace::save((*through)->trace, options.trace_file);
  if (saved) return exit_ok;
  fmt::print(stderr, "{}\n", saved.error().to_string());
  return exit_bad_input;
}

}  // namespace

int replay(const ReplayOptions& options) {
  const auto capture = capture::import_capture(options.file);
  if (!capture) {
    fmt::print(stderr, "{}\n", capture.error().to_string());
    return exit_bad_input;
  }
  if (!options.through.ruleset.empty()) return replay_through(*capture, options);
  const capture::ReadEnd& end = capture->report.end;
  if (options.json) {
    fmt::print("{}\n", to_json(*capture).dump(1));
  } else if (options.packets || options.flows) {
    if (options.flows) print_flows(*capture);
    if (options.packets) print_packets(*capture);
  } else {
    print_summary(*capture);
    print_flows(*capture);
    print_coverage(*capture);
  }
  if (end.clean()) return exit_ok;
  // What came before the damage has been shown; the file is still bad input.
  fmt::print(stderr, "{}: error: {} (at byte {}, after {})\n", options.file, end.message, end.offset,
             plural(capture->report.packets, "packet"));
  return exit_bad_input;
}

}  // namespace fourtuple::app
