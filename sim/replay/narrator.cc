#include "sim/replay/narrator.h"

#include <fmt/format.h>
#include <utility>

#include "sim/state/apply.h"

namespace fourtuple::replay {

bool StateNames::packet(PacketId id, Packet& packet) const {
  const std::optional<Packet> found = packets_->packet_at(id, position_);
  if (found) packet = *found;
  return found.has_value();
}

std::string StateNames::process(ProcessId id) const {
  if (!state_->processes.alive(id.value)) return Names::process(id);
  const state::Process& process = state_->processes[id.value];
  return fmt::format("{} (pid {})", trace_->tables().strings[process.name], process.pid);
}

std::string StateNames::socket(SocketId id) const {
  if (!state_->sockets.alive(id.value)) return Names::socket(id);
  const state::Socket& socket = state_->sockets[id.value];
  const trace::Tables& tables = trace_->tables();
  const FourTuple& tuple = socket.tuple;
  std::string text = fmt::format("{} {}", trace::protocol_name(socket.protocol),
                                 trace::endpoint_text(tables, tuple.local, tuple.local_port, true));
  if (tuple.remote_port != 0) text += " → " + trace::endpoint_text(tables, tuple.remote, tuple.remote_port);
  return text;
}

std::string StateNames::error(std::uint8_t number) const {
  const auto error = static_cast<state::Errno>(number);
  return error == state::Errno::ok ? "" : std::string(state::name_of(error));
}

const trace::RulesetInfo* StateNames::ruleset(HostId host) const {
  if (host.value >= state_->rulesets.size()) return nullptr;
  const std::uint32_t number = state_->rulesets[host.value];
  return number < trace_->tables().rulesets.size() ? &trace_->tables().rulesets[number] : nullptr;
}

Narrator::Narrator(const trace::Trace& trace, ValueText value)
    : trace_(&trace), value_(std::move(value)), net_(initial_state(trace)), packets_(trace) {}

void Narrator::pass() {
  const trace::Slot* record = trace_->at(position_);
  if (ends_) state::apply_record(net_.state, record);
  net_.time = record->at;
  net_.position = trace_->next(position_);
}

bool Narrator::next() {
  if (started_) pass();
  started_ = false;
  position_ = trace_->skip_padding(net_.position);
  if (position_ >= trace_->published()) return false;
  started_ = true;
  const trace::Slot* record = trace_->at(position_);
  packets_.add(position_, record);
  // What ends with this record keeps its name until it has been told.
  ends_ = record->kind == trace::Kind::process_ended || record->kind == trace::Kind::socket_closed;
  if (!ends_) state::apply_record(net_.state, record);
  return true;
}

std::string Narrator::text() const {
  return trace::describe(*trace_, position_, StateNames(*trace_, packets_, net_.state, PacketIndex::none, value_));
}

void Narrator::fields(trace::Fields& fields) const {
  trace::describe_fields(*trace_, position_, StateNames(*trace_, packets_, net_.state, PacketIndex::none, value_),
                         fields);
}

}  // namespace fourtuple::replay
