// One packet as data: its fields with their bytes, and how it looked at each hop. Captured packets show the bytes of
// the file, simulated ones the bytes their headers encode to. Pure except for the reader of captured frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/wire/fields.h"
#include "viz/panel/context.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {

struct HopColumn {
  std::string place;  // "alice eth0"
  Time at{0};
  std::uint8_t ttl = 0;
  std::uint16_t ip_checksum = 0;
  std::string source, destination;  // there; NAT may change them on the way
  std::uint64_t record = 0;         // of the sending that the place is told by
  bool arrival = false;             // the last place: received, not sent
};

// One value of the packet at every hop; parallel to PacketModel::hops.
struct HopRow {
  std::string name;  // "source", "TTL", "Sequence number"
  std::vector<std::string> values;
};

enum class Layer : std::uint8_t { link, network, transport, payload };

struct PacketModel {
  bool found = false;
  PacketId packet;
  CapsuleModel capsule;
  std::string title;  // "SYN from alice to web server"
  std::string length;
  std::string relative;  // "seq 1, ack 1449"
  std::vector<std::uint8_t> bytes;
  std::vector<Field> fields;
  std::vector<std::string> before;  // by field: its value at the place before this one where that differs, else ""
  std::vector<Layer> layers;        // of each byte
  bool captured = false;            // bytes are those of the file
  bool cut = false;                 // the capture holds fewer bytes than were sent
  std::vector<HopColumn> hops;
  // Addresses and ports, TTL and checksums always; other fields where a hop changed them.
  std::vector<HopRow> hop_rows;
};

// `hop`: the place whose bytes are shown (TTL and checksum differ), index into hops.
PacketModel build_packet(const PanelContext& context, PacketId packet, std::size_t hop);
// "SYN from alice to web server".
std::string packet_title(const PanelContext& context, const Packet& packet);
// The selected packet, else the latest one created before the cursor.
PacketId choose_packet(const PanelContext& context);
// The field with that name at depth 1 or deeper, or the number of fields.
std::size_t field_named(const PacketModel& model, std::string_view name);

}  // namespace fourtuple::viz
