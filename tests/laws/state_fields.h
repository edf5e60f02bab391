// Every field of a visible state, one after the other, for laws that compare states. Structured bindings name all
// members of a struct, so one that is added to it and not here does not compile.
#pragma once

#include <cstdint>
#include <string>

#include "sim/replay/net_state.h"

namespace fourtuple::test {

// Where a value stands: "socket 7 cwnd".
struct FieldPlace {
  const char* table = "";
  std::uint32_t id = 0;
  const char* field = "";
};

template <class Visit>
class FieldWalk {
 public:
  explicit FieldWalk(Visit& visit) : visit_(visit) {}
  void of(const replay::NetState& net);

 private:
  template <class T>
  void put(const char* field, T value) {
    visit_(FieldPlace{table_, id_, field}, static_cast<std::uint64_t>(value));
  }
  void put(const char* prefix, const FourTuple& tuple) {
    const auto& [local, remote, local_port, remote_port] = tuple;
    put(prefix, local.value);
    put(prefix, remote.value);
    put(prefix, local_port);
    put(prefix, remote_port);
  }
  void put(const char* prefix, const state::ConntrackTuple& tuple) {
    const auto& [source, destination, source_port, destination_port] = tuple;
    put(prefix, source.value);
    put(prefix, destination.value);
    put(prefix, source_port);
    put(prefix, destination_port);
  }
  template <class T>
  void each(const char* table, const Pool<T>& pool) {
    table_ = table;
    for (id_ = 0; id_ < pool.end(); ++id_)
      if (pool.alive(id_)) fields(pool[id_]);
    id_ = pool.live();
    put("live", pool.live());
  }
  template <class T>
  void each(const char* table, const PagedArray<T>& array) {
    table_ = table;
    for (id_ = 0; id_ < array.size(); ++id_) fields(array[id_]);
    put("size", array.size());
  }

  void fields(const state::Counters& counters);
  void fields(const state::Process& process);
  void fields(const state::Descriptor& descriptor);
  void fields(const state::Socket& socket);
  void fields(const state::Local& local);
  void fields(const state::TcpVariables& variables);
  void fields(const state::ConntrackEntry& entry);
  void fields(const state::NetfilterObject& object);
  void fields(const state::SetElement& element);

  Visit& visit_;
  const char* table_ = "";
  std::uint32_t id_ = 0;
};

template <class Visit>
void FieldWalk<Visit>::of(const replay::NetState& net) {
  const auto& [state, position, time, refused] = net;
  put("position", position);
  put("time", time.ns);
  put("refused records", refused);
  const auto& [hosts, processes, sockets, descriptors, locals, descriptor_index, rulesets, conntrack, objects,
               set_elements, tcp_variables] = state;
  table_ = "host";
  for (id_ = 0; id_ < hosts.size(); ++id_) fields(hosts[id_]);
  for (id_ = 0; id_ < rulesets.size(); ++id_) put("ruleset", rulesets[id_]);
  each("process", processes);
  each("socket", sockets);
  each("descriptor", descriptors);
  each("local", locals);
  each("conntrack entry", conntrack);
  each("netfilter object", objects);
  each("set element", set_elements);
  each("tcp variables", tcp_variables);
  table_ = "descriptor index";
  for (id_ = 0; id_ < descriptors.end(); ++id_)
    if (descriptors.alive(id_))
      put("of process and fd", descriptor_index.find({descriptors[id_].process, descriptors[id_].fd}));
  put("size", descriptor_index.size());
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::Counters& counters) {
  const auto& [sent, delivered, dropped] = counters;
  put("sent", sent);
  put("delivered", delivered);
  put("dropped", dropped);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::Process& process) {
  const auto& [host, name, user, pid, first_descriptor, lowest_free_hint, descriptor_count, uid, nofile, parent,
               waiting_fd, waiting_in, activity, guessed] = process;
  put("host", host.value);
  put("name", name.value);
  put("user", user.value);
  put("pid", pid);
  put("first_descriptor", first_descriptor);
  put("lowest_free_hint", lowest_free_hint);
  put("descriptor_count", descriptor_count);
  put("uid", uid);
  put("nofile", nofile);
  put("parent", parent.value);
  put("waiting_fd", waiting_fd);
  put("waiting_in", waiting_in);
  put("activity", activity);
  put("guessed", guessed);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::Descriptor& descriptor) {
  const auto& [process, socket, object, fd, next, previous, kind, close_on_exec] = descriptor;
  put("process", process.value);
  put("socket", socket.value);
  put("object", object);
  put("fd", fd);
  put("next", next);
  put("previous", previous);
  put("kind", kind);
  put("close_on_exec", close_on_exec);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::Socket& socket) {
  const auto& [tuple, host, owner, fd, inode, uid, receive_queue, send_queue, listener, protocol, tcp_state, family,
               flags, error, holders] = socket;
  put("tuple", tuple);
  put("host", host.value);
  put("owner", owner.value);
  put("fd", fd);
  put("inode", inode);
  put("uid", uid);
  put("receive_queue", receive_queue);
  put("send_queue", send_queue);
  put("listener", listener.value);
  put("protocol", protocol);
  put("tcp_state", tcp_state);
  put("family", family);
  put("flags", flags);
  put("error", error);
  put("holders", holders);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::Local& local) {
  const auto& [host, owner, fd, inode, path, peer, receive_queue, backlog, holders, writers, kind, local_state] = local;
  put("host", host.value);
  put("owner", owner.value);
  put("fd", fd);
  put("inode", inode);
  put("path", path.value);
  put("peer", peer.value);
  put("receive_queue", receive_queue);
  put("backlog", backlog);
  put("holders", holders);
  put("writers", writers);
  put("kind", kind);
  put("state", local_state);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::TcpVariables& variables) {
  const auto& [snd_una, snd_nxt, rcv_nxt, iss, irs, snd_wnd, rcv_wnd, cwnd, ssthresh, srtt_us, rttvar_us, rto_ms, mss,
               duplicate_acks, backoff, recovery, timer, retransmits, probes, timer_expires, ack_delay_ms, quick_acks,
               interactive, spare] = variables;
  put("snd_una", snd_una.raw);
  put("snd_nxt", snd_nxt.raw);
  put("rcv_nxt", rcv_nxt.raw);
  put("iss", iss.raw);
  put("irs", irs.raw);
  put("snd_wnd", snd_wnd);
  put("rcv_wnd", rcv_wnd);
  put("cwnd", cwnd);
  put("ssthresh", ssthresh);
  put("srtt_us", srtt_us);
  put("rttvar_us", rttvar_us);
  put("rto_ms", rto_ms);
  put("mss", mss);
  put("duplicate_acks", duplicate_acks);
  put("backoff", backoff);
  put("recovery", recovery);
  put("timer", timer);
  put("retransmits", retransmits);
  put("probes", probes);
  put("timer_expires", timer_expires.ns);
  put("ack_delay_ms", ack_delay_ms);
  put("quick_acks", quick_acks);
  put("interactive", interactive);
  put("spare", spare);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::ConntrackEntry& entry) {
  const auto& [original, reply, host, expires, bytes, packets, mark, timeout_s, status, protocol, tcp] = entry;
  put("original", original);
  put("reply", reply);
  put("host", host.value);
  put("expires", expires.ns);
  for (const std::uint64_t count : bytes) put("bytes", count);
  for (const std::uint32_t count : packets) put("packets", count);
  put("mark", mark);
  put("timeout_s", timeout_s);
  put("status", status);
  put("protocol", protocol);
  put("tcp", tcp);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::NetfilterObject& object) {
  const auto& [first, second] = object;
  put("first", first);
  put("second", second);
}

template <class Visit>
void FieldWalk<Visit>::fields(const state::SetElement& element) {
  const auto& [words, expires, timeout_ns, set, object, data, word_count] = element;
  for (const std::uint32_t word : words) put("words", word);
  put("expires", expires.ns);
  put("timeout_ns", timeout_ns);
  put("set", set);
  put("object", object);
  put("data", data);
  put("word_count", word_count);
}

// One number for everything; equal for equal states.
inline std::uint64_t fingerprint(const replay::NetState& net) {
  std::uint64_t hash = 0;
  const auto add = [&hash](const FieldPlace&, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u ^ (hash >> 29);
  };
  FieldWalk(add).of(net);
  return hash;
}

// The first field in which two states differ, as "socket 7 cwnd: 10, but 12"; "" when there is none.
std::string first_difference(const replay::NetState& a, const replay::NetState& b);

}  // namespace fourtuple::test
