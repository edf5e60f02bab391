// Trackers of protocols without a connection of their own.
#include "sim/netfilter/conntrack/tracker.h"
#include "sim/netfilter/conntrack/tuple.h"

namespace fourtuple::netfilter {
namespace {

using state::ConntrackStatus;

Verdict accepted(std::uint32_t timeout_s, bool assured = false) {
  return {Judgement::accepted, state::TcpTracking::none, timeout_s, assured};
}

}  // namespace

Verdict track_udp(const Sighting& sighting, UdpTracker& tracker) {
  // A question and its answer are over quickly; what still goes on after this is a stream.
  constexpr Duration quick = seconds(2);
  if (sighting.fresh) tracker.set_stream_from(sighting.now + quick);
  if (!sighting.has(ConntrackStatus::seen_reply)) return accepted(sighting.config.udp_timeout);
  const bool stream = sighting.now > tracker.stream_from();
  return accepted(stream ? sighting.config.udp_timeout_stream : sighting.config.udp_timeout, stream);
}

Verdict track_icmp(const Sighting& sighting, bool ipv6) {
  const Protocol protocol = sighting.packet.protocol;
  if (ipv6 != (protocol == Protocol::icmpv6)) return {};
  if (!is_icmp_query(protocol, static_cast<std::uint8_t>(sighting.entry.original.destination_port >> 8))) return {};
  return accepted(ipv6 ? sighting.config.icmpv6_timeout : sighting.config.icmp_timeout);
}

Verdict track_gre(const Sighting& sighting) {
  const bool answered = sighting.has(ConntrackStatus::seen_reply);
  return accepted(answered ? sighting.config.gre_timeout_stream : sighting.config.gre_timeout, answered);
}

Verdict track_generic(const Sighting& sighting) {
  return accepted(sighting.config.generic_timeout);
}

}  // namespace fourtuple::netfilter
