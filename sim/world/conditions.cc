// The part of ScriptRunner that waits: timeline entries and captions with `after`.
#include <algorithm>

#include "sim/world/events.h"
#include "sim/world/script_runner.h"

namespace fourtuple::world {

const NamedSocket* Script::find(SocketRef name) const {
  if (name >= latest.size() || latest[name] == nothing) return nullptr;
  return &names[latest[name]];
}

void Script::remember(const NamedSocket& socket) {
  if (latest.size() <= socket.name) latest.resize(socket.name + 1, nothing);
  latest[socket.name] = static_cast<std::uint32_t>(names.size());
  names.push_back(socket);
}

void ScriptRunner::check_conditions() {
  Script& script = world.script_;
  retry_blocked();
  end_lingering();
  c.trace.publish();
  for (std::uint64_t at = c.trace.skip_padding(script.watched); at < c.trace.published(); at = c.trace.next(at))
    look_at_record(c.trace.at(at));
  script.watched = c.trace.published();
  // Conditions on states are also looked at as they are: the socket may have got its name after the change.
  const std::vector<std::uint32_t> waiting = script.waiting;
  for (const std::uint32_t index : waiting)
    if (holds(scenario().timeline[index].trigger, script.trigger_hits[index])) fire(index);
  const std::vector<std::uint32_t> captions = script.captions_waiting;
  for (const std::uint32_t index : captions)
    if (holds(scenario().captions[index].when, 0)) fire_caption(index);
}

bool ScriptRunner::holds(const Trigger& trigger, std::uint32_t hits) const {
  if (trigger.kind == Trigger::Kind::packet) return hits != 0 && wants_nth(trigger.packet, hits);
  const NamedSocket* named = trigger.socket == nothing ? nullptr : world.script_.find(trigger.socket);
  if (named == nullptr || !c.system.cores.alive(named->socket.value)) return false;
  const state::Socket& socket = c.socket(named->socket);
  switch (trigger.kind) {
    case Trigger::Kind::socket_state:
      return socket.tcp_state == trigger.state;
    case Trigger::Kind::socket_error:
      return socket.error == trigger.error && trigger.error != state::Errno::ok;
    case Trigger::Kind::socket_received: {
      const Application* app = world.applications_.of(c, named->socket);
      return app != nullptr && app->counted >= trigger.received;
    }
    default:
      return false;
  }
}

bool ScriptRunner::packet_record_fits(const Trigger& trigger, const trace::Slot* record, std::uint32_t& hits) const {
  const trace::Kind wanted = trigger.packet.fate == Fate::delivered ? trace::Kind::packet_delivered
                             : trigger.packet.fate == Fate::dropped ? trace::Kind::packet_dropped
                                                                    : trace::Kind::packet_sent;
  if (record->kind != wanted) return false;
  const PacketWatch& packets = world.script_.packets;
  const TravellingPacket* known = packets.find({record->subject});
  if (known == nullptr) return false;
  PacketSight sight = known->sight;
  const auto fits_as = [&](const Packet& packet) {
    PacketSight seen = sight;
    seen.packet = packet;
    return fits(trigger.packet, seen, c.trace.tables(), packets.names());
  };
  const bool changed = known->changed_by.valid(), sending = record->kind == trace::Kind::packet_sent;
  if (sending) {
    sight.network = c.system.interfaces[trace::unpack_packet_sent(record).from.value].network;
    // A packet counts once: where it sets out, or where a translator that made it fit sends it on; or on the network
    // that the selector names.
    const bool here = record->host_id() == sight.made_by ||
                      (record->host_id() == known->changed_by && !fits_as(packets.before(*known)));
    if (trigger.packet.network == nothing && !here) return false;
  }
  if (record->kind == trace::Kind::packet_dropped && trigger.packet.reason &&
      trace::unpack_packet_dropped(record).reason != *trigger.packet.reason)
    return false;
  // At its end a packet is all it ever was.
  if (!fits_as(sight.packet) && (sending || !changed || !fits_as(packets.before(*known)))) return false;
  ++hits;
  return wants_nth(trigger.packet, hits);
}

// The sender of a packet as the place that record tells of saw it.
Asker ScriptRunner::sender_of(const trace::Slot* record) const {
  const TravellingPacket* known = world.script_.packets.find({record->subject});
  return known == nullptr ? Asker{} : Asker{known->sight.packet.source, known->sight.packet.source_port};
}

// State changes and errors that lasted less than an instant are only in the records.
void ScriptRunner::look_at_record(const trace::Slot* record) {
  Script& script = world.script_;
  script.packets.add(record);
  const auto record_fits = [&](const Trigger& trigger, std::uint32_t& hits) {
    if (trigger.kind == Trigger::Kind::packet) return packet_record_fits(trigger, record, hits);
    const NamedSocket* named = trigger.socket == nothing ? nullptr : script.find(trigger.socket);
    if (named == nullptr || named->socket.value != record->subject) return false;
    if (trigger.kind == Trigger::Kind::socket_state && record->kind == trace::Kind::socket_state)
      return trace::unpack_socket_state(record).to == trigger.state;
    if (trigger.kind == Trigger::Kind::socket_error && record->kind == trace::Kind::socket_error)
      return trace::unpack_socket_error(record).error == static_cast<std::uint8_t>(trigger.error);
    return false;
  };
  const std::vector<std::uint32_t> waiting = script.waiting;
  for (const std::uint32_t index : waiting)
    if (const Trigger& trigger = scenario().timeline[index].trigger; record_fits(trigger, script.trigger_hits[index])) {
      if (trigger.kind == Trigger::Kind::packet) script.askers[index] = sender_of(record);
      fire(index);
    }
  const std::vector<std::uint32_t> captions = script.captions_waiting;
  for (const std::uint32_t index : captions)
    if (record_fits(scenario().captions[index].when, script.trigger_hits[scenario().timeline.size() + index]))
      fire_caption(index);
}

void ScriptRunner::fire(std::uint32_t index) {
  auto& waiting = world.script_.waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), index), waiting.end());
  world.calendar_.push({c.now + scenario().timeline[index].trigger.delay, kind_number(EventKind::command), index});
}

void ScriptRunner::fire_caption(std::uint32_t index) {
  auto& waiting = world.script_.captions_waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), index), waiting.end());
  const CaptionSpec& caption = scenario().captions[index];
  auto& captions = c.trace.mutable_tables().captions;
  const trace::Caption fired{c.now + caption.when.delay, std::string(caption.title.in(scenario().language)),
                             std::string(caption.say.in(scenario().language))};
  const auto later = std::upper_bound(captions.begin(), captions.end(), fired,
                                      [](const trace::Caption& a, const trace::Caption& b) { return a.from < b.from; });
  captions.insert(later, fired);
}

}  // namespace fourtuple::world
