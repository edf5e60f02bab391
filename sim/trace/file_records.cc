#include "sim/trace/file_records.h"

#include "sim/trace/codec.h"

namespace fourtuple::trace::detail {
namespace {

bool is_address(const Tables& tables, AddressId id) {
  return id.value < tables.addresses.size();
}
bool is_address_or_none(const Tables& tables, AddressId id) {
  return !id.valid() || is_address(tables, id);
}
bool fits(const Tables& tables, const FourTuple& tuple) {
  return is_address_or_none(tables, tuple.local) && is_address_or_none(tables, tuple.remote);
}
bool is_interface_or_none(const Tables& tables, InterfaceId id) {
  return !id.valid() || id.value < tables.topology.interfaces.size();
}

bool packet_fits(const Packet& packet, const Tables& tables) {
  return is_address(tables, packet.source) && is_address(tables, packet.destination) && packet.id.valid() &&
         packet.payload_kind <= PayloadKind::quote;
}

bool ids_fit(const Slot* slots, const Tables& tables) {
  switch (slots->kind) {
    case Kind::packet_created:
      return packet_fits(unpack_packet_created(slots).packet, tables);
    case Kind::packet_sent: {
      const PacketSent event = unpack_packet_sent(slots);
      const bool time = event.transit.ns >= 0 && event.transit.ns <= last_file_time.ns;
      return time && event.from.valid() && is_interface_or_none(tables, event.from) &&
             is_interface_or_none(tables, event.to);
    }
    case Kind::packet_dropped: {
      const NetworkId network = unpack_packet_dropped(slots).network;
      return !network.valid() || network.value < tables.topology.networks.size();
    }
    case Kind::syscall:
    case Kind::data_call:
      return fits(tables, unpack_syscall(slots).tuple);
    case Kind::socket_bound:
      return is_address(tables, unpack_socket_bound(slots).address);
    case Kind::socket_connected:
      return fits(tables, unpack_socket_connected(slots).tuple);
    case Kind::stage:
      return is_interface_or_none(tables, unpack_stage(slots).interface);
    case Kind::packet_rewritten: {
      const PacketRewritten event = unpack_packet_rewritten(slots);
      return is_address(tables, event.source) && is_address(tables, event.destination);
    }
    case Kind::ruleset_loaded:
      return unpack_ruleset_loaded(slots).ruleset < tables.rulesets.size();
    case Kind::conntrack_created: {
      const ConntrackCreated event = unpack_conntrack_created(slots);
      return is_address(tables, event.original_source) && is_address(tables, event.original_destination) &&
             is_address(tables, event.reply_source) && is_address(tables, event.reply_destination);
    }
    default:
      return true;
  }
}

bool host_fits(const Slot& head, const Tables& tables) {
  const HostId host = head.host_id();
  if (host.valid()) return host.value < tables.topology.hosts.size();
  // Only a network, the scenario or its timeline act without a host.
  return head.kind == Kind::packet_dropped || head.kind == Kind::command;
}

}  // namespace

bool length_fits(Kind kind, std::uint8_t extra) {
  switch (kind) {
    case Kind::packet_created:
      return extra == 1 || extra == 2;
    case Kind::syscall:
    case Kind::data_call:
    case Kind::stream_written:
    case Kind::conntrack_created:
      return extra == 1;
    case Kind::packet_rewritten:
      return extra <= 1;
    case Kind::tcp_variables:
      return extra == 2;
    case Kind::set_element_added:
      return extra == 2 || extra == 3;
    case Kind::rule_expression:
      return extra <= 2;
    case Kind::packet_sent:
    case Kind::packet_dropped:
    case Kind::packet_delivered:
    case Kind::packet_quoted:
    case Kind::process_started:
    case Kind::process_activity:
    case Kind::process_ended:
    case Kind::descriptor_opened:
    case Kind::descriptor_closed:
    case Kind::descriptor_flags:
    case Kind::process_forked:
    case Kind::process_limit:
    case Kind::local_created:
    case Kind::local_changed:
    case Kind::local_owner:
    case Kind::local_closed:
    case Kind::local_queues:
    case Kind::local_read:
    case Kind::socket_created:
    case Kind::socket_bound:
    case Kind::socket_connected:
    case Kind::socket_state:
    case Kind::socket_owner:
    case Kind::socket_error:
    case Kind::socket_closed:
    case Kind::socket_listening:
    case Kind::command:
    case Kind::stage:
    case Kind::lookup:
    case Kind::socket_queues:
    case Kind::stream_read:
    case Kind::tcp_segment_judged:
    case Kind::ruleset_loaded:
    case Kind::conntrack_seen:
    case Kind::conntrack_marked:
    case Kind::conntrack_destroyed:
    case Kind::netfilter_object:
    case Kind::set_element_removed:
    case Kind::packet_logged:
    case Kind::rule_verdict:
      return extra == 0;
    case Kind::padding:
    case Kind::note:
      break;
  }
  return false;
}

std::string_view record_fault(const Slot* slots, Time previous, Level level, const Tables& tables) {
  if (slots->at < previous) return "its time is before that of the record before it";
  if (slots->at > last_file_time) return "its time is out of range";
  if (level_of(slots->kind) > level) return "it is more detailed than the file says";
  if (!host_fits(*slots, tables)) return "its host does not exist";
  if (!ids_fit(slots, tables)) return "it names something that does not exist";
  return "";
}

}  // namespace fourtuple::trace::detail
