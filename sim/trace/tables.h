// Side tables of a trace: what records refer to by id. Filled before the run starts (or while a capture is read) and
// constant for readers afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/random.h"
#include "sim/base/time.h"
#include "sim/trace/ruleset.h"
#include "sim/wire/address.h"

namespace fourtuple::trace {

// Interned texts: process, user and host names. Equal texts have equal ids.
class Strings {
 public:
  StringId intern(std::string_view text);
  // "" for none().
  std::string_view operator[](StringId id) const;
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }

 private:
  std::vector<std::string> texts_;
};

// Bytes that applications send. Content 0 is the endless test pattern: byte i is 'a' + i mod 26; its text is empty.
struct Content {
  std::string text;
};

struct InterfaceInfo {
  HostId host;
  StringId name;
  NetworkId network;  // none for an interface without one
  std::vector<Prefix> addresses;
  std::uint32_t mtu = 1500;
  bool loopback = false;
};

enum class NetworkKind : std::uint8_t { link = 0, segment = 1, loopback = 2, observed = 3 };

struct NetworkInfo {
  StringId name;
  NetworkKind kind = NetworkKind::link;
  Duration delay{0};
  std::uint64_t rate_bits_per_s = 0;  // 0: unlimited
  std::uint32_t queue_packets = 0;    // 0: unlimited
  Ratio loss;
  std::vector<InterfaceId> interfaces;
};

enum class HostKind : std::uint8_t { computer = 0, server = 1, router = 2, observed = 3 };

struct RouteInfo {
  Prefix destination;
  AddressId gateway;  // none: directly connected
  InterfaceId interface;
};

struct HostInfo {
  StringId name;
  HostKind kind = HostKind::computer;
  bool forwarding = false;
  bool inferred = false;                // from a capture: an address seen, not a host known
  std::vector<InterfaceId> interfaces;  // lo first
  std::vector<RouteInfo> routes;
};

struct Topology {
  std::vector<HostInfo> hosts;
  std::vector<InterfaceInfo> interfaces;
  std::vector<NetworkInfo> networks;
};

enum class Source : std::uint8_t { scenario = 0, capture = 1 };

// What one entry of a timeline did, in words: "anna/browser: connect to server:80".
struct CommandText {
  StringId words;
  std::uint32_t line = 0;  // of the scenario file, 0 for an interactive command
};

// A passage of narration that shows from `from` on.
struct Caption {
  Time from;
  std::string title;
  std::string text;
};

struct Tables {
  Source source = Source::scenario;
  std::string title;
  std::string file_name;      // without its folder
  std::string scenario_text;  // the exact bytes the run was made from; empty for a capture
  std::uint64_t seed = 0;
  std::int64_t epoch_ns = 0;  // capture: wall-clock time of instant 0, nanoseconds since 1970 UTC
  AddressTable addresses;
  Strings strings;
  Topology topology;
  std::vector<Content> contents;
  std::vector<CommandText> commands;
  std::vector<Caption> captions;
  // By RulesetLoaded::ruleset. Sized before the run; a revision is filled in before the record that names it.
  std::vector<RulesetInfo> rulesets;
  std::vector<std::string> notes;  // what an importer skipped or guessed, line by line
};

// Copies bytes [offset, offset + length) of a content to `to`.
void read_content(const Tables& tables, ContentId content, std::uint64_t offset, std::uint32_t length, char* to);

}  // namespace fourtuple::trace
