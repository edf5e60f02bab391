// What became of every frame of a capture: the coverage report. Times are nanoseconds since 1970 UTC as the file says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "capture/reader.h"
#include "sim/wire/address.h"

namespace fourtuple::capture {

// What a frame is. The first one counts in conversations, the others say why not.
enum class FrameKind : std::uint8_t {
  conversation = 0,
  icmp = 1,             // echo and other messages
  icmp_error = 2,       // quotes a packet; belongs to that packet's conversation but is not counted in it
  later_fragment = 3,   // carries no ports
  other_transport = 4,  // SCTP, OSPF, …
  arp = 5,
  other_network = 6,  // neither IP nor ARP
  unsupported_link = 7,
  cut = 8,      // the captured bytes end inside a header
  damaged = 9,  // headers contradict each other
  too_many_conversations = 10,
};
constexpr std::size_t frame_kinds = 11;

std::string_view name_of(FrameKind kind);   // "later-fragment"
std::string_view words_of(FrameKind kind);  // "later fragments, which carry no ports"

struct ChecksumCounts {
  std::uint64_t good = 0, bad = 0;
};

struct HostChecksums {
  AddressId sender;
  std::uint64_t bad = 0;
};

struct CaptureReport {
  std::uint64_t packets = 0, bytes_wire = 0, bytes_captured = 0, packets_cut_by_snaplen = 0;
  std::array<std::uint64_t, frame_kinds> by_kind{};
  std::int64_t first_time_ns = 0, last_time_ns = 0, min_time_ns = 0, max_time_ns = 0, max_gap_ns = 0;
  std::uint64_t time_went_backwards = 0;
  // Frames that contain such a header anywhere: in tunnels and in quotes of ICMP errors too.
  std::uint64_t ipv4 = 0, ipv6 = 0, tcp = 0, udp = 0, icmp = 0, icmpv6 = 0, arp = 0;
  std::uint64_t icmp_errors_with_transport = 0, fragments_first = 0, fragments_other = 0, vlan_tagged = 0,
                tunnelled = 0;
  ChecksumCounts ip_checksums, tcp_checksums, udp_checksums;
  std::vector<HostChecksums> bad_checksums;  // in order of first occurrence
  std::uint64_t times_held = 0;              // frames earlier than one before them, shown at that one's time
  std::uint64_t times_cut = 0;               // frames far in the future, shown at the time before them
  std::vector<std::uint64_t> packets_per_interface;
  std::vector<std::uint16_t> unknown_links;  // link types met that are not supported
  ReadEnd end;

  std::uint64_t count(FrameKind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
};

// What the capturing machine dropped, by interface, as far as the file says so.
std::vector<std::string> notes_of(const std::vector<CaptureInterface>& interfaces);

// The report's peculiarities as sentences, for notes under the capture: damage, cut packets, clocks, checksums.
std::vector<std::string> notes_of(const CaptureReport& report, const AddressTable& addresses);

}  // namespace fourtuple::capture
