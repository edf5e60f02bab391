// The fields of each record kind for programs (trace/describe.h). The keys are part of the NDJSON output: never
// renamed.
#include "sim/trace/describe_netfilter.h"

namespace fourtuple::trace {
namespace {

struct Writer {
  const Tables& tables;
  const Names& names;
  Fields& out;

  void number(std::string_view key, std::uint64_t value) const { out.number(key, static_cast<std::int64_t>(value)); }
  template <class Tag>
  void id(std::string_view key, Id<Tag> id) const {
    if (id.valid()) out.number(key, id.value);
  }
  void text(std::string_view key, std::string_view value) const {
    if (!value.empty()) out.text(key, value);
  }
  void process(ProcessId process) const {
    if (process.valid()) out.text("process", names.process(process));
  }
  void address(std::string_view key, AddressId address) const {
    if (address.value < tables.addresses.size()) out.text(key, tables.addresses[address].to_string());
  }
  void tuple(const FourTuple& tuple) const {
    address("local_address", tuple.local);
    out.number("local_port", tuple.local_port);
    address("remote_address", tuple.remote);
    out.number("remote_port", tuple.remote_port);
  }
  void interface(std::string_view key, InterfaceId interface) const { text(key, interface_name(tables, interface)); }
};

void packet_created(const Writer& to, const Packet& packet) {
  to.text("protocol", protocol_name(packet.protocol));
  to.address("source", packet.source);
  to.address("destination", packet.destination);
  to.number("ttl", packet.ttl);
  if (packet.protocol == Protocol::tcp || packet.protocol == Protocol::udp) {
    to.number("source_port", packet.source_port);
    to.number("destination_port", packet.destination_port);
  } else {
    to.number("icmp_type", packet.icmp_type());
    to.number("icmp_code", packet.icmp_code());
    to.text("icmp", icmp_text(packet));
  }
  if (packet.protocol == Protocol::tcp) {
    to.out.text("flags", flags_text(packet.flags));
    to.number("seq", packet.seq.raw);
    to.number("ack", packet.ack.raw);
    to.number("window", packet.window);
  }
  to.number("length", packet.payload_length);
}

bool packet_fields(const Writer& to, const Slot* slots) {
  switch (slots->kind) {
    case Kind::packet_created:
      packet_created(to, unpack_packet_created(slots).packet);
      return true;
    case Kind::packet_sent: {
      const PacketSent event = unpack_packet_sent(slots);
      to.interface("from", event.from);
      to.interface("to", event.to);
      const auto& interfaces = to.tables.topology.interfaces;
      if (event.to.value < interfaces.size()) to.text("to_host", host_name(to.tables, interfaces[event.to.value].host));
      to.number("ttl", event.ttl);
      to.number("transit_ns", static_cast<std::uint64_t>(event.transit.ns));
      return true;
    }
    case Kind::packet_dropped: {
      const PacketDropped event = unpack_packet_dropped(slots);
      Packet packet;
      const bool known = to.names.packet(event.packet, packet);
      to.text("reason", name_of(event.reason));
      to.text("words", drop_text(event, known ? &packet : nullptr));
      to.text("stage", name_of(event.stage));
      to.text("network", network_name(to.tables, event.network));
      to.id("socket", event.socket);
      return true;
    }
    case Kind::packet_delivered: {
      const PacketDelivered event = unpack_packet_delivered(slots);
      to.id("socket", event.socket);
      to.text("match", name_of(event.quality));
      to.number("queued", event.queued);
      to.process(event.process);
      return true;
    }
    case Kind::packet_quoted:
      to.id("original", unpack_packet_quoted(slots).original);
      return true;
    case Kind::stage: {
      const StageEntered event = unpack_stage(slots);
      to.text("stage", name_of(event.stage));
      to.interface("interface", event.interface);
      return true;
    }
    case Kind::lookup: {
      const LookupTried event = unpack_lookup(slots);
      to.id("socket", event.socket);
      to.text("class", name_of(event.quality));
      to.text("result", name_of(event.mismatch));
      return true;
    }
    case Kind::tcp_segment_judged: {
      const TcpSegmentJudged event = unpack_tcp_segment_judged(slots);
      to.id("socket", event.socket);
      to.number("disposition", event.disposition);
      return true;
    }
    default:
      return false;
  }
}

void syscall(const Writer& to, const Syscall& event) {
  to.process(event.process);
  to.text("call", name_of(event.call));
  if (event.fd >= 0) to.out.number("fd", event.fd);
  to.id("socket", event.socket);
  to.out.number("result", event.result);
  if (event.error != 0) to.text("error", to.names.error(event.error));
  if (event.tuple.local.valid() || event.tuple.remote.valid()) to.tuple(event.tuple);
  to.id("conflict", event.conflict);
  to.id("local", event.local);
  if (event.path.valid()) to.text("path", to.tables.strings[event.path]);
  if (event.second_fd >= 0) to.out.number("second_fd", event.second_fd);
}

void activity(const Writer& to, const ProcessActivity& event) {
  to.number("activity", event.activity);
  if (event.call != Call{}) to.text("call", name_of(event.call));
  if (event.fd >= 0) to.out.number("fd", event.fd);
  to.id("cause", event.cause);
}

bool process_fields(const Writer& to, const Slot* slots) {
  switch (slots->kind) {
    case Kind::process_started: {
      const ProcessStarted event = unpack_process_started(slots);
      to.text("name", to.tables.strings[event.name]);
      to.text("user", to.tables.strings[event.user]);
      to.number("pid", event.pid);
      if (event.guessed) to.out.flag("guessed", true);
      return true;
    }
    case Kind::process_activity:
      to.process({slots->subject});
      activity(to, unpack_process_activity(slots));
      return true;
    case Kind::process_forked:
      to.process({slots->subject});
      to.number("parent_id", unpack_process_forked(slots).parent.value);
      return true;
    case Kind::process_limit:
      to.process({slots->subject});
      to.number("nofile", unpack_process_limit(slots).nofile);
      return true;
    case Kind::descriptor_flags: {
      const DescriptorFlags event = unpack_descriptor_flags(slots);
      to.process(event.process);
      to.out.number("fd", event.fd);
      to.out.flag("close_on_exec", event.close_on_exec);
      return true;
    }
    case Kind::process_ended:
      to.process({slots->subject});
      return true;
    case Kind::descriptor_opened: {
      const DescriptorOpened event = unpack_descriptor_opened(slots);
      to.process(event.process);
      to.out.number("fd", event.fd);
      to.number("descriptor_kind", event.descriptor_kind);
      to.id("socket", event.socket);
      to.id("local", event.local);
      if (event.path.valid()) to.text("path", to.tables.strings[event.path]);
      return true;
    }
    case Kind::descriptor_closed:
      to.process({slots->subject});
      to.out.number("fd", unpack_descriptor_closed(slots).fd);
      return true;
    case Kind::syscall:
    case Kind::data_call:
      syscall(to, unpack_syscall(slots));
      return true;
    default:
      return false;
  }
}

bool local_fields(const Writer& to, const Slot* slots) {
  switch (slots->kind) {
    case Kind::local_created: {
      const LocalCreated event = unpack_local_created(slots);
      to.number("local_kind", event.local_kind);
      to.number("inode", event.inode);
      return true;
    }
    case Kind::local_changed: {
      const LocalChanged event = unpack_local_changed(slots);
      to.number("state", event.local_state);
      if (event.path.valid()) to.text("path", to.tables.strings[event.path]);
      to.id("peer", event.peer);
      to.number("backlog", event.backlog);
      return true;
    }
    case Kind::local_owner: {
      const LocalOwner event = unpack_local_owner(slots);
      if (event.owner.valid()) to.process(event.owner);
      if (event.fd >= 0) to.out.number("fd", event.fd);
      return true;
    }
    case Kind::local_queues:
      to.number("receive", unpack_local_queues(slots).receive);
      return true;
    case Kind::local_read: {
      const LocalRead event = unpack_local_read(slots);
      to.process(event.process);
      to.number("length", event.length);
      return true;
    }
    default:
      return slots->kind == Kind::local_closed;
  }
}

void stream_written(const Writer& to, const StreamWritten& event) {
  to.id("stream", event.stream);
  to.id("socket", event.socket);
  to.number("offset", event.offset);
  to.number("length", event.length);
}

void socket_fields(const Writer& to, const Slot* slots) {
  switch (slots->kind) {
    case Kind::socket_created: {
      const SocketCreated event = unpack_socket_created(slots);
      to.text("protocol", protocol_name(event.protocol));
      to.number("family", static_cast<std::uint64_t>(event.family));
      to.number("inode", event.inode);
      to.id("listener", event.listener);
      return to.process(event.owner);
    }
    case Kind::socket_bound: {
      const SocketBound event = unpack_socket_bound(slots);
      to.address("address", event.address);
      return to.number("port", event.port);
    }
    case Kind::socket_connected:
      return to.tuple(unpack_socket_connected(slots).tuple);
    case Kind::socket_listening:
      return to.number("backlog", unpack_socket_listening(slots).backlog);
    case Kind::socket_state: {
      const SocketStateChanged event = unpack_socket_state(slots);
      to.text("from", fourtuple::name_of(event.from));
      to.text("to", fourtuple::name_of(event.to));
      return to.id("cause", event.cause);
    }
    case Kind::socket_owner: {
      const SocketOwner event = unpack_socket_owner(slots);
      to.process(event.owner);
      if (event.fd >= 0) to.out.number("fd", event.fd);
      return;
    }
    case Kind::socket_error: {
      const SocketError event = unpack_socket_error(slots);
      to.text("error", to.names.error(event.error));
      return to.id("cause", event.cause);
    }
    case Kind::socket_queues: {
      const SocketQueues event = unpack_socket_queues(slots);
      to.number("receive", event.receive);
      return to.number("send", event.send);
    }
    case Kind::stream_read:
      to.process(unpack_stream_read(slots).process);
      return to.number("length", unpack_stream_read(slots).length);
    case Kind::stream_written:
      return stream_written(to, unpack_stream_written(slots));
    default:
      return;
  }
}

// What the record's subject is.
std::string_view subject_key(Kind kind) {
  const auto number = static_cast<std::uint8_t>(kind);
  if (kind == Kind::stream_written) return "";
  if (number < 16 || kind == Kind::stage || kind == Kind::lookup || kind == Kind::tcp_segment_judged ||
      kind == Kind::rule_verdict || kind == Kind::rule_expression || kind == Kind::packet_logged)
    return "packet";
  if (kind >= Kind::conntrack_created && kind <= Kind::conntrack_destroyed) return "entry";
  if (kind == Kind::netfilter_object) return "object";
  if (kind == Kind::set_element_added || kind == Kind::set_element_removed) return "element";
  if (kind == Kind::ruleset_loaded) return "ruleset";
  if (number < 32 || kind == Kind::data_call) return "process_id";
  if (kind == Kind::command) return "command";
  if ((kind >= Kind::local_created && kind <= Kind::local_closed) || kind == Kind::local_queues ||
      kind == Kind::local_read)
    return "local";
  return kind == Kind::note ? "note" : "socket";
}

}  // namespace

void describe_fields(const Trace& trace, std::uint64_t position, const Names& names, Fields& fields) {
  const Tables& tables = trace.tables();
  const Slot* slots = trace.at(position);
  const Writer to{tables, names, fields};
  fields.number("time_ns", slots->at.ns);
  fields.text("kind", name_of(slots->kind));
  to.text("host", host_name(tables, slots->host_id()));
  if (const std::string_view key = subject_key(slots->kind); !key.empty()) fields.number(key, slots->subject);
  if (slots->kind == Kind::command && slots->subject < tables.commands.size())
    to.text("words", tables.strings[tables.commands[slots->subject].words]);
  if (netfilter_fields(tables, slots, names, fields)) return;
  if (local_fields(to, slots)) return;
  if (!packet_fields(to, slots) && !process_fields(to, slots)) socket_fields(to, slots);
}

}  // namespace fourtuple::trace
