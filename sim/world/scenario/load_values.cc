#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {

std::uint32_t NameTable::find_quietly(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nothing : found->second;
}

std::uint32_t NameTable::find(std::string_view name, Mark mark, Reporter& reporter) const {
  const std::uint32_t found = find_quietly(name);
  if (found != nothing || !is_name(name) || reporter.full()) return found;
  std::vector<std::string_view> names;
  for (const auto& [known, index] : index_) {
    if (names.size() == 1000) break;
    names.push_back(known);
  }
  std::string expected;
  std::string suggestion = nearest(name, names);
  if (suggestion.empty() && names.empty()) expected = "a " + kind_ + " that is defined; there is none";
  if (suggestion.empty() && !names.empty() && names.size() <= 8) {
    expected = "one of ";
    for (const std::string_view known : names) expected += (known == names[0] ? "" : ", ") + std::string(known);
  }
  reporter.error(mark, "there is no " + kind_ + " " + in_quotes(name) + where_, expected, suggestion);
  return nothing;
}

std::string_view Loader::scalar(const Node& node, std::string_view key) const {
  const Node* value = node.find(key);
  return value != nullptr && value->is_scalar() ? std::string_view(value->text) : std::string_view();
}

std::optional<Time> Loader::time(const Node& node, std::string_view key) const {
  const auto duration = read(node, key, parse_duration);
  return duration ? std::optional(Time{duration->ns}) : std::nullopt;
}

std::optional<Family> Loader::family(const Node& node) const {
  const std::string_view word = scalar(node, "family");
  if (word == "ipv4") return Family::ipv4;
  if (word == "ipv6") return Family::ipv6;
  return std::nullopt;
}

Text Loader::text(const Node* node) const {
  Text text;
  if (node == nullptr) return text;
  if (node->is_scalar()) text.versions.push_back({"en", node->text});
  for (const Member& member : node->members)
    if (member.value.is_scalar()) text.versions.push_back({member.key, member.value.text});
  return text;
}

Payload Loader::payload(const Node& node) const {
  if (node.is_scalar()) return {node.text, node.text.size()};
  if (const Node* words = node.find("text"); words != nullptr) return {words->text, words->text.size()};
  return {{}, read(node, "bytes", parse_size).value_or(0)};
}

SocketOptions Loader::options(const Node& node) const {
  SocketOptions options;
  options.v6only = read(node, "v6only", parse_boolean).value_or(false);
  options.reuse_address = read(node, "reuse-address", parse_boolean).value_or(false);
  options.reuse_port = read(node, "reuse-port", parse_boolean).value_or(false);
  options.free_bind = read(node, "free-bind", parse_boolean).value_or(false);
  options.bind_address_no_port = read(node, "bind-address-no-port", parse_boolean).value_or(false);
  if (const auto count = read(node, "syn-count", parse_integer)) options.syn_count = static_cast<std::uint8_t>(*count);
  load_patience(node, options);
  return options;
}

void Loader::load_patience(const Node& node, SocketOptions& options) const {
  constexpr std::int64_t most_ms = INT32_MAX;
  if (const auto timeout = in_units(node, "user-timeout", milliseconds(1), {1, most_ms}, "1 ms to 24 days"))
    options.user_timeout_ms = static_cast<std::uint32_t>(*timeout);
  const Node* keep = node.find("keep-alive");
  if (keep == nullptr) return;
  options.keep_alive = keep->is_mapping() || parse_boolean(keep->text).value_or(false);
  if (!keep->is_mapping()) return;
  const auto seconds_of = [&](std::string_view key) -> std::optional<std::uint16_t> {
    const auto value = in_units(*keep, key, seconds(1), {1, 32767}, "whole seconds, 1 s to 32767 s");
    return value ? std::optional(static_cast<std::uint16_t>(*value)) : std::nullopt;
  };
  options.keep_idle_s = seconds_of("idle");
  options.keep_interval_s = seconds_of("interval");
  if (const auto count = read(*keep, "count", parse_integer)) options.keep_count = static_cast<std::uint8_t>(*count);
}

std::optional<std::int64_t> Loader::in_units(const Node& node, std::string_view key, Duration unit, UnitRange range,
                                             std::string_view expected) const {
  const auto value = read(node, key, parse_duration);
  if (!value) return std::nullopt;
  const std::int64_t count = value->ns / unit.ns;
  if (value->ns % unit.ns == 0 && count >= range.least && count <= range.most) return count;
  reporter_.error(node.find(key)->mark, "the kernel cannot wait for " + in_quotes(node.find(key)->text),
                  std::string(expected));
  return std::nullopt;
}

std::vector<SysctlSetting> Loader::sysctls(const Node* node) const {
  std::vector<SysctlSetting> settings;
  if (node == nullptr) return settings;
  for (const Member& member : node->members) {
    if (!member.value.is_scalar()) continue;
    if (const auto sysctl = sysctl_from(member.key)) {
      settings.push_back(parse_sysctl(*sysctl, member.value.text));
      settings.back().where = member.mark;
    }
  }
  return settings;
}

ProcessRef Loader::process_ref(const Node& node) {
  ProcessRef ref;
  if (!node.is_scalar()) return ref;
  const std::size_t slash = std::min(node.text.find('/'), node.text.size());
  ref.host = hosts_.find(std::string_view(node.text).substr(0, slash), node.mark, reporter_);
  if (ref.host == nothing || slash == node.text.size()) return ref;
  ref.process = processes_[ref.host].find(std::string_view(node.text).substr(slash + 1), node.mark, reporter_);
  if (ref.process == nothing) ref.host = nothing;
  return ref;
}

SocketRef Loader::socket_ref(const Node& node) {
  if (!node.is_scalar()) return nothing;
  if (sockets_.find_quietly(node.text) == nothing) {
    if (const auto later = later_sockets_.find(node.text); later != later_sockets_.end()) {
      reporter_.error(node.mark,
                      "the socket " + in_quotes(node.text) + " is used before it is made in line " +
                          std::to_string(later->second.line),
                      "the entry that makes it first");
      return nothing;
    }
  }
  return sockets_.find(node.text, node.mark, reporter_);
}

std::optional<IpAddress> Loader::address_of(std::string_view name, Mark mark, std::uint32_t from_host,
                                            std::optional<Family> family) {
  if (const auto address = IpAddress::parse(name)) return *address;
  if (name == "localhost") return family == Family::ipv6 ? *IpAddress::parse("::1") : *IpAddress::parse("127.0.0.1");
  const std::uint32_t host = hosts_.find(name, mark, reporter_);
  if (host == nothing) return std::nullopt;
  // Nearest first: an address on a network both hosts are on, then any; IPv4 unless asked otherwise.
  const auto shares_network = [&](std::uint32_t network) {
    if (from_host == nothing) return false;
    for (const InterfaceSpec& own : scenario_.hosts[from_host].interfaces)
      if (own.network == network) return true;
    return false;
  };
  std::optional<IpAddress> best;
  int best_rank = -1;
  for (const InterfaceSpec& interface : scenario_.hosts[host].interfaces) {
    const int near = shares_network(interface.network) ? 1 : 0;
    for (const Prefix& prefix : interface.addresses) {
      if (family && prefix.address.family != *family) continue;
      const int rank = (prefix.address.family == Family::ipv4 ? 2 : 0) + near;
      if (rank <= best_rank) continue;
      best = prefix.address;
      best_rank = rank;
    }
  }
  if (!best)
    reporter_.error(mark, "the host " + in_quotes(name) + " has no " +
                              (family ? (*family == Family::ipv4 ? "IPv4 " : "IPv6 ") : "") + "address");
  return best;
}

Endpoint Loader::endpoint(const Node& node, std::uint32_t from_host, std::optional<Family> family) {
  Endpoint result;
  if (!node.is_scalar()) return result;
  const auto at = parse_protocol_host_port(node.text);
  if (!at) return result;
  result.written = node.text.substr(at->protocol == Protocol::none ? 0 : 4);
  result.port = at->at.port ? at->at.port->first : 0;
  if (const auto address = address_of(at->at.host, node.mark, from_host, family)) result.address = *address;
  return result;
}

std::optional<EndpointPattern> Loader::endpoint_pattern(const Node* node) {
  if (node == nullptr) return std::nullopt;
  EndpointPattern pattern;
  const auto set_address = [&](std::string_view text) {
    if (const auto prefix = Prefix::parse(text)) {
      pattern.address = *prefix;
    } else if (const auto address = IpAddress::parse(text)) {
      pattern.address = Prefix{*address, static_cast<std::uint8_t>(address->family == Family::ipv4 ? 32 : 128)};
    } else {
      return false;
    }
    return true;
  };
  if (node->is_scalar()) {
    if (set_address(node->text)) return pattern;
    const auto at = parse_host_port(node->text);
    if (!at) return std::nullopt;
    if (at->port) pattern.port = *at->port;
    if (!at->host.empty() && !set_address(at->host)) pattern.host = hosts_.find(at->host, node->mark, reporter_);
    return pattern;
  }
  if (const Node* host = node->find("host"); host != nullptr && host->is_scalar())
    pattern.host = hosts_.find(host->text, host->mark, reporter_);
  if (const Node* address = node->find("address"); address != nullptr && address->is_scalar()) {
    if (!set_address(address->text))
      reporter_.error(address->mark, in_quotes(address->text) + " is not an address",
                      "an address or prefix such as 198.51.100.0/24");
  }
  if (const auto port = read(*node, "port", parse_port_range)) pattern.port = *port;
  pattern.not_port = read(*node, "not-port", parse_port);
  return pattern;
}

Selector Loader::selector(const Node& node) {
  Selector selector;
  selector.where = node.mark;
  if (const Node* socket = node.find("socket")) selector.socket = socket_ref(*socket);
  selector.protocol = protocol_from(scalar(node, "protocol")).value_or(Protocol::none);
  if (const auto flags = read(node, "flags", parse_flags)) {
    selector.flags_set = flags->set;
    selector.flags_clear = flags->clear;
    if (selector.protocol != Protocol::none && selector.protocol != Protocol::tcp)
      reporter_.error(node.find("flags")->mark, "only TCP packets have flags", "protocol: tcp");
  }
  selector.from = endpoint_pattern(node.find("from"));
  selector.to = endpoint_pattern(node.find("to"));
  if (const Node* network = node.find("network"); network != nullptr && network->is_scalar())
    selector.network = networks_.find(network->text, network->mark, reporter_);
  if (const Node* host = node.find("sent-by"); host != nullptr && host->is_scalar())
    selector.sent_by = hosts_.find(host->text, host->mark, reporter_);
  if (const auto type = read(node, "icmp-type", parse_integer)) selector.icmp_type = static_cast<std::uint8_t>(*type);
  if (const auto code = read(node, "icmp-code", parse_integer)) selector.icmp_code = static_cast<std::uint8_t>(*code);
  selector.length = read(node, "length", parse_port_range);
  if (const Node* nth = node.find("nth")) {
    const auto add = [&](const Node& item) {
      const auto number = item.is_scalar() ? parse_integer(item.text) : std::nullopt;
      if (number && *number <= UINT32_MAX) selector.nth.push_back(static_cast<std::uint32_t>(*number));
    };
    if (nth->is_scalar()) add(*nth);
    for (const Node& item : nth->items) add(item);
  }
  selector.after = time(node, "after");
  selector.before = time(node, "before");
  if (selector.after && selector.before && *selector.before <= *selector.after)
    reporter_.error(node.find("before")->mark, "'before' is not later than 'after'", "a later instant");
  if (scalar(node, "fate") == "delivered") selector.fate = Fate::delivered;
  if (scalar(node, "fate") == "dropped") selector.fate = Fate::dropped;
  if (trace::DropReason reason; trace::from_name(scalar(node, "dropped"), reason)) {
    if (selector.fate == Fate::delivered)
      reporter_.error(node.find("dropped")->mark, "a delivered packet was not dropped", "one of fate and dropped");
    selector.reason = reason;
    selector.fate = Fate::dropped;
  }
  return selector;
}

Trigger Loader::condition(const Node& node) {
  Trigger trigger;
  trigger.where = node.mark;
  trigger.delay = read(node, "delay", parse_duration).value_or(Duration{});
  int conditions = 0;
  if (const Node* packet = node.find("packet"); packet != nullptr && packet->is_mapping()) {
    trigger.kind = Trigger::Kind::packet;
    trigger.packet = selector(*packet);
    ++conditions;
  }
  if (const auto state = tcp_state_from(scalar(node, "state"))) {
    trigger.kind = Trigger::Kind::socket_state;
    trigger.state = *state;
    ++conditions;
  }
  if (const auto received = read(node, "received", parse_size)) {
    trigger.kind = Trigger::Kind::socket_received;
    trigger.received = *received;
    ++conditions;
  }
  if (const std::string_view error = scalar(node, "error"); is_word(Words::errnos, error)) {
    trigger.kind = Trigger::Kind::socket_error;
    state::errno_from_name(error, trigger.error);
    ++conditions;
  }
  const Node* socket = node.find("socket");
  if (socket != nullptr) trigger.socket = socket_ref(*socket);
  if (socket != nullptr && !is_on_a_network(trigger.socket, socket->mark)) return trigger;
  const bool about_socket = trigger.kind != Trigger::Kind::packet;
  if (conditions != 1)
    reporter_.error(node.mark,
                    conditions == 0 ? "the condition names nothing to wait for" : "the condition names two things",
                    "a socket with state, received or error; or a packet");
  else if (about_socket && socket == nullptr)
    reporter_.error(node.mark, "the condition does not say which socket", "socket: name");
  else if (!about_socket && socket != nullptr)
    reporter_.error(socket->mark, "a packet's socket stands inside 'packet'", "packet: { socket: … }");
  return trigger;
}

Trigger Loader::trigger(const Node& node) {
  Trigger result;
  const Node* at = node.find("at");
  const Node* after = node.find("after");
  result.where = at != nullptr ? at->mark : after != nullptr ? after->mark : node.mark;
  if ((at == nullptr) == (after == nullptr)) {
    reporter_.error(at == nullptr ? node.mark : after->mark,
                    at == nullptr ? "the entry does not say when" : "the entry has both 'at' and 'after'",
                    "at: 100 ms, or after: { socket: …, state: ESTABLISHED }");
    return result;
  }
  if (at != nullptr) {
    result.at = time(node, "at").value_or(Time{});
  } else if (after->is_mapping()) {
    result = condition(*after);
  } else if (after->is_scalar()) {
    result.kind = Trigger::Kind::previous;
    result.delay = parse_duration(after->text).value_or(Duration{});
  }
  return result;
}

}  // namespace fourtuple::world
