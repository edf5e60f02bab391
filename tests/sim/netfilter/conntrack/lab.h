// One tracking host without a stack: packets go through conntrack and NAT as a router's hooks would send them.
#pragma once

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

#include "sim/netfilter/conntrack/conntrack.h"
#include "sim/netfilter/conntrack/table.h"

namespace fourtuple::netfilter {

// Ends of the flows that pass.
constexpr const char* client = "192.168.1.10";
constexpr const char* server = "198.51.100.9";

class LabEnvironment final : public Environment {
 public:
  AddressType address_type(HostId, const IpAddress&) const override { return AddressType::unicast; }
  InterfaceId route_interface(HostId, const IpAddress&) const override { return {}; }
  AddressId source_address(HostId, InterfaceId, AddressId) const override { return {}; }
  AddressId interface_address(HostId, InterfaceId, fourtuple::Family) const override { return {}; }
  std::uint32_t ip_length(const Packet& packet) const override {
    return 20 + transport_header_length(packet) + packet.payload_length;
  }
  std::uint32_t ip_header_length(const Packet&) const override { return 20; }
  const Packet& quote(std::uint32_t index) const override { return quotes_[index]; }
  std::uint32_t add_quote(const Packet& quoted) override {
    quotes_.push_back(quoted);
    return static_cast<std::uint32_t>(quotes_.size() - 1);
  }

 private:
  std::deque<Packet> quotes_;
};

class Lab {
 public:
  static constexpr InterfaceId lan{1}, wan{2};
  static constexpr std::uint32_t dropped = none - 1;

  Lab();
  ConntrackConfig& config() { return filter.hosts[0].conntrack; }
  void wait(Duration duration) { now = now + duration; }

  AddressId at(std::string_view address);
  Packet tcp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port,
             std::string_view flags, std::uint32_t seq, std::uint32_t ack = 0, std::uint32_t length = 0,
             std::uint16_t window = 1000);
  Packet udp(std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port);
  Packet icmp(std::string_view from, std::string_view to, std::uint8_t type, std::uint8_t code, std::uint16_t id = 0);
  Packet error(std::string_view from, std::string_view to, std::uint8_t type, std::uint8_t code, const Packet& about);

  struct Passed {
    bool delivered = false;
    trace::CtInfo info = trace::CtInfo::none;  // as rules of the forward chain see it
    Packet packet;                             // as it leaves
    std::uint32_t entry = none;
  };
  // Through prerouting and postrouting. `dnat` and `snat`, when set, are what rules of NAT chains would do; `nat` false
  // leaves NAT out altogether.
  Passed forward(Packet packet);
  Passed originate(Packet packet);
  bool nat = false;
  std::optional<NatRange> dnat, snat;
  std::function<bool(Walk&)> filter_rule;  // false: the rule dropped the packet

  // "SYN_SENT 120 UNREPLIED" of the entry whose original tuple is the packet's, "none" without one.
  std::string entry_text(const Packet& first);
  const state::ConntrackEntry* entry_by(const Packet& first);
  std::uint32_t entries();
  Context context();
  NatRange range(std::string_view first, std::string_view last = {}, std::uint16_t first_port = 0,
                 std::uint16_t last_port = 0, std::uint8_t flags = 0);

  Netfilter filter;
  state::State visible;
  trace::Trace trace;
  AddressTable addresses;
  LabEnvironment environment;
  Time now{1'000'000'000};

 private:
  Passed pass(Packet packet, bool local);
  bool nat_hook(Context& c, Walk& walk, nft::HookPoint point, const std::optional<NatRange>& range);
  std::uint32_t next_packet_ = 0;
};

std::uint8_t flags_of(std::string_view letters);   // "SA"
std::string name_of(state::TcpTracking tracking);  // "SYN_SENT"

}  // namespace fourtuple::netfilter
