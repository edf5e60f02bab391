#include "viz/panels/packet/packet_model.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>

#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/wire/encode.h"
#include "viz/panels/common/filter_words.h"
#include "viz/panels/common/relative.h"

namespace fourtuple::viz {
namespace {

using Buffer = std::vector<std::uint8_t>;

const IpAddress& address_of(const trace::Tables& tables, AddressId id) {
  static const IpAddress unknown;
  return id.value < tables.addresses.size() ? tables.addresses[id] : unknown;
}

// The packet's bytes as its headers say, with `ttl` in the IP header. `position`: what an ICMP error quotes is taken as
// it was behind that record.
Buffer encode(const PanelContext& context, Packet packet, std::uint8_t ttl, std::uint64_t position,
              bool quote_allowed = true) {
  const trace::Tables& tables = context.trace.tables();
  const IpAddress &source = address_of(tables, packet.source), &destination = address_of(tables, packet.destination);
  Buffer payload, out;
  const replay::PacketIndex& packets = context.indexes.packets();
  const std::optional<Packet> quoted = quote_allowed ? packets.quoted_at(packet.id, position) : std::nullopt;
  if (quoted) {
    payload = encode(context, *quoted, quoted->ttl, position, false);
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

// The packet as it was sent to, or from, a place.
Buffer bytes_at(const PanelContext& context, const Packet& created, const HopColumn& hop) {
  const Packet there = context.indexes.packets().packet_at(created.id, hop.record).value_or(created);
  return encode(context, there, hop.ttl, hop.record);
}

std::vector<HopColumn> make_hops(const PanelContext& context, const Packet& packet) {
  const trace::Tables& tables = context.trace.tables();
  std::vector<HopColumn> hops;
  const auto add = [&](const replay::Transit& transit, InterfaceId interface, Time at, bool arrival) {
    HopColumn hop;
    hop.place = place_of(tables, interface);
    hop.at = at;
    hop.ttl = transit.ttl;
    hop.arrival = arrival;
    hop.record = transit.record;
    const Packet there = context.indexes.packets().packet_at(packet.id, transit.record).value_or(packet);
    hop.source = source_text(tables, there);
    hop.destination = destination_text(tables, there);
    hops.push_back(std::move(hop));
  };
  for (const std::uint64_t record : context.indexes.packets().hops(packet.id)) {
    const replay::Transit transit = context.indexes.lanes().transit(record);
    // An arrival that is sent on is told by its departure.
    if (!hops.empty() && hops.back().arrival) hops.pop_back();
    add(transit, transit.from, transit.departs, false);
    if (transit.to.valid() && !transit.lost) add(transit, transit.to, transit.arrives, true);
  }
  const bool ipv4 = address_of(tables, packet.source).family == Family::ipv4;
  for (HopColumn& hop : hops) {
    const Buffer bytes = ipv4 ? bytes_at(context, packet, hop) : Buffer{};
    if (bytes.size() >= 12) hop.ip_checksum = load16(&bytes[10]);
  }
  return hops;
}

constexpr std::array<std::string_view, 4> told_by_name = {"Source address", "Destination address", "Source port",
                                                          "Destination port"};

// Values of a field at every hop, "none" where it is missing.
HopRow row_of(std::string name, std::string_view field, std::string_view header,
              const std::vector<std::vector<Field>>& at_hops) {
  HopRow row{std::move(name), {}};
  for (const std::vector<Field>& fields : at_hops) {
    std::string_view inside;
    std::string value = "none";
    for (const Field& each : fields) {
      if (each.depth == 0) inside = each.name;
      if (each.depth == 0 || each.name != field || (!header.empty() && inside != header)) continue;
      value = each.value;
      break;
    }
    row.values.push_back(std::move(value));
  }
  return row;
}

bool changes(const HopRow& row) {
  return std::adjacent_find(row.values.begin(), row.values.end(), std::not_equal_to<>()) != row.values.end();
}

std::vector<HopRow> make_hop_rows(const PanelContext& context, const Packet& packet,
                                  const std::vector<HopColumn>& hops) {
  std::vector<std::vector<Field>> fields;
  for (const HopColumn& hop : hops) fields.push_back(list_fields(bytes_at(context, packet, hop), FieldStart::ip));
  HopRow source{"source", {}}, destination{"destination", {}}, ttl{"TTL", {}};
  for (const HopColumn& hop : hops) {
    source.values.push_back(hop.source);
    destination.values.push_back(hop.destination);
    ttl.values.push_back(std::to_string(hop.ttl));
  }
  std::vector<HopRow> rows = {std::move(source), std::move(destination), std::move(ttl)};
  if (fields.empty()) return rows;
  if (address_of(context.trace.tables(), packet.source).family == Family::ipv4)
    rows.push_back(row_of("IP checksum", "Header checksum", "IPv4", fields));
  if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp) {
    const std::string_view header = packet.protocol == Protocol::tcp ? "TCP" : "UDP";
    rows.push_back(row_of(fmt::format("{} checksum", header), "Checksum", header, fields));
  }
  std::string_view header;
  for (const Field& field : fields.front()) {
    if (field.depth == 0) header = field.name;
    const bool told = std::find(told_by_name.begin(), told_by_name.end(), field.name) != told_by_name.end() ||
                      field.name == "Time to live" || field.name == "Hop limit" || field.name.ends_with("hecksum");
    if (field.depth == 0 || told) continue;
    HopRow row = row_of(std::string(field.name), field.name, header, fields);
    if (changes(row)) rows.push_back(std::move(row));
  }
  return rows;
}

// Values of the fields at the place before, where they were others.
std::vector<std::string> values_before(const PacketModel& model, const std::vector<Field>& old) {
  std::vector<std::string> before(model.fields.size());
  if (old.size() != model.fields.size()) return before;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (old[i].name == model.fields[i].name && old[i].value != model.fields[i].value) before[i] = old[i].value;
  }
  return before;
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

std::string packet_title(const PanelContext& context, const Packet& packet) {
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
  model.hops = make_hops(context, *packet);
  model.hop_rows = make_hop_rows(context, *packet, model.hops);
  const Packet there = hop < model.hops.size()
                           ? context.indexes.packets().packet_at(id, model.hops[hop].record).value_or(*packet)
                           : *packet;
  model.capsule = capsule_of(context.indexes.packets(), id, there);
  if (model.capsule.shape == PacketShape::icmp) model.capsule.text.clear();
  model.title = packet_title(context, *packet);
  model.relative = make_relative(context, *packet);
  std::string frame;
  std::uint32_t original = 0;
  if (context.frame_bytes && context.frame_bytes(id, frame, original)) {
    model.captured = true;
    model.bytes.assign(frame.begin(), frame.end());
    model.cut = original > model.bytes.size();
    model.length = model.cut ? fmt::format("{} of {} bytes captured", model.bytes.size(), original)
                             : fmt::format("{} bytes", original);
  } else {
    const std::uint64_t created = context.indexes.packets().created(id);
    model.bytes = hop < model.hops.size() ? bytes_at(context, *packet, model.hops[hop])
                                          : encode(context, *packet, packet->ttl, created);
    model.length = fmt::format("{} bytes", model.bytes.size());
  }
  model.fields = list_fields(model.bytes, model.captured ? start_of(model.bytes) : FieldStart::ip);
  model.before.resize(model.fields.size());
  if (!model.captured && hop > 0 && hop < model.hops.size())
    model.before = values_before(model, list_fields(bytes_at(context, *packet, model.hops[hop - 1]), FieldStart::ip));
  color_layers(model);
  return model;
}

std::size_t field_named(const PacketModel& model, std::string_view name) {
  const auto found = std::find_if(model.fields.begin(), model.fields.end(),
                                  [&](const Field& field) { return field.depth > 0 && field.name == name; });
  return static_cast<std::size_t>(found - model.fields.begin());
}

}  // namespace fourtuple::viz
