#include "capture/nat/sightings.h"

#include <algorithm>
#include <utility>

#include "capture/link.h"
#include "capture/tunnel.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint32_t none = 0xffffffffu;
constexpr std::uint32_t hashed_bytes = 24;  // a DNS header and the start of the name; within usual snap lengths

class Mixer {
 public:
  Mixer& operator<<(std::uint64_t value) {
    state_ = mix_bits(state_ * 0x9e3779b97f4a7c15u + value + 1);
    return *this;
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 1;
};

// 0: there is no payload, or too little of it was captured.
std::uint32_t payload_hash(Bytes bytes, const DecodedPacket& decoded) {
  const std::uint32_t wanted = std::min(decoded.payload_length, hashed_bytes);
  if (wanted == 0 || decoded.payload_captured < wanted) return 0;
  Mixer mixer;
  for (std::uint32_t i = 0; i < wanted; ++i) mixer << bytes[decoded.payload_at + i];
  return static_cast<std::uint32_t>(mixer.value()) | 1u;
}

bool is_echo(const Packet& packet) {
  if (packet.protocol == Protocol::icmp) return packet.icmp_type() == 8 || packet.icmp_type() == 0;
  return packet.protocol == Protocol::icmpv6 && (packet.icmp_type() == 128 || packet.icmp_type() == 129);
}

bool is_error(const Packet& packet) {
  const std::uint8_t type = packet.icmp_type();
  if (packet.protocol == Protocol::icmpv6) return type >= 1 && type <= 4;
  return packet.protocol == Protocol::icmp && (type == 3 || type == 11 || type == 12);
}

// Ports and addresses, TTL, checksums, some TCP options and the echo identifier may be translated; these are not.
std::uint64_t key_of(const DecodedPacket& decoded, std::uint32_t payload) {
  const Packet& packet = decoded.packet;
  Mixer mixer;
  mixer << static_cast<std::uint64_t>(packet.protocol) << decoded.payload_length;
  if (packet.protocol == Protocol::tcp) {
    constexpr std::uint8_t kept = TcpFlag::fin | TcpFlag::syn | TcpFlag::rst | TcpFlag::ack;
    mixer << packet.seq.raw << (packet.has(TcpFlag::ack) ? packet.ack.raw : 0) << (packet.flags & kept)
          << packet.window;
  } else {
    mixer << payload;
    if (is_echo(packet)) mixer << packet.source_port << packet.seq.raw;
  }
  return mixer.value();
}

class Collector {
 public:
  explicit Collector(Sightings& out) : out_(&out) {}

  void take(const Frame& frame, const MergedReader& reader) {
    if (out_->frames_of_file.size() <= frame.file) out_->frames_of_file.resize(frame.file + 1);
    frame_ = out_->frames_of_file[frame.file]++;
    if (out_->packets.size() >= Sightings::most_packets) {
      out_->complete = false;
      return;
    }
    const LinkHeader link = decode_link(frame.link, frame.bytes);
    if (link.network != Network::ip) return;
    Bytes bytes = frame.bytes.subspan(link.offset);
    std::uint32_t wire = std::max(frame.original, static_cast<std::uint32_t>(frame.bytes.size())) - link.offset;
    decode_packet(bytes, wire, decoded_);
    // The innermost packet is the one that is shown.
    for (int depth = 1; depth < max_tunnel_depth && enter_tunnel(bytes, wire, decoded_) == Network::ip; ++depth)
      decode_packet(bytes, wire, decoded_);
    if (decoded_.stop != DecodeStop::complete) return;
    place_ = place_of(frame, reader);
    if (place_ != none) sort(bytes, frame.time_ns);
  }

 private:
  // Conversations of one place, by where they stand in Sightings::flows.
  struct PlaceTables {
    FlowTable flows, echoes;
    std::vector<std::uint32_t> flow, echo;
  };

  std::uint32_t place_of(const Frame& frame, const MergedReader& reader) {
    if (by_interface_.size() <= frame.interface) by_interface_.resize(frame.interface + 1, none);
    std::uint32_t& place = by_interface_[frame.interface];
    if (place != none || out_->places.size() >= Sightings::most_places) return place;
    const CaptureInterface& interface = reader.interfaces()[frame.interface];
    place = static_cast<std::uint32_t>(out_->places.size());
    out_->places.push_back({{frame.file, interface.number}, interface.name});
    tables_.resize(out_->places.size());
    return place;
  }

  void sort(Bytes bytes, std::int64_t time_ns) {
    Packet& packet = decoded_.packet;
    packet.source = addresses_.intern(decoded_.source);
    packet.destination = addresses_.intern(decoded_.destination);
    const std::uint32_t payload = payload_hash(bytes, decoded_);
    const std::uint64_t key = key_of(decoded_, payload);
    if (is_error(packet)) return take_error(bytes, time_ns);
    PlaceTables& tables = tables_[place_];
    const FrameFacts facts{frame_ + 1, 0, time_ns, 1};
    if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp)
      return add(tables.flows.add(packet, decoded_, facts), tables.flow, tables.flows, packet, key, payload, time_ns);
    if (!is_echo(packet)) return;
    Packet echo = packet;
    echo.protocol = Protocol::udp;
    echo.source_port = echo.destination_port = packet.destination_port;
    add(tables.echoes.add(echo, decoded_, facts), tables.echo, tables.echoes, packet, key, payload, time_ns);
  }

  // Belongs to the conversation it quotes.
  void take_error(Bytes bytes, std::int64_t time_ns) {
    const Packet error = decoded_.packet;
    DecodedPacket quoted;
    decode_packet(bytes.subspan(decoded_.payload_at, decoded_.payload_captured), 0xffffffff, quoted);
    if (!quoted.has_ports) return;
    Packet& packet = quoted.packet;
    packet.source = addresses_.intern(quoted.source);
    packet.destination = addresses_.intern(quoted.destination);
    PlaceTables& tables = tables_[place_];
    FlowPlace place = tables.flows.find(packet);
    if (!place.valid()) return;
    place.direction ^= 1;
    Mixer mixer;
    mixer << error.source_port << packet.ip_id
          << (packet.protocol == Protocol::tcp ? packet.seq.raw : quoted.udp_length);
    add(place, tables.flow, tables.flows, error, mixer.value(), 0, time_ns);
  }

  void add(const FlowPlace& place, std::vector<std::uint32_t>& known, const FlowTable& table, const Packet& packet,
           std::uint64_t key, std::uint32_t payload, std::int64_t time_ns) {
    if (!place.valid()) return;
    if (known.size() <= place.flow) known.resize(place.flow + 1, none);
    const Flow& flow = table.flows()[place.flow];
    std::uint32_t& index = known[place.flow];
    if (index == none) {
      index = static_cast<std::uint32_t>(out_->flows.size());
      SeenFlow seen;
      seen.place = place_;
      seen.protocol = packet.protocol;
      seen.a = addresses_[flow.a];
      seen.b = addresses_[flow.b];
      seen.a_port = flow.a_port;
      seen.b_port = flow.b_port;
      out_->flows.push_back(seen);
    }
    SeenFlow& seen = out_->flows[index];
    seen.isn = flow.tcp.isn;
    ++seen.packets[place.direction];
    seen.with_payload[place.direction] += payload != 0;
    const std::uint32_t stamp = packet.has_option(TcpOption::timestamps) ? packet.ts_value : 0;
    out_->packets.push_back({key, time_ns, frame_, index, payload, stamp, packet.ip_id, packet.ttl, place.direction});
  }

  Sightings* out_;
  AddressTable addresses_;
  DecodedPacket decoded_;
  std::vector<PlaceTables> tables_;          // by place
  std::vector<std::uint32_t> by_interface_;  // place, by the reader's interface
  std::uint32_t frame_ = 0, place_ = 0;
};

// Where a handshake does not tell who began, captures that start at different moments would differ: then the end with
// the well-known port was asked.
void orient(Sightings& out) {
  constexpr std::uint16_t first_free_port = 1024;
  std::vector<bool> turned(out.flows.size());
  for (std::size_t i = 0; i < out.flows.size(); ++i) {
    SeenFlow& flow = out.flows[i];
    if ((flow.isn[0] && flow.isn[1]) || flow.a_port >= first_free_port || flow.b_port < first_free_port) continue;
    turned[i] = true;
    std::swap(flow.a, flow.b);
    std::swap(flow.a_port, flow.b_port);
    std::swap(flow.isn[0], flow.isn[1]);
    std::swap(flow.packets[0], flow.packets[1]);
    std::swap(flow.with_payload[0], flow.with_payload[1]);
  }
  for (Sighting& sighting : out.packets) sighting.direction ^= static_cast<std::uint8_t>(turned[sighting.flow] ? 1 : 0);
}

}  // namespace

Sightings collect_sightings(MergedReader& reader) {
  Sightings out;
  Collector collector(out);
  Frame frame;
  while (reader.next(frame)) collector.take(frame, reader);
  for (const CaptureFile& file : reader.files()) out.file_names.push_back(file.name());
  out.frames_of_file.resize(reader.files().size());
  orient(out);
  return out;
}

}  // namespace fourtuple::capture
