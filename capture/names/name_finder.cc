#include "capture/names/name_finder.h"

#include <algorithm>
#include <string_view>

#include "capture/names/dns.h"
#include "capture/names/quic.h"
#include "capture/names/requests.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint16_t dns_port = 53, https_port = 443, mdns_port = 5353, llmnr_port = 5355;
constexpr std::uint8_t most_quic_tries = 3;

bool answers_names(std::uint16_t port) {
  return port == dns_port || port == mdns_port || port == llmnr_port;
}

// "example.com" of "example.com:8080"; "" when it is an address, which names nothing.
std::string_view host_part(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find_first_not_of("0123456789", colon + 1) == std::string_view::npos)
    name = name.substr(0, colon);
  const bool address = name.starts_with('[') || IpAddress::parse(name).has_value();
  return address ? std::string_view() : name;
}

// Where the stream of this direction begins: behind the SYN, or with the first segment seen.
SeqNumber first_byte(const Flow& flow, std::uint8_t direction, SeqNumber seq) {
  const auto& isn = flow.tcp.isn[direction];
  return isn ? *isn + 1u : seq;
}

}  // namespace

std::uint64_t hash_of(const NameFinder::StreamKey& key) {
  return mix_bits((std::uint64_t{key.flow} << 1) | key.direction);
}

void NameFinder::observe(const DecodedPacket& decoded, const FlowPlace& place, const Flow& flow, Bytes payload,
                         std::uint32_t frame) {
  if (payload.empty() || decoded.packet.protocol != flow.protocol) return;
  if (searches_.size() <= place.flow) searches_.resize(place.flow + 1);
  Search& search = searches_[place.flow];
  if (search.is_over(place.direction)) return;
  if (decoded.packet.protocol == Protocol::tcp) return observe_tcp(decoded, place, flow, payload, frame);
  observe_udp(decoded.packet, place.flow, search, payload, frame);
  const std::uint16_t from = decoded.packet.source_port, to = decoded.packet.destination_port;
  const bool quic = (from == https_port || to == https_port) && search.tries < most_quic_tries;
  if (!answers_names(from) && !quic) search.end(place.direction);
}

void NameFinder::observe_udp(const Packet& packet, std::uint32_t flow, Search& search, Bytes payload,
                             std::uint32_t frame) {
  if (answers_names(packet.source_port)) return read_dns(payload, frame);
  if (packet.source_port != https_port && packet.destination_port != https_port) return;
  ++search.tries;
  const auto header = read_quic(payload);
  if (!header) return;
  names_.label(flow, *header, frame);
  search.end(0);
  search.end(1);
}

void NameFinder::observe_tcp(const DecodedPacket& decoded, const FlowPlace& place, const Flow& flow, Bytes payload,
                             std::uint32_t frame) {
  const Packet& packet = decoded.packet;
  Search& search = searches_[place.flow];
  if (packet.destination_port == dns_port) return search.end(place.direction);
  const bool dns = packet.source_port == dns_port;
  const SeqNumber seq = packet.has(TcpFlag::syn) ? packet.seq + 1u : packet.seq;
  const SeqNumber first = first_byte(flow, place.direction, seq);
  const StreamKey key{place.flow, place.direction};
  const bool kept = stream_index_.contains(key);
  // Nearly always the first segment says it all.
  const bool cut = payload.size() < decoded.payload_length;
  bool over = !dns && !kept && seq == first && (read_request(decoded, place.flow, payload, frame) || cut);
  if (!over) {
    Stream& known = stream(key, first);
    known.start.add(seq, payload);
    const Bytes stream = known.start.contiguous();
    over =
        dns ? read_dns_stream(known.start, frame) : !stream.empty() && read_request(decoded, place.flow, stream, frame);
    over = over || cut || known.start.full();
  }
  if (!over) return;
  forget(key);
  search.end(place.direction);
}

bool NameFinder::read_request(const DecodedPacket& decoded, std::uint32_t flow, Bytes stream, std::uint32_t frame) {
  const AskedName server = read_server_name(stream);
  const AskedName asked = server.search == NameSearch::absent ? read_http_host(stream) : server;
  if (asked.search != NameSearch::found) return asked.search == NameSearch::absent;
  const bool tls = server.search == NameSearch::found;
  const NameSource source = tls ? NameSource::tls_sni : NameSource::http_host;
  names_.label(flow, asked.name, source, frame);
  names_.add_host(decoded.destination, host_part(asked.name), source, frame);
  return true;
}

bool NameFinder::read_dns_stream(StreamStart& start, std::uint32_t frame) {
  constexpr std::size_t length_field = 2;  // RFC 1035 section 4.2.2
  for (;;) {
    const Bytes stream = start.contiguous();
    if (stream.size() < length_field) return false;
    const std::size_t length = load16(stream.data());
    if (length_field + length > StreamStart::most_bytes) return true;
    if (stream.size() < length_field + length) return false;
    read_dns(stream.subspan(length_field, length), frame);
    start.drop(static_cast<std::uint32_t>(length_field + length));
  }
}

void NameFinder::read_dns(Bytes message, std::uint32_t frame) {
  for (const DnsAnswer& answer : read_dns_answers(message))
    names_.add_host(answer.address, answer.name, answer.pointer ? NameSource::dns_pointer : NameSource::dns_answer,
                    frame);
}

NameFinder::Stream& NameFinder::stream(const StreamKey& key, SeqNumber first) {
  std::uint32_t index = stream_index_.find(key);
  if (index != IndexMap<StreamKey>::absent) return streams_[index];
  if (!free_streams_.empty()) {
    index = free_streams_.back();
    free_streams_.pop_back();
  } else if (streams_.size() < most_streams) {
    index = static_cast<std::uint32_t>(streams_.size());
    streams_.emplace_back();
  } else {
    index = static_cast<std::uint32_t>(oldest_stream_++ % most_streams);
    searches_[streams_[index].key.flow].end(streams_[index].key.direction);
    stream_index_.erase(streams_[index].key);
  }
  streams_[index] = {key, StreamStart(first)};
  stream_index_.set(key, index);
  return streams_[index];
}

void NameFinder::forget(const StreamKey& key) {
  const std::uint32_t index = stream_index_.find(key);
  if (index == IndexMap<StreamKey>::absent) return;
  stream_index_.erase(key);
  streams_[index] = {};
  free_streams_.push_back(index);
}

}  // namespace fourtuple::capture
