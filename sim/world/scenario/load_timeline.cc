#include <algorithm>

#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/validate.h"

namespace fourtuple::world {
namespace {

constexpr std::size_t max_entries = 100'000;

const Object& entry_object() {
  return *root_object().find("timeline")->object;
}

Verb verb_from(std::string_view name) {
  for (unsigned i = 1; i <= static_cast<unsigned>(Verb::unlink); ++i)
    if (name_of(static_cast<Verb>(i)) == name) return static_cast<Verb>(i);
  return Verb::start;
}

// A port alone, or address and port; of a prefix, its address.
std::optional<Endpoint> from_endpoint(std::string_view text, Family family) {
  Endpoint from;
  from.written = text;
  if (const auto port = parse_port(text)) {
    from.address = IpAddress::wildcard(family);
    from.port = *port;
    return from;
  }
  if (const auto prefix = Prefix::parse(text)) {
    from.address = prefix->address;
    return from;
  }
  const auto at = parse_host_port(text);
  if (!at) return std::nullopt;
  const auto address = IpAddress::parse(at->host);
  if (!address) return std::nullopt;
  from.address = *address;
  from.port = at->port ? at->port->first : 0;
  return from;
}

}  // namespace

// Names defined by `as`, so that a use above the definition gets a better message than "there is no socket".
void Loader::collect_later_names(const Node& timeline) {
  for (const Node& entry : timeline.items)
    for (const std::string_view key : {"as", "read", "write"}) {
      const Node* pipe = entry.find("pipe");
      const Node* as = key == "as" ? entry.find(key) : pipe == nullptr ? nullptr : pipe->find(key);
      if (as != nullptr && as->is_scalar()) later_sockets_.emplace(as->text, as->mark);
    }
}

void Loader::load_timeline(const Node& root) {
  const Node* timeline = root.find("timeline");
  if (timeline == nullptr || !timeline->is_sequence()) return;
  if (timeline->items.size() > max_entries) {
    reporter_.error(timeline->mark, "the timeline has more than 100,000 entries",
                    "`count` and `every` for repetitions");
    return;
  }
  collect_later_names(*timeline);
  for (const Node& node : timeline->items) {
    TimelineEntry entry;
    load_entry(node, entry);
    define_socket(node, entry);
    scenario_.timeline.push_back(std::move(entry));
  }
  later_sockets_.clear();
  check_programs_serve();
}

void Loader::load_entry(const Node& node, TimelineEntry& entry) {
  entry.where = node.mark;
  if (!node.is_mapping()) return;
  entry.trigger = trigger(node);
  const Member* verb = chosen_member(node, entry_object());
  if (verb == nullptr) return;
  entry.verb = verb_from(verb->key);
  if (const Node* on = node.find("on")) entry.on = socket_ref(*on);
  entry.options = options(node);
  switch (entry.verb) {
    case Verb::accept:
    case Verb::receive:
    case Verb::shutdown:
    case Verb::close:
    case Verb::dup:
      entry.on = socket_ref(verb->value);
      break;
    case Verb::listen:
      if (is_name(scalar(node, "listen"))) entry.on = socket_ref(verb->value);
      break;
    case Verb::start:
    case Verb::kill:
    case Verb::exit:
      entry.process = process_ref(verb->value);
      if (entry.verb == Verb::start) check_not_a_running_copy(verb->value, entry.process);
      return;
    default:
      break;
  }
  take_process(node, *verb, entry);
  load_socket_verb(node, *verb, entry);
  load_other_verb(node, *verb, entry);
  load_descriptor_verb(node, *verb, entry);
  load_repeat(node, entry);
  if (entry.from && entry.from_length != 0) check_from_prefix(*node.find("from"), entry);
}

// By fork, or a copy's copy: it has the descriptors.
bool Loader::is_copy_of(const ProcessRef& copy, const ProcessRef& of) const {
  if (copy.host != of.host || copy.process == nothing) return false;
  const std::vector<ProcessSpec>& processes = scenario_.hosts[of.host].processes;
  std::uint32_t at = copy.process;
  for (std::size_t generation = 0; at != nothing && at != of.process && generation < processes.size(); ++generation)
    at = processes[at].parent;
  return at == of.process;
}

// The process is the one given, else the owner of the socket it is done on.
void Loader::take_process(const Node& node, const Member& verb, TimelineEntry& entry) {
  if (entry.verb == Verb::link_down || entry.verb == Verb::link_up || entry.verb == Verb::set ||
      entry.verb == Verb::nft)
    return;
  const Node* process = node.find("process");
  if (process != nullptr) entry.process = process_ref(*process);
  const bool known = entry.on != nothing && entry.on < scenario_.sockets.size();
  const ProcessRef owner = known ? scenario_.sockets[entry.on].owner : ProcessRef{};
  if (process == nullptr) {
    entry.process = owner;
    const bool tried = node.find("on") != nullptr || entry.verb == Verb::accept || entry.verb == Verb::receive ||
                       entry.verb == Verb::shutdown || entry.verb == Verb::close || entry.verb == Verb::dup ||
                       (entry.verb == Verb::listen && is_name(scalar(node, "listen")));
    if (!tried)
      reporter_.error(verb.mark, "the entry does not say which process does it", "process: host/name, or on: socket");
  } else if (owner.valid() && entry.process.valid() &&
             (owner.host != entry.process.host || owner.process != entry.process.process)) {
    if (is_copy_of(entry.process, owner)) return;
    const HostSpec& host = scenario_.hosts[owner.host];
    reporter_.error(process->mark, "the socket '" + scenario_.sockets[entry.on].name + "' belongs to another process",
                    host.name + "/" + host.processes[owner.process].name);
  }
}

void Loader::load_socket_verb(const Node& node, const Member& verb, TimelineEntry& entry) {
  const bool known = entry.on != nothing && entry.on < scenario_.sockets.size();
  entry.protocol = known ? scenario_.sockets[entry.on].protocol : Protocol::tcp;
  entry.family = family(node).value_or(Family::ipv4);
  switch (entry.verb) {
    case Verb::socket:
      entry.protocol = protocol_from(scalar(node, "socket")).value_or(Protocol::tcp);
      entry.is_unix = scalar(node, "socket") == "unix";
      if (entry.is_unix) refuse_network_keys(node);
      break;
    case Verb::bind:
    case Verb::connect:
      load_new_or_on(node, verb, entry);
      break;
    case Verb::listen:
      if (!is_name(scalar(node, "listen"))) load_new_or_on(node, verb, entry);
      entry.backlog = static_cast<std::uint32_t>(read(node, "backlog", parse_integer).value_or(128));
      break;
    case Verb::accept:
      if (node.find("as") == nullptr)
        reporter_.warning(verb.mark, "the connection taken has no name", "as: name, to use it later");
      break;
    case Verb::sendto:
      if (entry.on == nothing) entry.protocol = Protocol::udp;
      if (const Node* to = verb.value.find("to")) {
        entry.endpoint = endpoint(*to, entry.process.host, family(node));
        entry.family = entry.endpoint.address.family;
      } else {
        take_answer(verb, entry);
      }
      entry.payload = payload(verb.value);
      load_from(node, entry);
      break;
    default:
      break;
  }
  check_connected_protocol(node, verb, entry);
}

// A datagram without a destination goes back to who sent the packet that was waited for.
void Loader::take_answer(const Member& verb, TimelineEntry& entry) {
  const bool arrived = entry.trigger.kind == Trigger::Kind::packet && entry.trigger.packet.fate == Fate::delivered;
  entry.answers = arrived && entry.on != nothing;
  if (!entry.answers)
    reporter_.error(verb.mark, "'sendto' does not say where to",
                    "to: host:port, or on: a socket, after: { packet: { …, fate: delivered } }");
}

// bind, connect and listen with an address: the protocol may stand before the address or in a key of its own.
void Loader::load_new_or_on(const Node& node, const Member& verb, TimelineEntry& entry) {
  if (load_unix_address(node, verb, entry)) return;
  const auto at = verb.value.is_scalar() ? parse_protocol_host_port(verb.value.text) : std::nullopt;
  if (!at) return;
  const auto named = protocol_from(scalar(node, "protocol"));
  const Protocol before = at->protocol;
  const Protocol said = before != Protocol::none ? before : named.value_or(Protocol::none);
  if (before != Protocol::none && named && *named != before)
    reporter_.error(node.find("protocol")->mark, "the address names another protocol", "one of the two");
  if (entry.on == nothing)
    entry.protocol = said == Protocol::none ? Protocol::tcp : said;
  else if (said != Protocol::none && said != entry.protocol)
    reporter_.error(verb.value.mark, "the socket '" + scenario_.sockets[entry.on].name + "' has another protocol",
                    entry.protocol == Protocol::tcp ? "tcp" : "udp");
  if (entry.verb == Verb::listen && entry.protocol == Protocol::udp)
    reporter_.error(verb.value.mark, "a UDP socket does not listen", "bind: for UDP");
  entry.endpoint = endpoint(verb.value, entry.process.host, family(node));
  entry.family = entry.endpoint.address.family;
  if (entry.verb == Verb::connect) load_from(node, entry);
}

void Loader::load_from(const Node& node, TimelineEntry& entry) {
  const Node* from = node.find("from");
  if (from == nullptr || !from->is_scalar()) return;
  if (entry.on != nothing) {
    reporter_.error(from->mark, "'from' is for a new socket; this one exists", "bind: with on:");
    return;
  }
  entry.from = from_endpoint(from->text, entry.family);
  if (const auto prefix = Prefix::parse(from->text)) {
    entry.from_length = prefix->length;
    if (entry.verb != Verb::connect)
      reporter_.error(from->mark, "a prefix of sources is for a repeated connect", "an address and a port");
    return;
  }
  if (entry.from && entry.from->address.family != entry.family)
    reporter_.error(from->mark, "the source is of another IP version than the destination", "an address like it");
}

void Loader::check_connected_protocol(const Node& node, const Member& verb, const TimelineEntry& entry) {
  const bool needs_on = entry.verb == Verb::send || entry.verb == Verb::request;
  if (needs_on && node.find("on") == nullptr)
    reporter_.error(verb.mark, "'" + verb.key + "' does not say on which socket", "on: name");
  if (entry.on == nothing) return;
  const std::string& name = scenario_.sockets[entry.on].name;
  const bool tcp_only = entry.verb == Verb::accept || entry.verb == Verb::listen || entry.verb == Verb::request;
  if (tcp_only && entry.protocol == Protocol::udp)
    reporter_.error(verb.mark, "'" + verb.key + "' is for TCP, and '" + name + "' is a UDP socket", "a TCP socket");
  if (entry.verb == Verb::sendto && entry.protocol == Protocol::tcp)
    reporter_.error(verb.mark, "'sendto' is for UDP, and '" + name + "' is a TCP socket", "send: for TCP");
  constexpr std::string_view set_when_made[] = {"v6only",       "reuse-address", "reuse-port", "keep-alive",
                                                "user-timeout", "syn-count",     "free-bind",  "bind-address-no-port"};
  if (std::any_of(std::begin(set_when_made), std::end(set_when_made),
                  [&](std::string_view key) { return node.find(key) != nullptr; }))
    reporter_.error(verb.mark, "options are set when a socket is made, and '" + name + "' exists",
                    "the option in the entry that makes it");
}

void Loader::load_other_verb(const Node& node, const Member& verb, TimelineEntry& entry) {
  switch (entry.verb) {
    case Verb::send:
      entry.payload = payload(verb.value);
      break;
    case Verb::request:
      if (const Node* send = verb.value.find("send")) entry.payload = payload(*send);
      entry.bytes = read(verb.value, "expect", parse_size).value_or(0);
      break;
    case Verb::receive:
      entry.bytes = read(node, "bytes", parse_size).value_or(0);
      break;
    case Verb::shutdown:
      if (scalar(node, "how") == "read") entry.how = ShutdownHow::read;
      if (scalar(node, "how") == "both") entry.how = ShutdownHow::both;
      break;
    case Verb::close:
      if (const auto linger = read(node, "linger", parse_integer)) entry.linger_s = static_cast<std::uint16_t>(*linger);
      break;
    case Verb::ping:
      entry.protocol = Protocol::icmp;
      entry.bytes = read(node, "bytes", parse_size).value_or(56);
      entry.endpoint.written = scalar(node, "ping");
      if (const auto address = address_of(entry.endpoint.written, verb.value.mark, entry.process.host, family(node)))
        entry.endpoint.address = *address;
      entry.family = entry.endpoint.address.family;
      break;
    case Verb::link_down:
    case Verb::link_up:
      if (verb.value.is_scalar()) entry.network = networks_.find(verb.value.text, verb.value.mark, reporter_);
      break;
    case Verb::set:
      entry.sysctls = sysctls(&verb.value);
      if (const Node* host = node.find("host"); host != nullptr && host->is_scalar())
        entry.host = hosts_.find(host->text, host->mark, reporter_);
      else
        reporter_.error(verb.mark, "'set' does not say on which host", "host: name");
      break;
    case Verb::nft:
      load_nft_entry(node, verb, entry);
      break;
    default:
      break;
  }
  if (entry.payload.text.empty() && entry.payload.length == 0 &&
      (entry.verb == Verb::send || entry.verb == Verb::request))
    reporter_.error(verb.value.mark, "there is nothing to send", "a text, or { bytes: 100 }");
}

void Loader::load_repeat(const Node& node, TimelineEntry& entry) {
  entry.count = static_cast<std::uint32_t>(read(node, "count", parse_integer).value_or(1));
  entry.every = read(node, "every", parse_duration).value_or(Duration{});
  if (node.find("every") != nullptr && node.find("count") == nullptr)
    reporter_.error(node.find("every")->mark, "'every' does not say how often", "count: a number");
  std::int64_t last = 0;
  if (__builtin_mul_overflow(entry.every.ns, static_cast<std::int64_t>(entry.count), &last) ||
      last > seconds(86400 * 3660).ns)
    reporter_.error(node.find("every")->mark, "the repetitions take more than ten years", "fewer, or closer together");
}

void Loader::define_socket(const Node& node, TimelineEntry& entry) {
  const Node* as = node.find("as");
  if (as == nullptr || !as->is_scalar() || !is_name(as->text)) return;
  if (entry.on != nothing && entry.verb != Verb::accept && entry.verb != Verb::dup) {
    later_sockets_.erase(as->text);
    reporter_.error(as->mark, "the socket has the name '" + scenario_.sockets[entry.on].name + "' already",
                    "'as' only where a socket is made");
    return;
  }
  const bool of_local = entry.on != nothing && entry.on < scenario_.sockets.size() && scenario_.sockets[entry.on].local;
  entry.as = define_name(*as, entry, entry.is_unix || of_local || entry.verb == Verb::open);
}

SocketRef Loader::define_name(const Node& as, const TimelineEntry& entry, bool local) {
  if (!as.is_scalar() || !is_name(as.text)) return nothing;  // reported
  later_sockets_.erase(as.text);
  if (sockets_.find_quietly(as.text) != nothing) {
    const SocketName& first = scenario_.sockets[sockets_.find_quietly(as.text)];
    reporter_.error(
        as.mark,
        "the name " + in_quotes(as.text) + " is taken by the socket of line " + std::to_string(first.where.line),
        "a new name");
    return nothing;
  }
  const auto name = static_cast<SocketRef>(scenario_.sockets.size());
  sockets_.add(as.text, name);
  scenario_.sockets.push_back({as.text, entry.process, entry.protocol, as.mark, local});
  return name;
}

// Nothing may be asked for after the end of the run.
void Loader::check_until(const Node& root) {
  if (!scenario_.until) return;
  const Node& until = *root.find("until");
  Time last{0};
  std::uint32_t line = 0;
  for (const TimelineEntry& entry : scenario_.timeline) {
    if (entry.trigger.kind != Trigger::Kind::at || entry.count == 0) continue;
    const Time end = entry.trigger.at + entry.every * (entry.count - 1);
    if (end <= last) continue;
    last = end;
    line = entry.where.line;
  }
  if (last > *scenario_.until)
    reporter_.error(until.mark, "the run ends before the entry of line " + std::to_string(line) + " is done",
                    "a later end, or none");
  for (const Expectation& expect : scenario_.expects)
    if (expect.at && *expect.at > *scenario_.until)
      reporter_.error(expect.where, "this is expected after the end of the run", "an instant before 'until'");
  for (const CaptionSpec& caption : scenario_.captions)
    if (caption.when.kind == Trigger::Kind::at && caption.when.at > *scenario_.until)
      reporter_.error(caption.where, "the caption comes after the end of the run", "an instant before 'until'");
}

}  // namespace fourtuple::world
