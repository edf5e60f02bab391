#include "sim/world/scenario/keys.h"

#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {
namespace {

struct Later {
  std::string_view key;
  std::string_view why;
};
constexpr Later later_keys[] = {
    {"lesson", "predict-and-reveal lessons"},
    {"dns", "DNS servers"},
    {"namespaces", "network namespaces"},
};

bool is_address(std::string_view text) {
  return IpAddress::parse(text).has_value();
}

bool is_endpoint(std::string_view text) {
  const auto at = parse_protocol_host_port(text);
  return at && at->at.port && at->at.port->first == at->at.port->last &&
         (is_name(at->at.host) || is_address(at->at.host));
}

// An endpoint whose host is an address, since a process binds addresses; or '*'.
bool is_listener(std::string_view text) {
  const auto at = parse_protocol_host_port(text);
  return at && at->at.port && at->at.port->first == at->at.port->last &&
         (is_address(at->at.host) || at->at.host == "localhost");
}

bool is_pattern(std::string_view text) {
  if (Prefix::parse(text)) return true;
  const auto at = parse_host_port(text);
  return at && (at->host.empty() ? at->port.has_value()
                                 : is_name(at->host) || is_address(at->host) || Prefix::parse(at->host).has_value());
}

bool is_process(std::string_view text, bool host_alone) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return host_alone && is_name(text);
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_port_pair(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return false;
  const auto low = parse_port(text.substr(0, space)), high = parse_port(text.substr(space + 1));
  return low && high && *low >= 1 && *low <= *high;
}

bool is_integer(const Key& key, std::string_view text) {
  const auto value = parse_integer(text);
  return value && *value >= static_cast<std::uint64_t>(key.least) && *value <= static_cast<std::uint64_t>(key.most);
}

bool is_from(std::string_view text) {
  if (parse_port(text)) return true;
  if (const auto prefix = Prefix::parse(text)) return prefix->length > 0;
  const auto at = parse_host_port(text);
  return at && is_address(at->host) && (!at->port || at->port->first == at->port->last);
}

std::string range_words(const Key& key) {
  const std::string least = std::to_string(key.least);
  if (key.least == key.most) return "the number " + least;
  if (key.most == INT64_MAX) return "a whole number" + (key.least > 0 ? ", " + least + " or more" : std::string());
  return "a whole number from " + least + " to " + std::to_string(key.most);
}

std::string word_list(const Key& key) {
  const auto& words = words_in(key.words);
  if (words.size() > 14) return "";
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + std::string(words[i]);
  return list;
}

}  // namespace

const Key* Object::find(std::string_view key) const {
  for (const Key& candidate : keys)
    if (candidate.name == key) return &candidate;
  return nullptr;
}

std::string_view not_available(std::string_view key) {
  for (const Later& later : later_keys)
    if (later.key == key) return later.why;
  return {};
}

bool goes_with(const Key& key, std::string_view chosen) {
  if (key.with.empty()) return true;
  for (std::size_t begin = 0; begin < key.with.size();) {
    const std::size_t end = std::min(key.with.find(' ', begin), key.with.size());
    if (key.with.substr(begin, end - begin) == chosen) return true;
    begin = end + 1;
  }
  return false;
}

bool fits(const Key& key, Form form, std::string_view text) {
  switch (form) {
    case Form::none:
      return false;
    case Form::text:
      return true;
    case Form::name:
    case Form::host:
      return is_name(text);
    case Form::boolean:
      return parse_boolean(text).has_value();
    case Form::integer:
      return is_integer(key, text);
    case Form::word:
      return is_word(key.words, text);
    case Form::duration:
      return parse_duration(text).has_value() || (key.name == "start" && text == "later");
    case Form::rate:
      return parse_rate(text).value_or(0) > 0;
    case Form::size:
      return parse_size(text).value_or(INT64_MAX) <= (1ull << 40);
    case Form::packets:
      return parse_packets(text).has_value();
    case Form::percent:
      return parse_percent(text).has_value();
    case Form::port:
      return parse_port(text).has_value();
    case Form::port_range:
      return parse_port_range(text).has_value();
    case Form::port_pair:
      return is_port_pair(text);
    case Form::port_list:
      return parse_port_list(text).has_value();
    case Form::prefix:
      return Prefix::parse(text).has_value();
    case Form::route_to:
      return is_name(text) || is_address(text);
    case Form::destination:
      return text == "default" || Prefix::parse(text).has_value();
    case Form::endpoint:
      return is_endpoint(text);
    case Form::listener:
      return is_listener(text);
    case Form::listener_or_name:
      return is_name(text) || is_listener(text) || parse_unix_address(text);
    case Form::listener_or_unix:
      return is_listener(text) || parse_unix_address(text);
    case Form::endpoint_or_unix:
      return is_endpoint(text) || parse_unix_address(text);
    case Form::pattern:
      return is_pattern(text);
    case Form::from:
      return is_from(text);
    case Form::flags:
      return parse_flags(text).has_value();
    case Form::process:
      return is_process(text, false);
    case Form::process_or_host:
      return is_process(text, true);
    case Form::target:
      return is_name(text) || is_address(text);
    case Form::path:
      return text.starts_with('/') && text.size() <= 256;
  }
  return false;
}

std::string expected_words(const Key& key, Form form) {
  switch (form) {
    case Form::none:
      return key.shape == Shape::list ? "a list" : "a mapping such as { key: value }";
    case Form::text:
      return "a text";
    case Form::name:
      return "a name: a letter, then letters, digits, '-' or '_', 32 at most";
    case Form::host:
      return "the name of a host";
    case Form::boolean:
      return "true or false";
    case Form::integer:
      return range_words(key);
    case Form::word:
      return word_list(key);
    case Form::duration:
      return key.name == "start" ? "a time such as 10 ms, or later" : "a time such as 10 ms, 1.5 s or 2 min";
    case Form::rate:
      return "a rate such as 100 Mbit/s or 1 Gbit/s";
    case Form::size:
      return "a size such as 100, 64 KB or 1 MiB";
    case Form::packets:
      return "a number of packets such as 50 packets";
    case Form::percent:
      return "a share from 0 % to 100 %, such as 0.1 %";
    case Form::port:
      return "a port from 0 to 65535";
    case Form::port_range:
      return "a number from 0 to 65535 or a range such as 1024-65535";
    case Form::port_pair:
      return "two ports, low and high, such as 32768 60999";
    case Form::port_list:
      return "ports and ranges with commas, such as \"8080,9000-9010\"";
    case Form::prefix:
      return "an address with prefix length such as 192.168.1.10/24 or \"2001:db8::1/64\"";
    case Form::route_to:
      return "a gateway's address or the name of an interface";
    case Form::destination:
      return "default, or a prefix such as 10.0.0.0/8";
    case Form::endpoint:
      return "a host or address and a port from 0 to 65535, such as \"server:80\"";
    case Form::listener:
      return "an address and a port from 0 to 65535, such as \"tcp 0.0.0.0:80\" or \"udp [::]:53\"";
    case Form::listener_or_name:
      return "an address and a port such as \"0.0.0.0:80\", unix:/path, or the name of a bound socket";
    case Form::listener_or_unix:
      return "an address and a port from 0 to 65535, such as \"tcp 0.0.0.0:80\" or \"udp [::]:53\", or unix:/path";
    case Form::endpoint_or_unix:
      return "a host or address and a port from 0 to 65535, such as \"server:80\", or unix:/path";
    case Form::pattern:
      return "a host, address or prefix, with a port or range of ports if wanted, such as \"server:80\"";
    case Form::from:
      return "a port from 0 to 65535, or an address and a port such as \"192.168.1.10:50432\", or a prefix such as "
             "\"10.2.0.1/15\"";
    case Form::flags:
      return "TCP flags such as SYN, SYN ACK or FIN";
    case Form::process:
      return "a process written host/process, such as anna/browser";
    case Form::process_or_host:
      return "a process written host/process, or a host";
    case Form::target:
      return "a host or an address";
    case Form::path:
      return "a path that starts with '/'";
  }
  return {};
}

}  // namespace fourtuple::world
