// The one table of the scenario format: every key, what its value may be, and what it means. The validator, the JSON
// Schema, the suggestions and the documentation's test are all fed from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/world/scenario/words.h"

namespace fourtuple::world {

// How a single (scalar) value is written.
enum class Form : std::uint8_t {
  none,  // a single value is not allowed
  text,
  name,
  boolean,
  integer,  // within Key::least and Key::most
  word,     // of Key::words
  duration,
  rate,
  size,
  packets,
  percent,
  port,
  port_range,
  port_pair,         // "32768 60999"
  port_list,         // "8080,9000-9010"; empty: none
  prefix,            // address with length
  route_to,          // gateway address or interface name
  destination,       // "default" or a prefix
  endpoint,          // host or address with a port
  listener,          // optional protocol, then address and port
  listener_or_name,  // also unix:…
  listener_or_unix,  // listener, or an address of AF_UNIX
  endpoint_or_unix,
  pattern,  // host, address, prefix or port, for matching
  from,     // port, or address and port
  flags,
  process,  // host/process
  process_or_host,
  host,
  target,  // host or address
  path,
};

enum class Shape : std::uint8_t {
  one,
  list,         // a sequence
  one_or_list,  // either
  named,        // a mapping from names (Key::names) to values
};

struct Object;

struct Key {
  std::string_view name;
  Form form = Form::none;
  const Object* object = nullptr;  // a mapping with these keys is allowed
  Shape shape = Shape::one;
  Form names = Form::name;  // Shape::named
  Words words = Words::none;
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  bool required = false;
  bool chooses = false;        // exactly one key of the object must be one of these
  std::string_view with = {};  // the choosing keys it goes with, separated by spaces; empty: all
  std::string_view doc;
  std::string_view example = {};
};

struct Object {
  std::string_view name;
  std::string_view doc;
  std::span<const Key> keys;

  const Key* find(std::string_view key) const;
};

// The whole file.
const Object& root_object();
// Every object of the format, each once, root first.
std::span<const Object* const> all_objects();

// A key of later versions: what it would need; "" when the key is not one of those.
std::string_view not_available(std::string_view key);

// Whether `key` goes with the choosing key `chosen`.
bool goes_with(const Key& key, std::string_view chosen);

bool fits(const Key& key, Form form, std::string_view text);
// "a time such as 10 ms"
std::string expected_words(const Key& key, Form form);

}  // namespace fourtuple::world
