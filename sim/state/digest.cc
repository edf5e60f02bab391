#include "sim/state/digest.h"

#include "sim/trace/digest.h"

namespace fourtuple::state {
namespace {

std::uint64_t pair(std::uint32_t low, std::uint32_t high) {
  return low | (std::uint64_t{high} << 32);
}

void add_tuple(trace::Digest& digest, const FourTuple& tuple) {
  digest.add(pair(tuple.local.value, tuple.remote.value));
  digest.add(pair(tuple.local_port, tuple.remote_port));
}

void add_process(trace::Digest& digest, const State& state, std::uint32_t id) {
  const Process& process = state.processes[id];
  digest.add(pair(id, process.host.value));
  digest.add(pair(process.name.value, process.user.value));
  digest.add(pair(process.pid, process.descriptor_count));
  digest.add(pair(static_cast<std::uint32_t>(process.activity) | (process.guessed ? 1u << 8 : 0), process.uid));
  digest.add(pair(process.nofile, process.parent.value));
  digest.add(pair(static_cast<std::uint32_t>(process.waiting_in), static_cast<std::uint32_t>(process.waiting_fd)));
  for (std::uint32_t i = process.first_descriptor; i != 0xffffffffu; i = state.descriptors[i].next) {
    const Descriptor& descriptor = state.descriptors[i];
    digest.add(pair(static_cast<std::uint32_t>(descriptor.fd), static_cast<std::uint32_t>(descriptor.kind)));
    digest.add(pair(descriptor.socket.value, descriptor.process.value));
    digest.add(pair(descriptor.object, descriptor.close_on_exec ? 1 : 0));
  }
}

void add_variables(trace::Digest& digest, const TcpVariables& v) {
  digest.add(pair(v.snd_una.raw, v.snd_nxt.raw));
  digest.add(pair(v.rcv_nxt.raw, v.iss.raw));
  digest.add(pair(v.irs.raw, v.snd_wnd));
  digest.add(pair(v.rcv_wnd, v.cwnd));
  digest.add(pair(v.ssthresh, v.srtt_us));
  digest.add(pair(v.rttvar_us, v.rto_ms));
  digest.add(pair(v.mss | (std::uint32_t{v.duplicate_acks} << 16) | (std::uint32_t{v.backoff} << 24),
                  v.recovery | (std::uint32_t{v.timer} << 8) | (std::uint32_t{v.retransmits} << 16) |
                      (std::uint32_t{v.probes} << 24)));
  digest.add(static_cast<std::uint64_t>(v.timer_expires.ns));
  digest.add(pair(v.ack_delay_ms, v.quick_acks | (std::uint32_t{v.interactive} << 8)));
}

void add_socket(trace::Digest& digest, const State& state, std::uint32_t id) {
  const Socket& socket = state.sockets[id];
  add_tuple(digest, socket.tuple);
  digest.add(pair(id, socket.host.value));
  digest.add(pair(socket.owner.value, static_cast<std::uint32_t>(socket.fd)));
  digest.add(pair(socket.inode, socket.listener.value));
  digest.add(pair(socket.uid, socket.holders));
  digest.add(pair(socket.receive_queue, socket.send_queue));
  digest.add(pair(static_cast<std::uint32_t>(socket.protocol) | (static_cast<std::uint32_t>(socket.tcp_state) << 8),
                  static_cast<std::uint32_t>(socket.family) | (std::uint32_t{socket.flags} << 8) |
                      (static_cast<std::uint32_t>(socket.error) << 16)));
  if (id < state.tcp_variables.size()) add_variables(digest, state.tcp_variables[id]);
}

void add_local(trace::Digest& digest, const State& state, std::uint32_t id) {
  const Local& local = state.locals[id];
  digest.add(pair(id, local.host.value));
  digest.add(pair(local.owner.value, static_cast<std::uint32_t>(local.fd)));
  digest.add(pair(local.inode, local.path.value));
  digest.add(pair(local.peer.value, local.receive_queue));
  digest.add(
      pair(local.backlog, static_cast<std::uint32_t>(local.kind) | (static_cast<std::uint32_t>(local.state) << 8)));
  digest.add(pair(local.holders, local.writers));
}

void add_tracked(trace::Digest& digest, const ConntrackTuple& tuple) {
  digest.add(pair(tuple.source.value, tuple.destination.value));
  digest.add(pair(tuple.source_port, tuple.destination_port));
}

void add_entry(trace::Digest& digest, const State& state, std::uint32_t id) {
  const ConntrackEntry& entry = state.conntrack[id];
  digest.add(pair(id, entry.host.value));
  add_tracked(digest, entry.original);
  add_tracked(digest, entry.reply);
  digest.add(static_cast<std::uint64_t>(entry.expires.ns));
  digest.add(entry.bytes[0]);
  digest.add(entry.bytes[1]);
  digest.add(pair(entry.packets[0], entry.packets[1]));
  digest.add(pair(entry.mark, entry.timeout_s));
  digest.add(entry.status | (std::uint64_t{static_cast<std::uint8_t>(entry.protocol)} << 16) |
             (std::uint64_t{static_cast<std::uint8_t>(entry.tcp)} << 24));
}

void add_element(trace::Digest& digest, const State& state, std::uint32_t id) {
  const SetElement& element = state.set_elements[id];
  digest.add(pair(id, element.set));
  for (std::uint32_t word : element.words) digest.add(word);
  digest.add(static_cast<std::uint64_t>(element.expires.ns));
  digest.add(element.timeout_ns);
  digest.add(element.data);
  digest.add(pair(element.object, element.word_count));
}

void add_netfilter(trace::Digest& digest, const State& state) {
  for (std::uint32_t ruleset : state.rulesets) digest.add(ruleset);
  for (std::uint32_t id = 0; id < state.conntrack.end(); ++id)
    if (state.conntrack.alive(id)) add_entry(digest, state, id);
  for (std::uint32_t id = 0; id < state.objects.size(); ++id) {
    digest.add(state.objects[id].first);
    digest.add(state.objects[id].second);
  }
  for (std::uint32_t id = 0; id < state.set_elements.end(); ++id)
    if (state.set_elements.alive(id)) add_element(digest, state, id);
}

}  // namespace

std::uint64_t state_digest(const State& state) {
  trace::Digest digest;
  for (const Counters& host : state.hosts) {
    digest.add(host.sent);
    digest.add(host.delivered);
    digest.add(host.dropped);
  }
  for (std::uint32_t id = 0; id < state.processes.end(); ++id)
    if (state.processes.alive(id)) add_process(digest, state, id);
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id)
    if (state.sockets.alive(id)) add_socket(digest, state, id);
  for (std::uint32_t id = 0; id < state.locals.end(); ++id)
    if (state.locals.alive(id)) add_local(digest, state, id);
  digest.add(pair(state.processes.live(), state.sockets.live()));
  add_netfilter(digest, state);
  return digest.value();
}

}  // namespace fourtuple::state
