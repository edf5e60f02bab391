// The fields of a frame with their byte ranges, for a hex view in which a field can be pointed at. Works on any bytes,
// captured or encoded; fields beyond the captured bytes are left out. Not for hot paths.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/bytes.h"

namespace fourtuple {

struct Field {
  std::string_view name;  // "Destination port"; static storage
  std::uint32_t offset = 0;
  std::uint32_t length = 0;  // bytes; a part of a byte counts as the whole byte
  std::string value;         // "80", "192.0.2.1", "SYN ACK"
  std::uint8_t depth = 0;    // 0: a header ("TCP"), 1: one of its fields, 2: an option
};

// What the first byte is.
enum class FieldStart : std::uint8_t { ethernet = 0, ip = 1 };

// Fields in byte order. `start_offset` is added to every offset. An ICMP error's quoted packet is listed too.
std::vector<Field> list_fields(Bytes bytes, FieldStart start, std::uint32_t start_offset = 0);

// "SYN ACK" in the order of the header's bits from low to high; "none".
std::string tcp_flags_text(std::uint8_t flags);

// "echo request", "port unreachable", "type 13 code 0".
std::string icmp_text(bool v6, std::uint8_t type, std::uint8_t code);

}  // namespace fourtuple
