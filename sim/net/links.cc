#include "sim/net/links.h"

#include <algorithm>
#include <string>

namespace fourtuple::net {
namespace {

// Nanoseconds to put `bytes` on a wire, the fraction carried from packet to packet.
Duration transmission_time(Transmitter& transmitter, const Network& network, std::uint32_t bytes) {
  if (network.rate_bits_per_s == 0) return {0};
  if (network.ps_per_byte != 0) {
    const std::uint64_t ps = bytes * network.ps_per_byte + transmitter.remainder;
    transmitter.remainder = ps % 1000;
    return {static_cast<std::int64_t>(ps / 1000)};
  }
  const std::uint64_t scaled = std::uint64_t{bytes} * 8 * 1'000'000'000 + transmitter.remainder;
  transmitter.remainder = scaled % network.rate_bits_per_s;
  return {static_cast<std::int64_t>(scaled / network.rate_bits_per_s)};
}

void set_ps_per_byte(Network& network) {
  constexpr std::uint64_t bit_ps_per_byte = 8'000'000'000'000;
  const std::uint64_t rate = network.rate_bits_per_s;
  network.ps_per_byte = rate != 0 && bit_ps_per_byte % rate == 0 ? bit_ps_per_byte / rate : 0;
}

// Packets handed over that have not begun to leave: those whose departure lies in the future.
std::uint64_t waiting(Transmitter& transmitter, const Network& network, Time now) {
  while (transmitter.departed < transmitter.flying.size() &&
         transmitter.flying[transmitter.departed].arrives - network.delay <= now)
    ++transmitter.departed;
  return transmitter.flying.size() - transmitter.departed;
}

}  // namespace

NetworkId Links::add_network(const Network& network) {
  networks_.push_back(network);
  set_ps_per_byte(networks_.back());
  return {static_cast<std::uint32_t>(networks_.size() - 1)};
}

void Links::change_network(NetworkId id, const Network& network) {
  Network& changed = networks_[id.value];
  const bool other_rate = changed.rate_bits_per_s != network.rate_bits_per_s;
  changed = network;
  set_ps_per_byte(changed);
  for (Transmitter& transmitter : transmitters_) {
    if (transmitter.network != id) continue;
    if (other_rate) transmitter.remainder = 0;  // in units of the old rate
    if (transmitter.flying.empty()) continue;
    const Time last = transmitter.flying[transmitter.flying.size() - 1].arrives;
    transmitter.free_at = std::max(transmitter.free_at, last - network.delay);
  }
}

void Links::add_transmitter(NetworkId network, std::uint64_t seed, const std::string& stream) {
  Transmitter transmitter;
  transmitter.network = network;
  transmitter.random = Random(seed, stream);
  transmitters_.push_back(std::move(transmitter));
}

Sending Links::send(Time now, InterfaceId from, InterfaceId to, const Packet& packet, std::uint32_t bytes,
                    bool forced_loss, Duration extra) {
  Transmitter& transmitter = transmitters_[from.value];
  Network& network = networks_[transmitter.network.value];
  Sending sending;
  if (!network.up) {
    sending.reason = trace::DropReason::link_failed;
    return sending;
  }
  if (network.queue_packets != 0 && waiting(transmitter, network, now) > network.queue_packets) {
    sending.reason = trace::DropReason::queue_full;
    return sending;
  }
  transmitter.free_at = std::max(transmitter.free_at, now) + transmission_time(transmitter, network, bytes);
  if (extra > Duration{0}) transmitter.free_at = transmitter.free_at + extra;
  sending.accepted = true;
  sending.arrives = transmitter.free_at + network.delay;
  if (forced_loss || transmitter.random.chance(network.loss)) {
    sending.lost = true;
    sending.reason = forced_loss ? trace::DropReason::link_fault : trace::DropReason::link_loss;
    return sending;
  }
  sending.first = transmitter.flying.empty();
  InFlight& slot = transmitter.flying.push_slot();
  slot.packet = packet;
  slot.arrives = sending.arrives;
  slot.to = to;
  return sending;
}

void Links::pop(InterfaceId from) {
  Transmitter& transmitter = transmitters_[from.value];
  transmitter.flying.pop();
  if (transmitter.departed != 0) --transmitter.departed;
}

}  // namespace fourtuple::net
