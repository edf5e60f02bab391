#include "viz/panels/packet/packet_model.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/wire/encode.h"
#include "viz/panels/common/relative.h"

namespace fourtuple::viz {
namespace {

using Buffer = std::vector<std::uint8_t>;

const IpAddress& address_of(const trace::Tables& tables, AddressId id) {
  static const IpAddress unknown;
  return id.value < tables.addresses.size() ? tables.addresses[id] : unknown;
}

// The packet's bytes as its headers say, with `ttl` in the IP header.
Buffer encode(const PanelContext& context, Packet packet, std::uint8_t ttl, bool quote_allowed = true) {
  const trace::Tables& tables = context.trace.tables();
  const IpAddress &source = address_of(tables, packet.source), &destination = address_of(tables, packet.destination);
  Buffer payload, out;
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::optional<Packet> quoted = quote_allowed ? packets.packet(packets.quoted(packet.id)) : std::nullopt;
  if (quoted) {
    payload = encode(context, *quoted, quoted->ttl, false);
    payload.resize(std::min<std::size_t>(payload.size(), max_quote_length(source.family)));
  } else {
    std::string text;
    if (payload_bytes(context.trace, context.indexes.streams(), packet, text) != trace::PayloadFound::bytes) {
      text.assign(std::min<std::uint32_t>(packet.payload_length, 65535), '\0');
    }
    payload.assign(text.begin(), text.end());
  }
  packet.ttl = ttl;
  if ((packet.fragment_flags & FragmentFlag::is_fragment) != 0) {
    encode_ip(packet, source, destination, payload, out);
  } else {
    encode_packet(packet, source, destination, payload, out);
  }
  return out;
}

FieldStart start_of(const Buffer& bytes) {
  if (bytes.size() >= 15) {
    const std::uint16_t type = load16(&bytes[12]);
    const int version = bytes[14] >> 4;
    const bool ip = (type == 0x0800 && version == 4) || (type == 0x86dd && version == 6);
    if (ip || type == 0x8100 || type == 0x88a8) return FieldStart::ethernet;
  }
  const int first = bytes.empty() ? 0 : bytes[0] >> 4;
  return first == 4 || first == 6 ? FieldStart::ip : FieldStart::ethernet;
}

Layer layer_named(std::string_view header) {
  if (header == "Ethernet" || header == "VLAN") return Layer::link;
  if (header == "IPv4" || header == "IPv6") return Layer::network;
  if (header == "TCP" || header == "UDP" || header.starts_with("ICMP")) return Layer::transport;
  return Layer::payload;
}

void color_layers(PacketModel& model) {
  model.layers.assign(model.bytes.size(), Layer::payload);
  for (const Field& field : model.fields) {
    if (field.depth != 0) continue;
    const Layer layer = layer_named(field.name);
    for (std::size_t i = field.offset; i < model.layers.size() && i < std::size_t{field.offset} + field.length; ++i) {
      model.layers[i] = layer;
    }
  }
}

std::string place_of(const trace::Tables& tables, InterfaceId interface) {
  const HostId host = host_of(tables, interface);
  return fmt::format("{} {}", trace::host_name(tables, host), trace::interface_name(tables, interface));
}

std::uint16_t checksum_with(const PanelContext& context, const Packet& packet, std::uint8_t ttl) {
  if (address_of(context.trace.tables(), packet.source).family != Family::ipv4) return 0;
  const Buffer bytes = encode(context, packet, ttl);
  return bytes.size() >= 12 ? load16(&bytes[10]) : std::uint16_t{0};
}

std::vector<HopColumn> make_hops(const PanelContext& context, const Packet& packet) {
  const trace::Tables& tables = context.trace.tables();
  std::vector<HopColumn> hops;
  for (const std::uint64_t record : context.indexes.packets().hops(packet.id)) {
    const replay::Transit transit = context.indexes.lanes().transit(record);
    hops.push_back({place_of(tables, transit.from), transit.departs, transit.ttl, 0, false});
    if (transit.to.valid() && !transit.lost)
      hops.push_back({place_of(tables, transit.to), transit.arrives, transit.ttl, 0, true});
  }
  // An arrival that is sent on is told by its departure.
  for (std::size_t i = 0; i + 1 < hops.size();) {
    if (hops[i].arrival) {
      hops.erase(hops.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  for (HopColumn& hop : hops) hop.ip_checksum = checksum_with(context, packet, hop.ttl);
  return hops;
}

std::string make_title(const PanelContext& context, const Packet& packet) {
  const trace::Tables& tables = context.trace.tables();
  const auto name = [&](AddressId address) {
    const HostId host = host_with(tables, address);
    return host.valid() ? std::string(trace::host_name(tables, host)) : address_text(tables, address);
  };
  std::string what =
      packet.protocol == Protocol::tcp ? flag_words(packet) : std::string(trace::protocol_name(packet.protocol));
  if (packet.protocol == Protocol::icmp || packet.protocol == Protocol::icmpv6) what += " " + trace::icmp_text(packet);
  return fmt::format("{} from {} to {}", what, name(packet.source), name(packet.destination));
}

std::string make_relative(const PanelContext& context, const Packet& packet) {
  if (packet.protocol != Protocol::tcp) return {};
  const SequenceBase base = sequence_base(context.indexes.packets(), context.indexes.packets().flow(packet.id), packet);
  std::string text;
  if (base.own) text = fmt::format("relative seq {}", packet.seq.raw - base.own->raw);
  if (base.other && packet.has(TcpFlag::ack)) text += fmt::format(", ack {}", packet.ack.raw - base.other->raw);
  return text;
}

}  // namespace

PacketId choose_packet(const PanelContext& context) {
  if (context.selection.packet.valid()) return context.selection.packet;
  const std::uint64_t last = context.indexes.marks().previous(replay::Mark::packet, context.cursor.position());
  return last == trace::Index::none ? PacketId::none() : PacketId{context.trace.at(last)->subject};
}

PacketModel build_packet(const PanelContext& context, PacketId id, std::size_t hop) {
  PacketModel model;
  const std::optional<Packet> packet = context.indexes.packets().packet(id);
  if (!packet) return model;
  model.found = true;
  model.packet = id;
  model.capsule = capsule_of(context.indexes.packets(), id, *packet);
  if (model.capsule.shape == PacketShape::icmp) model.capsule.text.clear();
  model.title = make_title(context, *packet);
  model.relative = make_relative(context, *packet);
  model.hops = make_hops(context, *packet);
  const trace::Tables& tables = context.trace.tables();
  const bool ports = packet->protocol == Protocol::tcp || packet->protocol == Protocol::udp;
  model.source =
      ports ? trace::endpoint_text(tables, packet->source, packet->source_port) : address_text(tables, packet->source);
  model.destination = ports ? trace::endpoint_text(tables, packet->destination, packet->destination_port)
                            : address_text(tables, packet->destination);
  std::string frame;
  std::uint32_t original = 0;
  if (context.frame_bytes && context.frame_bytes(id, frame, original)) {
    model.captured = true;
    model.bytes.assign(frame.begin(), frame.end());
    model.cut = original > model.bytes.size();
    model.length = model.cut ? fmt::format("{} of {} bytes captured", model.bytes.size(), original)
                             : fmt::format("{} bytes", original);
  } else {
    model.bytes = encode(context, *packet, hop < model.hops.size() ? model.hops[hop].ttl : packet->ttl);
    model.length = fmt::format("{} bytes", model.bytes.size());
  }
  model.fields = list_fields(model.bytes, model.captured ? start_of(model.bytes) : FieldStart::ip);
  color_layers(model);
  return model;
}

std::size_t field_named(const PacketModel& model, std::string_view name) {
  const auto found = std::find_if(model.fields.begin(), model.fields.end(),
                                  [&](const Field& field) { return field.depth > 0 && field.name == name; });
  return static_cast<std::size_t>(found - model.fields.begin());
}

}  // namespace fourtuple::viz
