#include "sim/trace/digest.h"

#include <bit>
#include <cstring>

#include "sim/base/index_map.h"

namespace fourtuple::trace {
namespace {

// Slots are digested as the words they are in memory; a big-endian machine would have to swap each kind's fields.
static_assert(std::endian::native == std::endian::little, "the trace format is little-endian");

void add_prefix(Digest& digest, const Prefix& prefix) {
  std::uint64_t halves[2];
  std::memcpy(halves, prefix.address.bytes.data(), sizeof(halves));
  digest.add(halves[0]);
  digest.add(halves[1]);
  digest.add((static_cast<std::uint64_t>(prefix.address.family) << 8) | prefix.length);
}

void add_host(Digest& digest, const HostInfo& host) {
  digest.add(host.name.value);
  digest.add(static_cast<std::uint64_t>(host.kind) | (host.forwarding ? 0x100u : 0u) | (host.inferred ? 0x200u : 0u));
  digest.add(host.interfaces.size());
  for (InterfaceId interface : host.interfaces) digest.add(interface.value);
  digest.add(host.routes.size());
  for (const RouteInfo& route : host.routes) {
    add_prefix(digest, route.destination);
    digest.add((std::uint64_t{route.gateway.value} << 32) | route.interface.value);
  }
}

void add_interface(Digest& digest, const InterfaceInfo& interface) {
  digest.add((std::uint64_t{interface.host.value} << 32) | interface.name.value);
  digest.add((std::uint64_t{interface.network.value} << 32) | interface.mtu);
  digest.add(interface.loopback ? 1 : 0);
  digest.add(interface.addresses.size());
  for (const Prefix& prefix : interface.addresses) add_prefix(digest, prefix);
}

void add_network(Digest& digest, const NetworkInfo& network) {
  digest.add((std::uint64_t{network.name.value} << 32) | static_cast<std::uint64_t>(network.kind));
  digest.add(static_cast<std::uint64_t>(network.delay.ns));
  digest.add(network.rate_bits_per_s);
  digest.add(network.queue_packets);
  digest.add(network.loss.numerator);
  digest.add(network.loss.denominator);
  digest.add(network.interfaces.size());
  for (InterfaceId interface : network.interfaces) digest.add(interface.value);
}

void add_tables(Digest& digest, const Tables& tables) {
  digest.add(tables.addresses.size());
  for (std::uint32_t i = 0; i < tables.addresses.size(); ++i) add_prefix(digest, {tables.addresses[{i}], 0});
  digest.add(tables.strings.size());
  for (std::uint32_t i = 0; i < tables.strings.size(); ++i) digest.add(tables.strings[{i}]);
  digest.add(tables.contents.size());
  for (const Content& content : tables.contents) digest.add(content.text);
  digest.add(tables.topology.hosts.size());
  for (const HostInfo& host : tables.topology.hosts) add_host(digest, host);
  digest.add(tables.topology.interfaces.size());
  for (const InterfaceInfo& interface : tables.topology.interfaces) add_interface(digest, interface);
  digest.add(tables.topology.networks.size());
  for (const NetworkInfo& network : tables.topology.networks) add_network(digest, network);
}

}  // namespace

void Digest::add(std::string_view text) {
  add(std::uint64_t{text.size()});
  std::uint64_t word = 0;
  while (!text.empty()) {
    const std::size_t size = text.size() < sizeof(word) ? text.size() : sizeof(word);
    word = 0;
    std::memcpy(&word, text.data(), size);
    add(word);
    text.remove_prefix(size);
  }
}

void Digest::add_slot(const Slot& slot) {
  std::uint64_t words[4];
  std::memcpy(words, &slot, sizeof(words));
  for (std::uint64_t word : words) add(word);
}

std::uint64_t Digest::value() const {
  std::uint64_t value = mix_bits(count_);
  for (std::uint64_t lane : lanes_) value = mix_bits(value ^ lane) + 0x9e3779b97f4a7c15u;
  return value;
}

std::uint64_t digest_of(const Trace& trace) {
  Digest digest;
  add_tables(digest, trace.tables());
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    const Slot* slots = trace.at(at);
    if (level_of(slots->kind) != Level::facts) continue;
    for (std::uint32_t i = 0; i <= slots->extra; ++i) digest.add_slot(slots[i]);
  }
  digest.add(static_cast<std::uint64_t>(trace.end_time().ns));
  return digest.value();
}

std::string digest_text(std::uint64_t digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (int i = 0; i < 16; ++i) text[static_cast<std::size_t>(i)] = digits[digest >> (60 - 4 * i) & 15];
  return text;
}

}  // namespace fourtuple::trace
