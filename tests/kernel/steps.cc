// The steps of a case: raw packets, answers to what a host last saw, time.
#include <algorithm>

#include "tests/kernel/session.h"

namespace fourtuple::kernel_case {
namespace {

// What a step takes on a real machine, about.
constexpr Duration step_time = microseconds(350);
// A raw packet socket's small packets come in a page: 4864 bytes of memory, half of which counts as window.
constexpr std::uint32_t raw_segment_cost = 2432;

std::string flow_name(const Packet& p) {
  return std::to_string(p.source.value) + " " + std::to_string(p.source_port) + " " +
         std::to_string(p.destination.value) + " " + std::to_string(p.destination_port);
}

// Payload of raw TCP segments comes from an endless stream of 'x', one for each flow, as sockets expect.
void give_stream(Session& s, stack::System& system, Packet& packet) {
  if (packet.protocol != Protocol::tcp || packet.payload_kind != PayloadKind::content) return;
  const auto [found, fresh] = s.streams.emplace(flow_name(packet), StreamId{system.streams.size()});
  if (fresh) {
    constexpr std::uint32_t endless = 1u << 31;
    stack::Stream stream;
    stream.first_extent = stream.last_extent = system.extents.size();
    stream.length = endless;
    system.streams.push_back(stream);
    system.extents.push_back({0, 0, endless, s.filler, stack::nil});
  }
  packet.payload_kind = PayloadKind::stream;
  packet.payload_source = found->second.value;
}

// Labels and negative numbers become plain ones.
Json resolved(const Labels& labels, Json packet) {
  for (const char* key : {"seq", "ack", "sport", "dport", "id"})
    if (packet.contains(key)) packet[key] = labels.resolve(packet[key]);
  if (packet.contains("inner") && packet["inner"].is_object()) packet["inner"] = resolved(labels, packet["inner"]);
  return packet;
}

std::int64_t integer(const Json& spec, const char* key, std::int64_t otherwise = 0) {
  return spec.contains(key) && spec[key].is_number() ? spec[key].get<std::int64_t>() : otherwise;
}

Json skipped() {
  return {{"skipped", true}};
}

void answer_tcp(const Json& spec, const Json& got, Json& packet) {
  const std::string seen = got.value("flags", "");
  std::string flags = spec.value("flags", "auto");
  if (flags == "auto") flags = seen == "S" ? "SA" : "A";
  const auto counts = [&](char letter) { return seen.find(letter) != std::string::npos ? 1 : 0; };
  packet["sport"] = got["dport"];
  packet["dport"] = got["sport"];
  packet["flags"] = flags;
  packet["seq"] = (got.contains("ack") ? integer(got, "ack") : integer(spec, "seq", 5000)) + integer(spec, "shift");
  packet["ack"] = integer(got, "seq") + integer(got, "len") + counts('S') + counts('F');
}

}  // namespace

Json Session::send(const Json& spec) {
  const Node* node = names.find(spec.at("host").get<std::string>());
  const Json packet_spec = resolved(labels, spec.at("pkt"));
  const std::string target =
      spec.contains("via") ? spec["via"].get<std::string>() : packet_spec.at("dst").get<std::string>();
  const std::optional<Names::NextHop> hop =
      node == nullptr ? std::nullopt : names.next_hop(*node, IpAddress::parse(target).value_or(IpAddress{}));
  if (!hop) return {{"error", "no route to " + target}};
  world::WorldDriver run = driver();
  stack::System& system = run.context().system;
  Packet packet = read_packet(packet_spec, system, filler);
  give_stream(*this, system, packet);
  system.tcp_config.segment_cost = raw_segment_cost;  // of the connections this packet opens
  labels.sent(static_cast<std::uint32_t>(integer(packet_spec, "seq")));
  for (std::int64_t i = 0; i < integer(spec, "repeat", 1); ++i) {
    run.inject(hop->from, hop->to, packet);
    settle(0);
  }
  return {};
}

Json Session::reply(const Json& spec) {
  const std::string host = spec.at("host").get<std::string>();
  const auto found = last.find(host);
  if (found == last.end() || !found->second["proto"].is_string()) return skipped();
  const Json got = found->second;
  const std::string proto = got["proto"].get<std::string>();
  Json packet{{"src", got["dst"]}, {"dst", got["src"]}, {"proto", proto}, {"len", integer(spec, "len")}};
  if (spec.contains("icmp")) {
    if (got.contains("inner")) return skipped();
    const bool six = got["src"].get<std::string>().find(':') != std::string::npos;
    packet["proto"] = six ? "icmpv6" : "icmp";
    packet["type"] = spec["icmp"][0];
    packet["code"] = spec["icmp"][1];
    packet["inner"] = got;
    packet["inner"].erase("opts");
    packet["inner"].erase("badsum");
  } else if (proto == "tcp") {
    answer_tcp(spec, got, packet);
  } else if (proto == "udp") {
    packet["sport"] = got["dport"];
    packet["dport"] = got["sport"];
  } else if (integer(got, "type") == 8 || integer(got, "type") == 128) {
    packet["type"] = integer(got, "type") == 8 ? 0 : 129;
    packet["id"] = got["id"];
    packet["icmpseq"] = got["icmpseq"];
  } else {
    return skipped();
  }
  return send({{"host", host}, {"pkt", packet}});
}

void Session::settle(std::int64_t quiet_ms) {
  world::WorldDriver run = driver();
  run.settle();
  while (run.in_flight()) run.step(Time::never());
  if (quiet_ms == 0) return;
  const Time limit = world->now() + milliseconds(400);
  for (int quiet = 0; quiet < 2 && world->now() < limit;) {
    const Time end = world->now() + milliseconds(quiet_ms);
    bool heard = false;
    while (!heard && run.step(end)) {
      heard = run.in_flight();
      while (run.in_flight()) run.step(Time::never());
    }
    if (!heard) run.pass_until(end);
    quiet = heard ? 0 : quiet + 1;
  }
}

Json Session::step(std::size_t number, const Json& spec) {
  const std::string op = spec.at("op").get<std::string>();
  Json out{{"step", number}, {"op", op}};
  Json result;
  if (op == "wait") {
    driver().pass_until(world->now() + milliseconds(integer(spec, "ms")));
  } else if (op == "send") {
    result = send(spec);
  } else if (op == "reply") {
    result = reply(spec);
  } else if (op == "nft") {
    result = change_rules(spec);
  } else {
    result = socket_step(spec);
  }
  if (!result.is_null() && !result.empty()) out["result"] = result;
  settle(integer(spec, "quiet_ms"));
  report(out);
  const bool routers = std::any_of(names.nodes().begin(), names.nodes().end(), [](const Node& n) { return n.router; });
  if (routers && test_case.value("conntrack_each_step", true)) out["conntrack"] = conntrack();
  driver().pass_until(world->now() + step_time);
  return out;
}

Json Session::run() {
  Json out;
  out["name"] = test_case.contains("name") ? test_case["name"] : Json();
  out["steps"] = Json::array();
  std::string error;
  set_sysctls();
  if (!load_rulesets(error)) {
    out["error"] = error;
    return out;
  }
  std::size_t number = 0;
  for (const Json& spec : test_case.at("steps")) out["steps"].push_back(step(number++, spec));
  out["final"] = {{"conntrack", conntrack()}, {"ruleset", rulesets()}};
  return out;
}

}  // namespace fourtuple::kernel_case
