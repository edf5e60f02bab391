#include "viz/panels/sockets/port_map.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "sim/trace/describe.h"
#include "viz/panels/common/names.h"

namespace fourtuple::viz {
namespace {

std::string_view role_words(PortRole role, Protocol protocol) {
  switch (role) {
    case PortRole::bound:
      return "bound only";
    case PortRole::closing:
      return "closing";
    case PortRole::connected:
      return "connected";
    case PortRole::waiting:
      return protocol == Protocol::udp ? "open to anyone" : "listening";
  }
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

const Service* service_at(const replay::HostTools& tools, Protocol protocol, std::uint16_t port) {
  for (const Service* service : tools.services.search(std::to_string(port)))
    if (service->protocol == protocol) return service;
  return nullptr;
}

std::string holder_words(const PanelContext& context, const state::Socket& socket) {
  const state::State& state = context.cursor.state();
  const state::Process* process = find_process(state, socket.owner);
  if (process == nullptr) return "no process";
  std::string name = process_name(context.trace, state, socket.owner);
  if (process->pid == 0) return name;
  return socket.fd < 0 ? fmt::format("{}, pid {}", name, process->pid)
                       : fmt::format("{}, pid {}, fd {}", name, process->pid, socket.fd);
}

PortHolder make_holder(const PanelContext& context, SocketId id, const state::Socket& socket) {
  const trace::Tables& tables = context.trace.tables();
  PortHolder holder;
  holder.socket = id;
  holder.role = role_of(socket);
  holder.state = std::string(ss_name_of(socket.tcp_state));
  holder.local = address_text(tables, socket.tuple.local);
  holder.peer =
      socket.tuple.remote_port == 0 ? "*" : trace::endpoint_text(tables, socket.tuple.remote, socket.tuple.remote_port);
  holder.process = holder_words(context, socket);
  holder.inferred = socket.has(state::SocketFlag::inferred);
  if (socket.tuple.remote_port == 0) return holder;
  const std::uint32_t flow = context.indexes.flows().find(socket.protocol, socket.tuple);
  if (flow != replay::FlowTable::none) holder.flow = flow_slot(flow);
  return holder;
}

// The holders of ports that wait for anyone; of all ports in use, where these are few.
std::map<std::uint16_t, std::string> named_ports(const PanelContext& context, HostId host, const PortCounts& counts,
                                                 Protocol protocol, std::size_t most) {
  const bool all = counts.in_use(protocol) <= most;
  std::uint32_t left = 0;  // sockets to be found
  for (std::uint32_t port = 0; port < port_count; ++port) {
    const PortHolders& holders = counts.at(protocol, static_cast<std::uint16_t>(port));
    left += all ? holders.total() : holders.of(PortRole::waiting);
  }
  std::map<std::uint16_t, std::string> names;
  const auto& sockets = context.cursor.state().sockets;
  for (std::uint32_t i = 0; i < sockets.end() && left > 0 && names.size() < most; ++i) {
    if (!sockets.alive(i)) continue;
    const state::Socket& socket = sockets[i];
    if (socket.host != host || socket.protocol != protocol || socket.tuple.local_port == 0) continue;
    if (!all && role_of(socket) != PortRole::waiting) continue;
    --left;
    const bool held = find_process(context.cursor.state(), socket.owner) != nullptr;
    std::string& name = names[socket.tuple.local_port];
    if (held) name = process_name(context.trace, context.cursor.state(), socket.owner);
    if (!held && name.empty()) name = role_words(role_of(socket), protocol);
  }
  return names;
}

std::string range_words(std::uint16_t port) {
  const std::uint32_t low = port < first_user_port      ? 0
                            : port < first_dynamic_port ? first_user_port
                                                        : first_dynamic_port;
  const std::uint32_t high = port < first_user_port      ? first_user_port - 1
                             : port < first_dynamic_port ? first_dynamic_port - 1
                                                         : port_count - 1;
  return fmt::format("{} port, {} to {}", port_range_name(port), low, high);
}

}  // namespace

std::string_view words_of(PortUse use, Protocol protocol) {
  if (use == PortUse::free) return "free";
  if (use == PortUse::several) return "several of these";
  return role_words(static_cast<PortRole>(static_cast<std::size_t>(use) - 1), protocol);
}

PortRanges port_ranges(const PanelContext& context, HostId host, const PortCounts& counts, Protocol protocol) {
  constexpr std::uint16_t last = port_count - 1;
  PortRanges ranges;
  ranges.iana = {{"system", 0, first_user_port - 1},
                 {"user", first_user_port, first_dynamic_port - 1},
                 {"dynamic", first_dynamic_port, last}};
  ranges.ephemeral = {"ephemeral", ephemeral_low, ephemeral_high};
  for (const replay::EphemeralRange& range : context.tools.ephemeral) {
    if (range.host != host || range.from > context.now()) continue;
    ranges.ephemeral.low = range.low;
    ranges.ephemeral.high = range.high;
    ranges.ephemeral_known = true;
  }
  for (PortRange& range : ranges.iana) range.in_use = counts.in_use(protocol, range.low, range.high);
  ranges.ephemeral.in_use = counts.in_use(protocol, ranges.ephemeral.low, ranges.ephemeral.high);
  return ranges;
}

std::string holders_words(const PortHolders& holders, Protocol protocol) {
  std::vector<std::string> words;
  for (const PortRole role : {PortRole::waiting, PortRole::connected, PortRole::closing, PortRole::bound}) {
    const std::uint32_t count = holders.of(role);
    if (count == 0) continue;
    const std::string_view name = role_words(role, protocol);
    words.push_back(count == 1 ? std::string(name) : fmt::format("{} {}", grouped(count), name));
  }
  return words.empty() ? "free" : joined(words);
}

PortDetail describe_port(const PanelContext& context, HostId host, const PortCounts& counts, Protocol protocol,
                         std::uint16_t port) {
  PortDetail detail;
  detail.protocol = protocol;
  detail.port = port;
  if (const Service* service = service_at(context.tools, protocol, port)) {
    detail.service = service->name;
    detail.aliases = joined(service->aliases);
  }
  detail.range = range_words(port);
  const PortHolders& holders = counts.at(protocol, port);
  detail.holders = holders_words(holders, protocol);
  if (holders.total() == 0) return detail;
  // Those that wait first: they decide who may come.
  std::vector<SocketId> waiting, others;
  const auto& sockets = context.cursor.state().sockets;
  for (std::uint32_t i = 0; i < sockets.end() && waiting.size() + others.size() < holders.total(); ++i) {
    if (!sockets.alive(i)) continue;
    const state::Socket& socket = sockets[i];
    if (socket.tuple.local_port != port || socket.host != host || socket.protocol != protocol) continue;
    (role_of(socket) == PortRole::waiting ? waiting : others).push_back({i});
  }
  waiting.insert(waiting.end(), others.begin(), others.end());
  detail.more = waiting.size() > most_holders ? waiting.size() - most_holders : 0;
  waiting.resize(std::min(waiting.size(), most_holders));
  for (const SocketId id : waiting) detail.sockets.push_back(make_holder(context, id, sockets[id.value]));
  return detail;
}

std::string port_title(const PortDetail& detail) {
  return fmt::format("{} {}{}{}", detail.protocol == Protocol::udp ? "UDP" : "TCP", detail.port,
                     detail.service.empty() ? "" : " ", detail.service);
}

std::vector<PortMatch> find_ports(const replay::HostTools& tools, const PortCounts& counts, std::string_view text) {
  std::vector<PortMatch> matches;
  const auto add = [&](Protocol protocol, std::uint16_t port, const Service* service) {
    matches.push_back({protocol, port, service != nullptr ? service->name : "",
                       service != nullptr ? joined(service->aliases) : "", counts.at(protocol, port)});
  };
  std::uint16_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && problem == std::errc() && end == text.data() + text.size()) {
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp})
      add(protocol, number, service_at(tools, protocol, number));
  } else {
    for (const Service* service : tools.services.search(text)) add(service->protocol, service->port, service);
  }
  const auto order = [&](const PortMatch& match) {
    return std::tuple(match.holders.total() == 0, match.name != text, !match.name.starts_with(text));
  };
  std::stable_sort(matches.begin(), matches.end(),
                   [&](const PortMatch& a, const PortMatch& b) { return order(a) < order(b); });
  matches.resize(std::min(matches.size(), most_matches));
  return matches;
}

std::vector<PortLabel> port_labels(const PanelContext& context, HostId host, const PortCounts& counts,
                                   Protocol protocol, const std::vector<PortChange>& changes, std::size_t most) {
  std::map<std::uint16_t, RowChange> changed;
  for (const PortChange& change : changes) changed.emplace(change.port, change.change);
  const auto change_of = [&](std::uint16_t port) {
    const auto found = changed.find(port);
    return found == changed.end() ? RowChange::none : found->second;
  };
  std::vector<PortLabel> labels;
  for (auto& [port, name] : named_ports(context, host, counts, protocol, most))
    labels.push_back({port, std::move(name), change_of(port)});
  // A heap of names says less than none.
  if (changes.size() > most) return labels;
  for (const PortChange& change : changes) {
    if (labels.size() >= most) break;
    if (std::any_of(labels.begin(), labels.end(), [&](const PortLabel& l) { return l.port == change.port; })) continue;
    constexpr std::string_view words[] = {"", "new", "changed", "free now"};
    labels.push_back({change.port, std::string(words[static_cast<std::size_t>(change.change)]), change.change});
  }
  return labels;
}

}  // namespace fourtuple::viz
