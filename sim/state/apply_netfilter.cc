// apply() of the netfilter records.
#include <algorithm>

#include "sim/state/apply_checks.h"

namespace fourtuple::state {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

bool is_tracking(std::uint8_t tcp) {
  return tcp <= static_cast<std::uint8_t>(TcpTracking::syn_sent2);
}

// A damaged trace may ask for more time than there is.
Time later(Time at, std::uint64_t ns) {
  std::int64_t sum = 0;
  if (ns > static_cast<std::uint64_t>(Time::never().ns)) return Time::never();
  if (__builtin_add_overflow(at.ns, static_cast<std::int64_t>(ns), &sum)) return Time::never();
  return {sum};
}

void set_timeout(ConntrackEntry& entry, Time at, std::uint32_t timeout_s) {
  entry.timeout_s = timeout_s;
  entry.expires = later(at, std::uint64_t{timeout_s} * second_ns);
}

}  // namespace

bool apply(State& state, HostId host, Time at, const trace::ConntrackCreated& event) {
  if (host.value >= state.hosts.size() || !is_tracking(event.tcp)) return false;
  if (!may_claim(state.conntrack, event.entry, max_conntrack_entries)) return false;
  state.conntrack.claim(event.entry);
  ConntrackEntry& entry = state.conntrack.mut(event.entry);
  entry.original = {event.original_source, event.original_destination, event.original_source_port,
                    event.original_destination_port};
  entry.reply = {event.reply_source, event.reply_destination, event.reply_source_port, event.reply_destination_port};
  entry.host = host;
  entry.packets[0] = 1;
  entry.bytes[0] = event.bytes;
  entry.mark = event.mark;
  entry.status = event.status;
  entry.protocol = event.protocol;
  entry.tcp = static_cast<TcpTracking>(event.tcp);
  set_timeout(entry, at, event.timeout_s);
  return true;
}

bool apply(State& state, HostId, Time at, const trace::ConntrackSeen& event) {
  if (!state.conntrack.alive(event.entry) || !is_tracking(event.tcp)) return false;
  ConntrackEntry& entry = state.conntrack.mut(event.entry);
  const int direction = event.reply ? 1 : 0;
  // Without bytes it is only a change of state, by no packet of the flow.
  if (event.bytes != 0) {
    ++entry.packets[direction];
    entry.bytes[direction] += event.bytes;
  }
  entry.status = event.status;
  entry.tcp = static_cast<TcpTracking>(event.tcp);
  if (event.timeout_s != trace::ConntrackSeen::keep_timeout) set_timeout(entry, at, event.timeout_s);
  return true;
}

bool apply(State& state, HostId, const trace::ConntrackMarked& event) {
  if (!state.conntrack.alive(event.entry)) return false;
  state.conntrack.mut(event.entry).mark = event.mark;
  return true;
}

bool apply(State& state, HostId, const trace::ConntrackDestroyed& event) {
  if (!state.conntrack.alive(event.entry)) return false;
  state.conntrack.unclaim(event.entry);
  return true;
}

bool apply(State& state, HostId, const trace::NetfilterObjectChanged& event) {
  if (event.object >= max_netfilter_objects || event.object > std::uint64_t{state.objects.size()} + id_slack)
    return false;
  while (state.objects.size() <= event.object) state.objects.push_back({});
  state.objects.mut(event.object) = {event.first, event.second};
  return true;
}

bool apply(State& state, HostId, Time at, const trace::SetElementAdded& event) {
  if (event.word_count > std::tuple_size_v<NetfilterWords>) return false;
  if (!state.set_elements.alive(event.element)) {
    if (!may_claim(state.set_elements, event.element, max_set_elements)) return false;
    state.set_elements.claim(event.element);
  }
  SetElement& element = state.set_elements.mut(event.element);
  std::copy_n(event.words, event.word_count, element.words.begin());
  element.word_count = event.word_count;
  element.set = event.set;
  element.object = event.object;
  element.data = event.data;
  element.timeout_ns = event.timeout_ns;
  const std::uint64_t rest_ns = event.expires_in_ns != 0 ? event.expires_in_ns : event.timeout_ns;
  element.expires = event.timeout_ns == 0 ? Time::never() : later(at, rest_ns);
  return true;
}

bool apply(State& state, HostId, const trace::SetElementRemoved& event) {
  if (!state.set_elements.alive(event.element)) return false;
  state.set_elements.unclaim(event.element);
  return true;
}

bool apply(State& state, HostId host, const trace::RulesetLoaded& event) {
  if (host.value >= state.hosts.size()) return false;
  if (state.rulesets.size() < state.hosts.size()) state.rulesets.resize(state.hosts.size(), no_ruleset);
  state.rulesets[host.value] = event.ruleset;
  return true;
}

}  // namespace fourtuple::state
