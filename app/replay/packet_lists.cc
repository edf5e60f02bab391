#include "app/replay/packet_lists.h"

#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/text_table.h"
#include "capture/analysis/tcp_json.h"
#include "sim/wire/fields.h"

namespace fourtuple::app {
namespace {

using capture::FrameInfo;
using capture::FrameKind;
using capture::ImportedCapture;
using Json = nlohmann::ordered_json;

// Calls take(frame index, frame, packet) for each frame; the packet is null when the frame has none that can be read.
template <class Take>
void each_frame(const ImportedCapture& capture, Take take) {
  const trace::Trace& trace = capture.trace;
  std::uint64_t at = trace.first();
  const auto find = [&](std::uint32_t id, Packet& packet) {
    for (; at < trace.published(); at = trace.next(at)) {
      const trace::Slot* slot = trace.at(at);
      if (slot->kind != trace::Kind::packet_created) continue;
      if (slot->subject != id) return false;
      packet = trace::unpack_packet_created(slot).packet;
      return true;
    }
    return false;
  };
  for (std::uint32_t i = 0; i < capture.frames.size(); ++i) {
    Packet packet;
    const bool has = find(i, packet);
    if (has) at = trace.next(at);
    take(i, capture.frames[i], has ? &packet : nullptr);
  }
}

bool is_readable(const FrameInfo& frame) {
  return frame.kind != FrameKind::later_fragment && frame.kind != FrameKind::cut;
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

// " [retransmission, out-of-order]"
std::string marks_text(capture::TcpMarks marks) {
  std::string text;
  marks.each([&](capture::TcpMark mark) {
    const bool told =
        mark == capture::TcpMark::retransmission &&
        (marks.has(capture::TcpMark::fast_retransmission) || marks.has(capture::TcpMark::spurious_retransmission));
    if (!told) text += fmt::format("{}{}", text.empty() ? " [" : ", ", words_of(mark));
  });
  return text.empty() ? text : text + "]";
}

Json marks_json(capture::TcpMarks marks) {
  Json names = Json::array();
  marks.each([&](capture::TcpMark mark) { names.push_back(name_of(mark)); });
  return names;
}

void add_packet(const Packet& packet, const ImportedCapture& capture, Json& out) {
  const AddressTable& addresses = capture.trace.tables().addresses;
  out["source"] = addresses[packet.source].to_string();
  out["destination"] = addresses[packet.destination].to_string();
  if (const auto name = capture.names.best(addresses[packet.source])) out["source_name"] = name->text;
  if (const auto name = capture.names.best(addresses[packet.destination])) out["destination_name"] = name->text;
  out["ttl"] = packet.ttl;
}

void add_transport(const FrameInfo& frame, const Packet& packet, Json& out) {
  out["source_port"] = packet.source_port;
  out["destination_port"] = packet.destination_port;
  out["payload"] = packet.payload_length;
  if (packet.protocol != Protocol::tcp) return;
  out["tcp_flags"] = tcp_flags_text(packet.flags);
  out["seq"] = packet.seq.raw;
  out["ack"] = packet.ack.raw;
  out["window"] = packet.window;
  if (frame.marks.any()) out["analysis"] = marks_json(frame.marks);
  if (frame.in_flight != 0) out["bytes_in_flight"] = frame.in_flight;
  if (frame.rtt_us != FrameInfo::no_rtt) out["ack_rtt"] = capture::seconds_text(std::int64_t{frame.rtt_us} * 1000);
}

Json packet_json(const ImportedCapture& capture, std::uint32_t index, const Packet* packet) {
  const FrameInfo& frame = capture.frames[index];
  Json out;
  out["frame"] = index + 1;
  out["time"] = capture::seconds_text(frame.time_ns);
  out["length"] = frame.original;
  out["captured"] = frame.captured;
  out["interface"] = frame.interface;
  out["kind"] = name_of(frame.kind);
  if (frame.flow != capture::FlowPlace::no_flow) {
    const capture::Flow& flow = capture.flows.flows()[frame.flow];
    out["proto"] = flow.protocol == Protocol::tcp ? "tcp" : "udp";
    out["stream"] = flow.stream;
    out["direction"] = frame.direction == 0 ? "ab" : "ba";
  }
  if (packet != nullptr) add_packet(*packet, capture, out);
  if (packet != nullptr && frame.kind == FrameKind::conversation) add_transport(frame, *packet, out);
  return out;
}

}  // namespace

std::string packets_text(const ImportedCapture& capture, const std::vector<bool>* taken) {
  const AddressTable& addresses = capture.trace.tables().addresses;
  TextTable table({"no.", "time", "from", "to", "bytes", "what"});
  for (const std::size_t column : {0, 1, 4}) table.align_right(column);
  each_frame(capture, [&](std::uint32_t index, const FrameInfo& frame, const Packet* packet) {
    if (taken != nullptr && !(*taken)[index]) return;
    std::string from, to, words(frame.kind == FrameKind::arp ? "ARP" : words_of(frame.kind));
    if (packet != nullptr) {
      const IpAddress& source = addresses[packet->source];
      from = source.to_string();
      to = addresses[packet->destination].to_string();
      if (is_readable(frame) && packet->protocol != Protocol::none)
        words = packet_words(*packet, source.family == Family::ipv6) + marks_text(frame.marks);
    }
    table.add({std::to_string(index + 1),
               fmt::format("{:.6f}", static_cast<double>(frame.time_ns - capture.report.first_time_ns) / 1e9), from, to,
               std::to_string(frame.original), words});
  });
  return table.text();
}

void print_packets_ndjson(const ImportedCapture& capture) {
  each_frame(capture, [&](std::uint32_t index, const FrameInfo&, const Packet* packet) {
    fmt::print("{}\n", packet_json(capture, index, packet).dump());
  });
}

}  // namespace fourtuple::app
