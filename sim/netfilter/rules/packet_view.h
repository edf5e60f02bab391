// What rules can ask about a packet at a hook: the values of the nft language's selectors.
#pragma once

#include "sim/netfilter/context.h"
#include "sim/netfilter/rules/program.h"

namespace fourtuple::netfilter {

// The bit of `ct state` (NF_CT_STATE_BIT): invalid 1, established 2, related 4, new 8, untracked 64.
constexpr std::uint32_t state_bit(trace::CtInfo info) {
  constexpr std::uint8_t bits[] = {1, 8, 2, 4, 2, 4, 64, 1};  // by CtInfo
  return bits[static_cast<std::size_t>(info)];
}

// Whether a selector may have more than 64 bits: read_wide() answers it.
bool is_wide(nft::Field field);

// The bit of PacketView::present().
constexpr std::uint32_t bit(nft::Requires needs) {
  return 1u << static_cast<unsigned>(needs);
}

class PacketView {
 public:
  PacketView(const Context& c, const Walk& walk, nft::HookPoint point);

  // Whether the packet is of the kind a selector needs. Conntrack is asked for by read(), field by field.
  bool has(nft::Requires needs) const { return (present_ >> static_cast<unsigned>(needs) & 1u) != 0; }
  // All kinds it is of, as bits numbered by nft::Requires.
  std::uint32_t present() const { return present_; }
  // The value of a selector; false when the packet has none. REQUIRES: has(info(field).needs).
  bool read(nft::Field field, nft::Value& out) const {
    std::uint64_t small;
    if (read_small(field, small)) {
      out = small;
      return true;
    }
    return read_wide(field, out);
  }
  // The same for values of at most 64 bits; false for wider ones too. What most rules ask for is answered in place.
  bool read_small(nft::Field field, std::uint64_t& out) const {
    switch (field) {
      case nft::Field::ct_state:
        out = state_bit(walk_.tracking.info);
        return true;
      case nft::Field::meta_l4proto:
      case nft::Field::ip_protocol:
        out = static_cast<std::uint8_t>(walk_.packet.protocol);
        return true;
      case nft::Field::ip_saddr:
        out = nft::value_of(c_.address(walk_.packet.source)).low;
        return true;
      case nft::Field::ip_daddr:
        out = nft::value_of(c_.address(walk_.packet.destination)).low;
        return true;
      case nft::Field::tcp_sport:
      case nft::Field::udp_sport:
        out = walk_.packet.source_port;
        return true;
      case nft::Field::tcp_dport:
      case nft::Field::udp_dport:
        out = walk_.packet.destination_port;
        return true;
      case nft::Field::tcp_flags:
        out = walk_.packet.flags;
        return true;
      default:
        return read_rare(field, out);
    }
  }
  // The same for values of more than 64 bits, and conntrack's addresses; false for others.
  bool read_wide(nft::Field field, nft::Value& out) const {
    if (field != nft::Field::meta_iifname && field != nft::Field::meta_oifname) return read_wide_rare(field, out);
    // Without an interface the kernel compares with an empty name.
    const InterfaceName* interface = nullptr;
    const bool found = on_interface(field == nft::Field::meta_iifname ? walk_.in : walk_.out, interface);
    out = found ? interface->name : nft::Value{};
    return true;
  }
  bool read_fib(std::uint8_t flags, nft::Value& out) const;
  bool read_tcp_option(TcpOptionPart part, std::uint64_t option, nft::Value& out) const;
  bool read_route(RoutePart part, nft::Value& out) const;
  // @nh, @th and @ih (bases 1 to 3): `bits` bits from bit `first` on, put together from the fields packets carry here.
  // False where one is missing: checksums, TCP options. (raw_payload.cc)
  bool read_raw(std::uint8_t base, std::uint64_t first, std::uint64_t bits, nft::Value& out) const;
  // ct packets, bytes and avgpkt of one direction.
  bool read_counted(nft::Field field, CountedDirection direction, nft::Value& out) const;
  fourtuple::Family family() const { return family_; }

 private:
  bool read_wide_rare(nft::Field field, nft::Value& out) const;
  bool read_rare(nft::Field field, std::uint64_t& out) const;
  bool read_meta(nft::Field field, std::uint64_t& out) const;
  bool read_conntrack(nft::Field field, std::uint64_t& out) const;
  bool read_ip(nft::Field field, std::uint64_t& out) const;
  bool read_transport(nft::Field field, std::uint64_t& out) const;
  bool read_icmp(nft::Field field, std::uint64_t& out) const;
  bool read_header(std::uint8_t base, std::uint64_t first, std::uint64_t bits, nft::Value& out) const;
  bool read_payload(std::uint64_t first, std::uint64_t bits, nft::Value& out) const;
  AddressId tuple_address(nft::Field field) const;
  bool on_interface(InterfaceId interface, const InterfaceName*& out) const {
    if (interface.value >= c_.filter.interfaces.size()) return false;
    out = &c_.filter.interfaces[interface.value];
    return true;
  }
  std::uint32_t fib_interface(std::uint8_t flags) const;
  AddressType fib_type(std::uint8_t flags) const;

  const Context& c_;
  const Walk& walk_;
  nft::HookPoint point_;
  fourtuple::Family family_;
  std::uint32_t present_ = 0;  // bits numbered by nft::Requires
};

}  // namespace fourtuple::netfilter
