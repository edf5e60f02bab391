#include "sim/replay/fact_side.h"

#include <fmt/format.h>

#include "sim/state/apply.h"
#include "sim/trace/codec.h"
#include "sim/trace/describe.h"
#include "sim/trace/describe_netfilter.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;

std::string packets_text(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "packet" : "packets");
}

// What a rule did since the runs parted.
std::string verdict_words(const std::uint64_t (&counts)[3]) {
  constexpr std::string_view words[] = {"accepted", "dropped", "matched"};
  std::string text;
  for (std::size_t i = 0; i < 3; ++i)
    if (counts[i] != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", packets_text(counts[i]), words[i]);
  return text.empty() ? "no packet since" : text;
}

std::string duration_words(Duration span) {
  const std::int64_t us = span.ns / 1000;
  if (us < 1000) return fmt::format("{} µs", us);
  if (us < 1'000'000) return fmt::format("{}.{} ms", us / 1000, us / 100 % 10);
  return fmt::format("{}.{:03} s", us / 1'000'000, us / 1000 % 1000);
}

std::string tracked_end(const trace::Tables& tables, Protocol protocol, AddressId address, std::uint16_t port) {
  if (protocol == Protocol::tcp || protocol == Protocol::udp) return trace::endpoint_text(tables, address, port);
  return address.value < tables.addresses.size() ? tables.addresses[address].to_string() : "?";
}

SocketId socket_of(const trace::Slot& record) {
  switch (record.kind) {
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_listening:
    case Kind::socket_state:
    case Kind::socket_owner:
    case Kind::socket_error:
    case Kind::socket_closed:
      return {record.subject};
    default:
      return SocketId::none();
  }
}

ProcessId process_of(const trace::Slot& record) {
  switch (record.kind) {
    case Kind::process_started:
    case Kind::process_activity:
    case Kind::process_ended:
    case Kind::process_forked:
      return {record.subject};
    default:
      return ProcessId::none();
  }
}

bool is_about_entry(Kind kind) {
  return kind == Kind::conntrack_created || kind == Kind::conntrack_seen || kind == Kind::conntrack_destroyed;
}

// Of a thing that was there and is gone.
std::string_view gone_words(FactKind kind) {
  switch (kind) {
    case FactKind::socket:
      return "closed";
    case FactKind::process:
      return "ended";
    case FactKind::tracked:
      return "entry deleted";
    default:
      return "";
  }
}

}  // namespace

Time FactSide::next_time() const {
  const std::uint64_t at = trace_->skip_padding(net_.position);
  return at < trace_->published() ? trace_->at(at)->at : Time::never();
}

const Fact* FactSide::find(const std::string& name) const {
  const auto found = facts_.find(name);
  return found == facts_.end() ? nullptr : &found->second;
}

const Fact* FactSide::before(const std::string& name) const {
  const auto found = before_.find(name);
  return found == before_.end() ? nullptr : &found->second;
}

std::string FactSide::words(const Fact& fact, Time now) const {
  if (fact.kind == FactKind::call && fact.begins.ns >= 0) {
    const bool over = fact.ends.ns >= 0;
    const std::string span = duration_words((over ? fact.ends : now) - fact.begins);
    return over ? fmt::format("{} after {}", fact.value, span) : fmt::format("{}, {} so far", fact.value, span);
  }
  if (fact.kind == FactKind::tracked && net_.state.conntrack.alive(fact.entry)) {
    const Duration left = net_.state.conntrack[fact.entry].expires - now;
    if (left.ns > 0) return fmt::format("{}, {} left", fact.value, duration_words(left));
  }
  return fact.value;
}

std::string FactSide::host_name(HostId host) const {
  return std::string(trace::host_name(tables(), host));
}

std::string FactSide::process_words(ProcessId process) const {
  if (!net_.state.processes.alive(process.value)) return "the kernel";
  return std::string(tables().strings[net_.state.processes[process.value].name]);
}

const trace::RulesetInfo* FactSide::ruleset_of(HostId host) const {
  if (host.value >= net_.state.rulesets.size()) return nullptr;
  const std::uint32_t number = net_.state.rulesets[host.value];
  return number < tables().rulesets.size() ? &tables().rulesets[number] : nullptr;
}

std::optional<FactSide::Named> FactSide::named_socket(SocketId id) const {
  if (!net_.state.sockets.alive(id.value)) return std::nullopt;
  const state::Socket& socket = net_.state.sockets[id.value];
  if (socket.tuple.local_port == 0) return std::nullopt;
  std::string ends = trace::endpoint_text(tables(), socket.tuple.local, socket.tuple.local_port, true);
  if (socket.tuple.remote_port != 0)
    ends += " → " + trace::endpoint_text(tables(), socket.tuple.remote, socket.tuple.remote_port);
  Fact fact{FactKind::socket, socket.host, {}, std::string(name_of(socket.tcp_state))};
  if (socket.protocol != Protocol::tcp) fact.value = socket.tuple.remote_port != 0 ? "connected" : "bound";
  fact.subject = fmt::format("{}, {} socket {}", host_name(socket.host), trace::protocol_name(socket.protocol), ends);
  return Named{"socket|" + fact.subject, std::move(fact)};
}

std::optional<FactSide::Named> FactSide::named_process(ProcessId id) const {
  if (!net_.state.processes.alive(id.value)) return std::nullopt;
  const state::Process& process = net_.state.processes[id.value];
  Fact fact{FactKind::process, process.host, {}, "runs"};
  if (process.activity == state::Activity::blocked)
    fact.value = process.waiting_in == trace::Call{}
                     ? std::string("sleeps")
                     : fmt::format("sleeps in {}()", trace::name_of(process.waiting_in));
  if (process.activity == state::Activity::exited) fact.value = gone_words(FactKind::process);
  fact.subject = fmt::format("{}, {} (pid {})", host_name(process.host), tables().strings[process.name], process.pid);
  return Named{"process|" + fact.subject, std::move(fact)};
}

std::optional<FactSide::Named> FactSide::named_entry(std::uint32_t id) const {
  if (!net_.state.conntrack.alive(id)) return std::nullopt;
  const state::ConntrackEntry& entry = net_.state.conntrack[id];
  const state::ConntrackTuple& first = entry.original;
  Fact fact{FactKind::tracked, entry.host, {}, {}};
  fact.entry = id;
  const bool replied = (entry.status & state::ConntrackStatus::seen_reply) != 0;
  const bool assured = (entry.status & state::ConntrackStatus::assured) != 0;
  fact.value = entry.protocol == Protocol::tcp ? std::string(trace::tracking_name(static_cast<std::uint8_t>(entry.tcp)))
                                               : std::string(assured   ? "ASSURED"
                                                             : replied ? "answered"
                                                                       : "UNREPLIED");
  fact.subject = fmt::format("{}, tracked {} {} → {}", host_name(entry.host), trace::protocol_name(entry.protocol),
                             tracked_end(tables(), entry.protocol, first.source, first.source_port),
                             tracked_end(tables(), entry.protocol, first.destination, first.destination_port));
  return Named{"tracked|" + fact.subject, std::move(fact)};
}

std::optional<FactSide::Named> FactSide::subject_of(const trace::Slot& record) const {
  if (const SocketId socket = socket_of(record); socket.valid()) return named_socket(socket);
  if (const ProcessId process = process_of(record); process.valid()) return named_process(process);
  if (is_about_entry(record.kind)) return named_entry(record.subject);
  return std::nullopt;
}

// Rules of the same text in one chain are told apart by their order.
const std::vector<FactSide::Named>& FactSide::rules_of(HostId host) {
  const trace::RulesetInfo* ruleset = ruleset_of(host);
  std::vector<Named>& rules = rules_[ruleset];
  if (ruleset == nullptr || !rules.empty()) return rules;
  std::map<std::string, int> same;
  for (const trace::RuleInfo& rule : ruleset->rules) {
    const std::string chain = trace::chain_text(*ruleset, rule.chain);
    std::string name = fmt::format("rule|{}|{}|{}", host.value, chain, rule.text);
    if (const int before = same[name]++; before > 0) name += fmt::format("|{}", before);
    Fact fact{FactKind::rule, host, {}, "no packet since"};
    fact.subject = fmt::format("{}, rule {} of {}: {}", host_name(host), rule.number + 1, chain, rule.text);
    rules.push_back({std::move(name), std::move(fact)});
  }
  return rules;
}

void FactSide::remember(const Named& named) {
  if (facts_.emplace(named.name, named.fact).second) before_.emplace(named.name, named.fact);
}

Fact& FactSide::touch(const Named& named, std::vector<std::string>& touched) {
  touched.push_back(named.name);
  return facts_.try_emplace(named.name, named.fact).first->second;
}

void FactSide::take(std::vector<std::string>& touched) {
  const std::uint64_t position = trace_->skip_padding(net_.position);
  const trace::Slot& record = *trace_->at(position);
  const auto finish = [&] { fold_to(net_, *trace_, trace_->next(position)); };
  switch (record.kind) {
    case Kind::syscall: {
      const trace::Syscall call = trace::unpack_syscall(&record);
      const auto socket = net_.state.sockets.alive(call.socket.value)
                              ? std::optional(net_.state.sockets[call.socket.value])
                              : std::nullopt;
      take_call(record, socket && socket->tuple.remote_port != 0 && socket->protocol == Protocol::tcp, touched);
      return finish();
    }
    case Kind::rule_verdict:
      take_verdict(record, touched);
      return finish();
    case Kind::packet_dropped:
    case Kind::stream_read:
      take_count(record, touched);
      return finish();
    case Kind::ruleset_loaded: {
      const std::vector<Named> old = rules_of(record.host_id());
      finish();
      return change_rules(old, record.host_id(), touched);
    }
    default:
      return take_change(record, touched);
  }
}

// A record that changes a socket, a process or a tracked connection, which may get another name by it.
void FactSide::take_change(const trace::Slot& record, std::vector<std::string>& touched) {
  const auto old = subject_of(record);
  if (old) remember(*old);
  fold_to(net_, *trace_, trace_->next(trace_->skip_padding(net_.position)));
  const auto now = subject_of(record);
  if (old && (!now || now->name != old->name)) {
    Fact& fact = touch(*old, touched);
    fact.value = gone_words(fact.kind);
    fact.entry = 0xffffffffu;
  }
  if (now) touch(*now, touched) = now->fact;
}

void FactSide::change_rules(const std::vector<Named>& old, HostId host, std::vector<std::string>& touched) {
  for (const Named& rule : old) remember(rule);
  std::map<std::string, Fact> kept;
  for (const Named& rule : rules_of(host)) {
    Fact fact = rule.fact;
    const Fact* known = find(rule.name);
    if (known != nullptr && !known->value.empty()) {
      std::copy(std::begin(known->counts), std::end(known->counts), std::begin(fact.counts));
      fact.value = verdict_words(fact.counts);
    }
    touch(rule, touched) = fact;
    kept.emplace(rule.name, std::move(fact));
  }
  for (const Named& rule : old)
    if (kept.find(rule.name) == kept.end()) touch(rule, touched).value.clear();
}

void FactSide::take_verdict(const trace::Slot& record, std::vector<std::string>& touched) {
  const trace::RuleVerdictReached verdict = trace::unpack_rule_verdict(&record);
  const HostId host = record.host_id();
  const trace::RulesetInfo* ruleset = ruleset_of(host);
  if (ruleset == nullptr || verdict.rule == trace::RuleVerdictReached::chain_end) return;
  Named named;
  if (verdict.rule == trace::RuleVerdictReached::policy) {
    const std::string chain = trace::chain_text(*ruleset, verdict.chain);
    named.fact = {FactKind::rule, host, fmt::format("{}, policy of {}", host_name(host), chain), "no packet since"};
    named.name = fmt::format("~policy|{}|{}", host.value, chain);
  } else {
    const std::vector<Named>& rules = rules_of(host);
    if (verdict.rule >= rules.size()) return;
    named = rules[verdict.rule];
  }
  remember(named);
  Fact& fact = touch(named, touched);
  const std::size_t column = verdict.verdict == trace::RuleVerdict::accept ? 0u
                             : verdict.verdict == trace::RuleVerdict::drop ? 1u
                                                                           : 2u;
  ++fact.counts[column];
  fact.value = verdict_words(fact.counts);
}

void FactSide::take_count(const trace::Slot& record, std::vector<std::string>& touched) {
  Named named;
  std::uint64_t by = 1;
  if (record.kind == Kind::packet_dropped) {
    const trace::PacketDropped drop = trace::unpack_packet_dropped(&record);
    const std::string where = record.host_id().valid() ? host_name(record.host_id()) : "network";
    named.fact = {FactKind::dropped, record.host_id(), where + ", " + std::string(trace::words_of(drop.reason)), {}};
    named.name = "dropped|" + named.fact.subject;
  } else {
    const trace::StreamRead read = trace::unpack_stream_read(&record);
    by = read.length;
    named.fact = {FactKind::read,
                  record.host_id(),
                  host_name(record.host_id()) + ", " + process_words(read.process) + " has read",
                  {}};
    named.name = "read|" + named.fact.subject;
  }
  Fact& fact = touch(named, touched);
  fact.counts[0] += by;
  fact.value = record.kind == Kind::packet_dropped ? packets_text(fact.counts[0])
                                                   : fmt::format("{} bytes since", fact.counts[0]);
}

// connect() is told twice: when it begins to wait and when it is over. Other calls are told here when they fail.
void FactSide::take_call(const trace::Slot& record, bool was_connecting, std::vector<std::string>& touched) {
  const trace::Syscall call = trace::unpack_syscall(&record);
  const auto error = static_cast<state::Errno>(call.error);
  const bool waits = error == state::Errno::einprogress;
  Named named;
  named.fact = {FactKind::call, record.host_id(), {}, {}};
  const std::string who = host_name(record.host_id()) + ", " + process_words(call.process);
  if (call.call == trace::Call::connect) {
    named.fact.subject = fmt::format("{}: connect({}, {})", who, call.fd,
                                     trace::endpoint_text(tables(), call.tuple.remote, call.tuple.remote_port));
    named.name = "call|" + named.fact.subject;
    if (!waits && was_connecting) {
      // It began before the runs parted.
      Named begun = named;
      begun.fact.value = "waits for an answer";
      remember(begun);
    }
    Fact& fact = touch(named, touched);
    fact.value = waits                       ? "waits for an answer"
                 : error == state::Errno::ok ? "connected"
                                             : std::string(state::name_of(error));
    if (waits) fact.begins = record.at;
    fact.ends = waits ? Time{-1} : record.at;
    return;
  }
  if (error == state::Errno::ok || error == state::Errno::eagain || waits) return;
  named.fact.subject = fmt::format("{}: {}({})", who, trace::name_of(call.call), call.fd);
  named.name = fmt::format("call|{}|{}", named.fact.subject, ++calls_[named.fact.subject]);
  touch(named, touched).value = state::name_of(error);
}

}  // namespace fourtuple::replay
