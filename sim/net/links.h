// Networks: what carries packets between interfaces. Every interface has one transmitter with a queue; a network of two
// interfaces is a link, one of more is a switched segment. A transmitter is a FIFO: packets leave in order and arrive
// in order, so the whole FIFO needs one calendar event, for the packet at its front.
//
//   send ──▶ [ queued: waiting for the wire | on the wire ] ──▶ arrival
//             departure = when the last bit leaves            arrival = departure + delay
//
// Departure and arrival are computed once, on sending, with the rate's remainder carried over so that no time is lost
// to rounding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/random.h"
#include "sim/base/ring.h"
#include "sim/base/time.h"
#include "sim/trace/vocabulary.h"
#include "sim/wire/packet.h"

namespace fourtuple::net {

struct InFlight {
  Packet packet;
  Time arrives;
  InterfaceId to;
};

struct Transmitter {
  NetworkId network;
  Time free_at{0};              // when the wire is free for the next packet
  std::uint64_t remainder = 0;  // fraction of a nanosecond: in ps when ps_per_byte is set, else in 1/rate
  std::uint64_t departed = 0;   // packets at the front of `flying` known to have left the queue
  Ring<InFlight> flying;
  Random random;
};

struct Network {
  Duration delay{0};
  std::uint64_t rate_bits_per_s = 0;  // 0: unlimited
  std::uint32_t queue_packets = 0;    // waiting packets per transmitter, 0: unlimited
  Ratio loss;
  bool up = true;
  std::uint64_t ps_per_byte = 0;  // when that is a whole number, else 0; set by Links
};

// What became of a packet handed to send().
struct Sending {
  bool accepted = false;  // it occupies the wire (lost packets do, too)
  bool lost = false;      // accepted, but will not arrive
  bool first = false;     // it is now at the front: the owner schedules its arrival
  Time arrives;
  trace::DropReason reason = trace::DropReason::none;  // why not accepted, or why lost
};

class Links {
 public:
  NetworkId add_network(const Network& network);
  // Transmitters are numbered as interfaces; `stream` names the random stream of the interface.
  void add_transmitter(NetworkId network, std::uint64_t seed, const std::string& stream);

  Network& network(NetworkId id) { return networks_[id.value]; }
  // Other values from now on. What is on the wire arrives as it would have; what follows does not overtake it.
  void change_network(NetworkId id, const Network& network);
  NetworkId network_of(InterfaceId interface) const { return transmitters_[interface.value].network; }

  // Hands a packet of `bytes` on the wire to the transmitter of `from`. `forced` is a scenario's fault: the packet is
  // lost, or arrives `extra` later (and so does everything behind it: a wire does not reorder).
  Sending send(Time now, InterfaceId from, InterfaceId to, const Packet& packet, std::uint32_t bytes, bool forced_loss,
               Duration extra);

  // The packet at the front of a transmitter and its removal. REQUIRES: there is one.
  const InFlight& front(InterfaceId from) const { return transmitters_[from.value].flying.front(); }
  void pop(InterfaceId from);
  bool idle(InterfaceId from) const { return transmitters_[from.value].flying.empty(); }
  const Transmitter& transmitter(InterfaceId from) const { return transmitters_[from.value]; }

 private:
  std::vector<Network> networks_;
  std::vector<Transmitter> transmitters_;
};

}  // namespace fourtuple::net
