#include "sim/trace/describe.h"

#include <fmt/format.h>

#include "sim/trace/describe_netfilter.h"

namespace fourtuple::trace {
namespace {

constexpr std::string_view activity_words[] = {"runs", "waits", "has exited"};
constexpr std::string_view descriptor_kinds[] = {
    "the terminal",     "a file", "a socket", "an AF_UNIX socket", "the read end of a pipe", "the write end of a pipe",
    "an epoll instance"};

template <std::size_t n>
std::string_view word(const std::string_view (&words)[n], std::size_t index) {
  return index < n ? words[index] : "?";
}

std::string sent(const Tables& tables, const PacketSent& event, const Names& names) {
  const auto& interfaces = tables.topology.interfaces;
  const NetworkId network =
      event.from.value < interfaces.size() ? interfaces[event.from.value].network : NetworkId::none();
  const std::string_view on = network_name(tables, network);
  return packet_words(event.packet, names) + ", sent" + (on.empty() ? "" : fmt::format(" on {}", on));
}

std::string dropped(const Tables& tables, const PacketDropped& event, const Names& names) {
  Packet packet;
  const bool known = names.packet(event.packet, packet);
  std::string text = packet_words(event.packet, names) + ", " + drop_text(event, known ? &packet : nullptr);
  if (event.network.valid()) text += fmt::format(" ({})", network_name(tables, event.network));
  return text;
}

std::string delivered(const PacketDelivered& event, const Names& names) {
  std::string text = packet_words(event.packet, names) + ", delivered to " + names.process(event.process);
  if (event.quality == MatchQuality::established) return text + " on its connection";
  Packet packet;
  if (event.quality == MatchQuality::synproxy && names.packet(event.packet, packet))
    return fmt::format("{}: synproxy {}", packet_words(event.packet, names), synproxy_words(packet));
  if (event.quality != MatchQuality::none) text += fmt::format(": {}", words_of(event.quality));
  return text;
}

// The address a call names, or was told: bind's own, the peer's otherwise.
std::string call_address(const Tables& tables, const Syscall& event) {
  const bool own = event.call == Call::bind;
  const AddressId address = own ? event.tuple.local : event.tuple.remote;
  if (!address.valid()) return "";
  return endpoint_text(tables, address, own ? event.tuple.local_port : event.tuple.remote_port);
}

constexpr std::uint8_t in_progress = 115;  // EINPROGRESS: connect() of a blocking socket sleeps here

std::string call_result(const Tables& tables, const Syscall& event, const Names& names) {
  if (event.error == in_progress) return " waits for an answer";
  if (event.error != 0) return fmt::format(" = -1 {}", names.error(event.error));
  std::string text = fmt::format(" = {}", event.result);
  if (event.call == Call::accept && event.socket.valid()) text += ", from " + call_address(tables, event);
  if (event.call == Call::pipe) text = fmt::format(": {} to read, {} to write", event.result, event.second_fd);
  return text;
}

std::string called(const Tables& tables, const Syscall& event, const Names& names) {
  std::string text = fmt::format("{}: {}(", names.process(event.process), name_of(event.call));
  // Some take no descriptor, they make one.
  const bool makes = event.call == Call::socket || event.call == Call::open || event.call == Call::pipe ||
                     event.call == Call::epoll_create;
  const bool takes = event.fd >= 0 && !makes;
  if (takes) text += std::to_string(event.fd);
  if (event.call != Call::pipe && event.second_fd >= 0) text += fmt::format(", {}", event.second_fd);
  if (event.path.valid()) text += fmt::format("{}\"{}\"", takes ? ", " : "", tables.strings[event.path]);
  if (event.call == Call::connect || event.call == Call::sendto || event.call == Call::bind) {
    const std::string address = call_address(tables, event);
    if (!address.empty()) text += (takes ? ", " : "") + address;
  }
  text += ")" + call_result(tables, event, names);
  if (event.error != 0 && event.conflict.valid()) text += fmt::format(", in the way: {}", names.socket(event.conflict));
  return text;
}

std::string looked_up(const LookupTried& event, const Names& names) {
  const std::string result = event.mismatch == Mismatch::none
                                 ? fmt::format("fits: {}", words_of(event.quality))
                                 : fmt::format("does not fit: {}", name_of(event.mismatch));
  return fmt::format("{} tried on {}: {}", packet_words(event.packet, names), names.socket(event.socket), result);
}

// "reader sleeps in recv(3)", "reader wakes from recv(3), by TCP …".
std::string activity(const ProcessActivity& event, const Names& names) {
  const std::string process = names.process(event.process);
  if (event.call == Call{}) return fmt::format("{} {}", process, word(activity_words, event.activity));
  const std::string call =
      fmt::format("{}({})", name_of(event.call), event.fd >= 0 ? std::to_string(event.fd) : std::string());
  if (event.activity == 1) return fmt::format("{} sleeps in {}", process, call);
  std::string text = fmt::format("{} wakes from {}", process, call);
  if (event.cause.valid()) text += ", by " + packet_words(event.cause, names);
  return text;
}

std::string local_event(const Tables& tables, const Slot* slots, const Names& names) {
  const std::string local = fmt::format("local object {}", slots->subject);
  switch (slots->kind) {
    case Kind::local_created:
      return local + " made";
    case Kind::local_changed: {
      constexpr std::string_view states[] = {"is not connected", "listens", "is connected"};
      const LocalChanged event = unpack_local_changed(slots);
      const std::string_view path = event.path.valid() ? tables.strings[event.path] : "";
      return fmt::format("{} {}{}{}", local, word(states, event.local_state), path.empty() ? "" : ": ", path);
    }
    case Kind::local_owner: {
      const LocalOwner event = unpack_local_owner(slots);
      return fmt::format("{} belongs to {}", local, names.process(event.owner));
    }
    case Kind::local_queues:
      return fmt::format("{}: {} to read", local, unpack_local_queues(slots).receive);
    case Kind::local_read: {
      const LocalRead event = unpack_local_read(slots);
      return fmt::format("{} reads {} bytes from {}", names.process(event.process), event.length, local);
    }
    default:
      return local + " gone";
  }
}

std::string process_event(const Tables& tables, const Slot* slots, const Names& names) {
  switch (slots->kind) {
    case Kind::process_started: {
      const ProcessStarted event = unpack_process_started(slots);
      const std::string_view user = tables.strings[event.user];
      return fmt::format("{} (pid {}) started{}{}", tables.strings[event.name], event.pid,
                         user.empty() ? "" : fmt::format(" by {}", user),
                         event.guessed ? ", guessed from its port" : "");
    }
    case Kind::process_activity:
      return activity(unpack_process_activity(slots), names);
    case Kind::process_ended:
      return names.process({slots->subject}) + " ended";
    case Kind::descriptor_opened: {
      const DescriptorOpened event = unpack_descriptor_opened(slots);
      const bool socket = event.socket.valid();
      return fmt::format(
          "{}: descriptor {} is {}", names.process(event.process), event.fd,
          socket ? names.socket(event.socket) : std::string(word(descriptor_kinds, event.descriptor_kind)));
    }
    case Kind::descriptor_flags: {
      const DescriptorFlags event = unpack_descriptor_flags(slots);
      return fmt::format("{}: descriptor {} will {}be closed by exec", names.process(event.process), event.fd,
                         event.close_on_exec ? "" : "not ");
    }
    case Kind::process_forked: {
      const ProcessForked event = unpack_process_forked(slots);
      return fmt::format("{} is a copy of {}", names.process(event.process), names.process(event.parent));
    }
    case Kind::process_limit: {
      const ProcessLimit event = unpack_process_limit(slots);
      return fmt::format("{} may have {} descriptors", names.process(event.process), event.nofile);
    }
    case Kind::descriptor_closed: {
      const DescriptorClosed event = unpack_descriptor_closed(slots);
      return fmt::format("{}: descriptor {} closed", names.process(event.process), event.fd);
    }
    default:
      return called(tables, unpack_syscall(slots), names);
  }
}

std::string socket_event(const Tables& tables, const Slot* slots, const Names& names) {
  const std::string socket = names.socket({slots->subject});
  switch (slots->kind) {
    case Kind::socket_created: {
      const SocketCreated event = unpack_socket_created(slots);
      return fmt::format("{} socket created by {}", protocol_name(event.protocol), names.process(event.owner));
    }
    case Kind::socket_bound: {
      const SocketBound event = unpack_socket_bound(slots);
      return fmt::format("{} bound to {}", socket, endpoint_text(tables, event.address, event.port, true));
    }
    case Kind::socket_connected: {
      const FourTuple tuple = unpack_socket_connected(slots).tuple;
      return fmt::format("{} connects {} to {}", socket, endpoint_text(tables, tuple.local, tuple.local_port),
                         endpoint_text(tables, tuple.remote, tuple.remote_port));
    }
    case Kind::socket_listening:
      return fmt::format("{} listens, backlog {}", socket, unpack_socket_listening(slots).backlog);
    case Kind::socket_state: {
      const SocketStateChanged event = unpack_socket_state(slots);
      return fmt::format("{}: {} → {}", socket, fourtuple::name_of(event.from), fourtuple::name_of(event.to));
    }
    case Kind::socket_owner: {
      const SocketOwner event = unpack_socket_owner(slots);
      return fmt::format("{} belongs to {}{}", socket, names.process(event.owner),
                         event.fd >= 0 ? fmt::format(", descriptor {}", event.fd) : "");
    }
    case Kind::socket_error: {
      const SocketError event = unpack_socket_error(slots);
      return event.error == 0 ? socket + ": error reported to the program" : socket + ": " + names.error(event.error);
    }
    case Kind::socket_closed:
      return socket + " gone";
    default: {
      const SocketQueues event = unpack_socket_queues(slots);
      return fmt::format("{}: {} to read, {} unacknowledged", socket, event.receive, event.send);
    }
  }
}

std::string other_event(const Tables& tables, const Slot* slots, const Names& names) {
  if (std::string text; describe_netfilter(tables, slots, names, text)) return text;
  switch (slots->kind) {
    case Kind::stream_written: {
      const StreamWritten event = unpack_stream_written(slots);
      return fmt::format("{}: {} bytes written at {}", names.socket(event.socket), event.length, event.offset);
    }
    case Kind::stream_read: {
      const StreamRead event = unpack_stream_read(slots);
      return fmt::format("{} reads {} bytes from {}", names.process(event.process), event.length,
                         names.socket(event.socket));
    }
    case Kind::command: {
      const std::uint32_t index = unpack_command(slots).index;
      const bool known = index < tables.commands.size();
      return known ? std::string(tables.strings[tables.commands[index].words]) : fmt::format("command {}", index);
    }
    case Kind::stage: {
      const StageEntered event = unpack_stage(slots);
      const std::string at = interface_name(tables, event.interface);
      return fmt::format("{}: {}{}", packet_words(event.packet, names), words_of(event.stage),
                         at.empty() ? "" : " (" + at + ")");
    }
    case Kind::lookup:
      return looked_up(unpack_lookup(slots), names);
    case Kind::tcp_variables:
      return names.socket({slots->subject}) + ": TCP variables";
    case Kind::tcp_segment_judged: {
      const TcpSegmentJudged event = unpack_tcp_segment_judged(slots);
      return fmt::format("{} judged {} by {}", packet_words(event.packet, names), event.disposition,
                         names.socket(event.socket));
    }
    default:
      return std::string(name_of(slots->kind));
  }
}

std::string place(const Tables& tables, const Slot* slots) {
  const std::string_view host = host_name(tables, slots->host_id());
  if (slots->kind != Kind::packet_sent) return std::string(host);
  const InterfaceId to = unpack_packet_sent(slots).to;
  const auto& interfaces = tables.topology.interfaces;
  if (to.value >= interfaces.size()) return fmt::format("{} →", host);
  return fmt::format("{} → {}", host, host_name(tables, interfaces[to.value].host));
}

}  // namespace

std::string describe_event(const Trace& trace, std::uint64_t position, const Names& names) {
  const Tables& tables = trace.tables();
  const Slot* slots = trace.at(position);
  switch (slots->kind) {
    case Kind::packet_created:
      return packet_text(unpack_packet_created(slots).packet) + ", created";
    case Kind::packet_sent:
      return sent(tables, unpack_packet_sent(slots), names);
    case Kind::packet_dropped:
      return dropped(tables, unpack_packet_dropped(slots), names);
    case Kind::packet_delivered:
      return delivered(unpack_packet_delivered(slots), names);
    case Kind::packet_quoted: {
      const PacketQuoted event = unpack_packet_quoted(slots);
      return packet_words(event.packet, names) + " is about " + packet_words(event.original, names);
    }
    case Kind::process_started:
    case Kind::process_activity:
    case Kind::process_ended:
    case Kind::descriptor_opened:
    case Kind::descriptor_closed:
    case Kind::descriptor_flags:
    case Kind::process_forked:
    case Kind::process_limit:
    case Kind::syscall:
    case Kind::data_call:
      return process_event(tables, slots, names);
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_state:
    case Kind::socket_owner:
    case Kind::socket_error:
    case Kind::socket_closed:
    case Kind::socket_listening:
    case Kind::socket_queues:
      return socket_event(tables, slots, names);
    case Kind::local_created:
    case Kind::local_changed:
    case Kind::local_owner:
    case Kind::local_closed:
    case Kind::local_queues:
    case Kind::local_read:
      return local_event(tables, slots, names);
    default:
      return other_event(tables, slots, names);
  }
}

std::string describe(const Trace& trace, std::uint64_t position, const Names& names) {
  const Slot* slots = trace.at(position);
  const std::string where = place(trace.tables(), slots);
  constexpr int time_width = 15;  // "0.123 456 789 s": shorter times leave the columns where they are
  return fmt::format("{:<{}}  {}{}{}", time_text(slots->at), time_width, where, where.empty() ? "" : "  ",
                     describe_event(trace, position, names));
}

}  // namespace fourtuple::trace
