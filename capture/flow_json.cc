#include "capture/flow_json.h"

#include <algorithm>

#include "capture/analysis/tcp_json.h"
#include "capture/names/names_json.h"
#include "capture/nat/sides_text.h"

namespace fourtuple::capture {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json pair(const PerDirection<T>& values) {
  return Json::array({values[0], values[1]});
}

template <class T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json frame_number(std::uint32_t number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json isn(const std::optional<SeqNumber>& number) {
  return number ? Json(number->raw) : Json(nullptr);
}

void add_tcp(const Flow& flow, const TcpConversation& analysis, Json& out) {
  const TcpFlow& tcp = flow.tcp;
  out["flags"] = flags_json(analysis);
  out["syn"] = pair(tcp.syn);
  out["synack"] = pair(tcp.syn_ack);
  out["fin"] = pair(tcp.fin);
  out["rst"] = pair(tcp.rst);
  out["sack_blocks_packets"] = pair(tcp.sack_packets);
  out["ece"] = pair(tcp.ece);
  out["cwr"] = pair(tcp.cwr);
  const Handshake& shake = tcp.handshake;
  out["handshake"] = {{"syn", frame_number(shake.syn)},
                      {"synack", frame_number(shake.syn_ack)},
                      {"ack", frame_number(shake.ack)},
                      {"complete", shake.syn != 0 && shake.syn_ack != 0 && shake.ack != 0}};
  out["isn"] = Json::array({isn(tcp.isn[0]), isn(tcp.isn[1])});
  const auto& [ab, ba] = tcp.options;
  out["options"] = {{"mss", Json::array({optional(ab.mss), optional(ba.mss)})},
                    {"wscale", Json::array({optional(ab.window_scale), optional(ba.window_scale)})},
                    {"sack_perm", Json::array({ab.sack_permitted, ba.sack_permitted})},
                    {"timestamps", Json::array({ab.timestamps, ba.timestamps})}};
  out["initial_rtt"] = tcp.initial_rtt_ns ? Json(seconds_text(*tcp.initial_rtt_ns)) : Json(nullptr);
  out["completeness"] = tcp.completeness;
  out["win0_frames"] = tcp.zero_windows;
  add_measures(flow, analysis, out);
}

Json conversation(const Flow& flow, const FlowContext& context) {
  const AddressTable& addresses = context.addresses;
  Json out = Json::object();
  constexpr std::size_t most_keys = 48;
  out.get_ref<Json::object_t&>().reserve(most_keys);
  out["proto"] = flow.protocol == Protocol::tcp ? "tcp" : "udp";
  out["stream"] = flow.stream;
  out["depth"] = flow.depth;
  out["a"] = addresses[flow.a].to_string();
  out["a_port"] = flow.a_port;
  out["b"] = addresses[flow.b].to_string();
  out["b_port"] = flow.b_port;
  out["packets_ab"] = flow.packets[0];
  out["packets_ba"] = flow.packets[1];
  out["bytes_ab"] = flow.bytes[0];
  out["bytes_ba"] = flow.bytes[1];
  out["payload_ab"] = flow.payload[0];
  out["payload_ba"] = flow.payload[1];
  out["first_frame"] = flow.first_frame;
  out["last_frame"] = flow.last_frame;
  if (flow.protocol == Protocol::tcp) add_tcp(flow, context.analysis.of(flow), out);
  out["later_fragments"] = pair(flow.later_fragments);
  out["icmp_errors"] = flow.icmp_errors;
  out["start"] = seconds_text(flow.start_ns);
  out["duration"] = seconds_text(flow.end_ns - flow.start_ns);
  return out;
}

Json totals(const CaptureReport& r) {
  const auto time = [&](std::int64_t ns) { return r.packets == 0 ? Json(nullptr) : Json(seconds_text(ns)); };
  Json out;
  out["packets"] = r.packets;
  out["bytes_wire"] = r.bytes_wire;
  out["bytes_captured"] = r.bytes_captured;
  out["packets_cut_by_snaplen"] = r.packets_cut_by_snaplen;
  out["first_time"] = time(r.first_time_ns);
  out["last_time"] = time(r.last_time_ns);
  out["min_time"] = time(r.min_time_ns);
  out["max_time"] = time(r.max_time_ns);
  out["time_went_backwards"] = r.time_went_backwards;
  out["max_gap"] = time(r.max_gap_ns);
  out["ipv4"] = r.ipv4;
  out["ipv6"] = r.ipv6;
  out["tcp"] = r.tcp;
  out["udp"] = r.udp;
  out["icmp"] = r.icmp;
  out["icmpv6"] = r.icmpv6;
  out["arp"] = r.arp;
  out["icmp_errors_with_transport"] = r.icmp_errors_with_transport;
  out["fragments_first"] = r.fragments_first;
  out["fragments_other"] = r.fragments_other;
  out["vlan_tagged"] = r.vlan_tagged;
  out["tunnelled"] = r.tunnelled;
  return out;
}

// Of several read as one.
Json files(const ImportedCapture& capture) {
  Json out = Json::array();
  for (std::uint32_t i = 0; i < capture.files.size(); ++i) {
    const CaptureFile& file = capture.files[i];
    Json one{{"name", file.name()}, {"type", file.format}, {"packets", file.packets}, {"complete", file.end.clean()}};
    if (!file.end.clean()) one["message"] = file.end.message;
    if (!file.end.clean() && !file.format.empty()) one["damaged_at"] = file.end.offset;
    one["interfaces"] = Json::array();
    for (std::size_t k = 0; k < capture.interfaces.size(); ++k)
      if (capture.interfaces[k].file == i) one["interfaces"].push_back(k);
    out.push_back(std::move(one));
  }
  return out;
}

Json coverage(const ImportedCapture& capture) {
  Json out;
  for (std::size_t kind = 0; kind < frame_kinds; ++kind)
    out[std::string(name_of(static_cast<FrameKind>(kind)))] = capture.report.by_kind[kind];
  out["notes"] = capture.trace.tables().notes;
  return out;
}

// What the capturing machine counted; null for an interface of which the file says nothing.
Json statistics(const std::vector<CaptureInterface>& interfaces) {
  Json all = Json::array();
  for (const CaptureInterface& i : interfaces) {
    const bool told = i.received || i.dropped_by_interface || i.dropped_by_system || i.lost_between != 0;
    all.push_back(told ? Json{{"received", optional(i.received)},
                              {"dropped_by_interface", optional(i.dropped_by_interface)},
                              {"dropped_by_system", optional(i.dropped_by_system)},
                              {"lost_between_packets", i.lost_between}}
                       : Json(nullptr));
  }
  return all;
}

}  // namespace

Json to_json(const Attribution& owner, const SocketOwners& processes) {
  if (!owner.known()) return nullptr;
  constexpr std::string_view matches[] = {"none", "port", "listener", "exact", "capture"};
  const OwnerProcess& process = processes.process(owner.process);
  Json out{{"name", process.name}, {"pid", process.pid}, {"match", matches[static_cast<std::size_t>(owner.match)]}};
  if (owner.fd >= 0) out["fd"] = owner.fd;
  if (owner.guessed()) out["guessed"] = true;
  if (owner.contested) out["contested"] = true;
  if (owner.others != 0) out["other_holders"] = owner.others;
  return out;
}

Json to_json(const Flow& flow, const FlowOwners& owners, const FlowContext& context) {
  Json out = conversation(flow, context);
  if (owners[0].known() || owners[1].known())
    out["process"] = Json::array({to_json(owners[0], context.processes), to_json(owners[1], context.processes)});
  return out;
}

namespace {

void add_interface_facts(const ImportedCapture& capture, Json& out) {
  Json& per_interface = out["packets_per_interface"] = Json::object();
  const std::vector<std::uint64_t>& packets = capture.report.packets_per_interface;
  for (std::size_t i = 0; i < packets.size(); ++i)
    if (packets[i] != 0) per_interface[std::to_string(i)] = packets[i];
  Json& names = out["interfaces"] = Json::array();
  for (const CaptureInterface& interface : capture.interfaces) names.push_back(interface.name);
  out["interface_statistics"] = statistics(capture.interfaces);
}

// All of it, with no conversation in "conversations".
Json around_conversations(const ImportedCapture& capture) {
  const CaptureReport& r = capture.report;
  Json out;
  out["schema"] = 1;
  out["file"] = {{"name", capture.trace.tables().file_name}, {"type", capture.format}};
  out["reader"] = {{"complete", r.end.clean()}, {"message", r.end.message}};
  if (!r.end.clean()) out["reader"]["damaged_at"] = r.end.offset;
  if (capture.files.size() > 1) out["files"] = files(capture);
  out["totals"] = totals(r);
  out["coverage"] = coverage(capture);
  if (capture.format != "pcap" || capture.files.size() > 1) add_interface_facts(capture, out);
  out["hosts"] = hosts_json(capture.names);
  out["conversations"] = Json::array();
  if (capture.sides) out["both_sides"] = to_json(*capture.sides);
  const auto counts = [](const ChecksumCounts& c) { return Json{{"bad", c.bad}, {"good", c.good}}; };
  out["checksums"] = {
      {"tcp", counts(r.tcp_checksums)}, {"udp", counts(r.udp_checksums)}, {"ip", counts(r.ip_checksums)}};
  return out;
}

Json conversation_of(const ImportedCapture& capture, std::size_t index) {
  const FlowContext context{capture.trace.tables().addresses, capture.owners, capture.analysis};
  const Flow& flow = capture.flows.flows()[index];
  const FlowOwners owners = index < capture.flow_owners.size() ? capture.flow_owners[index] : FlowOwners{};
  Json out = to_json(flow, owners, context);
  add_names(capture.names, static_cast<std::uint32_t>(index), flow, context.addresses, out);
  return out;
}

// The value's text, for a place so many levels deep in an object that is printed with an indent of one space.
std::string nested_text(const Json& value, std::size_t depth) {
  const std::string text = value.dump(1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;  // strings hold none
    out.append(text, at, end - at);
    if (text[end - 1] == '\n') out.append(depth, ' ');
    at = end;
  }
  return out;
}

void write_conversations(const ImportedCapture& capture, const WriteText& write) {
  const std::size_t count = capture.flows.flows().size();
  write("[");
  for (std::size_t i = 0; i < count; ++i) {
    write(i == 0 ? "\n  " : ",\n  ");
    write(nested_text(conversation_of(capture, i), 2));
  }
  write(count == 0 ? "]" : "\n ]");
}

}  // namespace

void write_json(const ImportedCapture& capture, const WriteText& write) {
  const Json around = around_conversations(capture);
  std::string_view before = "{\n ";
  for (const auto& [key, value] : around.items()) {
    write(before);
    before = ",\n ";
    write(Json(key).dump() + ": ");
    if (key == "conversations")
      write_conversations(capture, write);
    else
      write(nested_text(value, 1));
  }
  write("\n}\n");
}

}  // namespace fourtuple::capture
