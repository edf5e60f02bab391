// One record as a line for a person and as fields for a program. What a record only names by id (a packet, a process,
// a socket) is looked up through Names; without them the ids are printed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/trace.h"

namespace fourtuple::trace {

// What the describer asks of its caller. The defaults know nothing.
class Names {
 public:
  virtual ~Names() = default;
  // The packet as it was created.
  virtual bool packet(PacketId, Packet&) const { return false; }
  // "curl (pid 1204)"
  virtual std::string process(ProcessId id) const;
  // "TCP 192.168.1.10:50432 → 203.0.113.80:80"
  virtual std::string socket(SocketId id) const;
  // "EADDRINUSE"; "" for no error.
  virtual std::string error(std::uint8_t number) const;
  // The ruleset the host has at that moment, or null.
  virtual const RulesetInfo* ruleset(HostId) const { return nullptr; }
  // A value of a rule with parts of these types and widths, as nft prints it; "" when that is not known.
  virtual std::string value(HostId, const std::vector<std::uint8_t>& /*types*/,
                            const std::vector<std::uint8_t>& /*widths*/, std::span<const std::uint32_t>) const {
    return {};
  }
};

// Receives the fields of a record in a fixed order.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual void number(std::string_view key, std::int64_t value) = 0;
  virtual void text(std::string_view key, std::string_view value) = 0;
  virtual void flag(std::string_view key, bool value) = 0;
};

std::string_view name_of(Kind kind);     // "packet-sent"
std::string_view words_of(Stage stage);  // "the process wakes"
bool from_name(std::string_view name, Kind& kind);

std::string_view host_name(const Tables& tables, HostId host);            // "" for none
std::string interface_name(const Tables& tables, InterfaceId interface);  // "eth0", "" for none
std::string_view network_name(const Tables& tables, NetworkId network);
// "0.101 000 s": seconds with the digits of microseconds, of nanoseconds where they are not zero.
std::string time_text(Time time);
// "192.168.1.10:80", "[2001:db8::1]:80"; "*" for a wildcard address when `star`.
std::string endpoint_text(const Tables& tables, AddressId address, std::uint16_t port, bool star = false);
std::string_view protocol_name(Protocol protocol);  // "TCP"
// "SYN, ACK"; "" when no flag is set.
std::string flags_text(std::uint8_t flags);
// "echo request", "port unreachable", "type 40 code 1".
std::string icmp_text(const Packet& packet);
// "TCP 50432→80 [SYN] seq 100", "UDP 5353→53 32 bytes", "ICMP echo request".
std::string packet_text(const Packet& packet);
// The same of a packet `names` knows, "packet 12" of one it does not.
std::string packet_words(PacketId id, const Names& names);
// "refused: nothing listens on 3000 (RST)". `packet` may be null.
std::string drop_text(const PacketDropped& drop, const Packet* packet);
// What synproxy did with a segment of a handshake, after "synproxy": "answers the SYN itself with a cookie".
std::string_view synproxy_words(const Packet& segment);

// "0.101 000 s  anna → server  TCP 50432→80 [SYN] seq 100, sent on lan". No line end.
std::string describe(const Trace& trace, std::uint64_t position, const Names& names);
// The same without time and host.
std::string describe_event(const Trace& trace, std::uint64_t position, const Names& names);
// time_ns, kind, host, and the fields of the kind.
void describe_fields(const Trace& trace, std::uint64_t position, const Names& names, Fields& fields);

}  // namespace fourtuple::trace
