#include "sim/replay/causes/scene.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/replay/narrator.h"
#include "sim/replay/step.h"
#include "sim/trace/codec.h"

namespace fourtuple::replay {
namespace {

using trace::Kind;

// Sockets looked through when no record of the instant names the sender's.
constexpr std::uint32_t most_sockets = 100'000;

SocketId socket_named(const trace::Slot* record) {
  switch (record->kind) {
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_state:
    case Kind::socket_owner:
    case Kind::socket_error:
      return {record->subject};
    case Kind::syscall:
    case Kind::data_call:
      return {record->c};
    case Kind::stream_written:
      return {record->a};
    case Kind::packet_delivered:
      return trace::unpack_packet_delivered(record).socket;
    default:
      return SocketId::none();
  }
}

}  // namespace

const state::State& Scene::state_after(std::uint64_t record) {
  if (record == net_record_) return net_.state;
  const Kind kind = at(record)->kind;
  const bool ends = kind == Kind::process_ended || kind == Kind::socket_closed || kind == Kind::conntrack_destroyed;
  net_ = sources_.cursor.state_at(ends ? record : next(record));
  net_record_ = record;
  return net_.state;
}

std::string Scene::host(HostId host) const {
  const std::string_view name = trace::host_name(tables(), host);
  return name.empty() ? "a network" : std::string(name);
}

HostId Scene::host_with(AddressId address) const {
  if (address.value >= tables().addresses.size()) return HostId::none();
  const IpAddress& wanted = tables().addresses[address];
  for (const trace::InterfaceInfo& interface : tables().topology.interfaces) {
    if (interface.loopback) continue;
    for (const Prefix& prefix : interface.addresses)
      if (prefix.address == wanted) return interface.host;
  }
  return HostId::none();
}

std::string Scene::address(AddressId address) const {
  return address.value < tables().addresses.size() ? tables().addresses[address].to_string() : "?";
}

std::string Scene::owner_of(AddressId address) const {
  const HostId host = host_with(address);
  return host.valid() ? this->host(host) : this->address(address);
}

std::string Scene::network(NetworkId network) const {
  const std::string_view name = trace::network_name(tables(), network);
  return name.empty() ? "the network" : std::string(name);
}

std::string Scene::program(ProcessId process, std::uint64_t record) {
  const state::State& state = state_after(record);
  if (!process.valid() || !state.processes.alive(process.value)) return "the kernel";
  const std::string_view name = tables().strings[state.processes[process.value].name];
  return name.empty() ? fmt::format("process {}", state.processes[process.value].pid) : std::string(name);
}

std::string Scene::processed(ProcessId process, std::uint64_t record) {
  const state::State& state = state_after(record);
  if (!process.valid() || !state.processes.alive(process.value)) return "the kernel";
  return fmt::format("{}, pid {}", program(process, record), state.processes[process.value].pid);
}

std::string Scene::socket_words(SocketId socket, std::uint64_t record) {
  return StateNames(trace(), packets(), state_after(record), record).socket(socket);
}

std::string Scene::event_words(std::uint64_t record) {
  return trace::describe_event(trace(), record, StateNames(trace(), packets(), state_after(record), record));
}

std::string Scene::call_words(std::uint64_t record) {
  std::string words = event_words(record);
  const std::size_t colon = words.find("): ");
  return colon == std::string::npos ? words : words.substr(colon + 3);
}

const state::Socket* Scene::socket(SocketId socket, std::uint64_t record) {
  const state::State& state = state_after(record);
  return socket.valid() && state.sockets.alive(socket.value) ? &state.sockets[socket.value] : nullptr;
}

std::vector<std::uint64_t> Scene::before(std::uint64_t record, std::uint32_t most) const {
  const trace::Index& index = sources_.indexes.records();
  const std::uint64_t number = index.number_of(record);
  std::vector<std::uint64_t> found;
  for (std::uint64_t i = index.position_of(number > most ? number - most : 0); i < record; i = next(i))
    if (at(i)->at == at(record)->at && at(i)->host == at(record)->host) found.push_back(i);
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<std::uint64_t> Scene::after(std::uint64_t record, std::uint32_t most) const {
  std::vector<std::uint64_t> found;
  std::uint32_t looked = 0;
  for (std::uint64_t i = next(record); i < end() && at(i)->at == at(record)->at && looked < most; i = next(i), ++looked)
    if (at(i)->host == at(record)->host) found.push_back(i);
  return found;
}

SocketId Scene::sender_socket(const Packet& packet, std::uint64_t created) {
  const HostId host = at(created)->host_id();
  const FourTuple tuple = sender_tuple(packet);
  const state::State& state = state_after(created);
  const auto sends = [&](SocketId id) {
    if (!id.valid() || !state.sockets.alive(id.value)) return false;
    const state::Socket& socket = state.sockets[id.value];
    if (socket.host != host || socket.protocol != packet.protocol) return false;
    if (socket.tuple == tuple) return true;
    // A datagram socket speaks to many.
    return packet.protocol == Protocol::udp && socket.tuple.remote_port == 0 &&
           socket.tuple.local_port == packet.source_port;
  };
  for (const std::uint64_t i : before(created))
    if (sends(socket_named(at(i)))) return socket_named(at(i));
  for (std::uint32_t id = 0; id < std::min(state.sockets.end(), most_sockets); ++id)
    if (sends({id})) return {id};
  return SocketId::none();
}

std::uint64_t Scene::command_of(std::uint64_t record) const {
  const std::uint64_t command = events().command_before(record);
  if (command == EventIndex::none || at(command)->at != at(record)->at) return none;
  return at(command)->host == at(record)->host ? command : none;
}

std::string Scene::command_words(std::uint64_t record) const {
  const std::uint64_t command = command_of(record);
  if (command == none) return "";
  const std::uint32_t index = trace::unpack_command(at(command)).index;
  if (index >= tables().commands.size() || tables().commands[index].line == 0) return "";
  return fmt::format("line {} of the scenario", tables().commands[index].line);
}

const trace::RulesetInfo* Scene::ruleset(std::uint64_t record) {
  const HostId host = at(record)->host_id();
  const std::vector<std::uint32_t>& rulesets = state_after(record).rulesets;
  const std::uint32_t number = host.value < rulesets.size() ? rulesets[host.value] : state::no_ruleset;
  return number < tables().rulesets.size() ? &tables().rulesets[number] : nullptr;
}

}  // namespace fourtuple::replay
