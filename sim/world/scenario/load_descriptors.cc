// Entries of the timeline about descriptors: AF_UNIX addresses, dup, pipe, fork, exec, epoll, unlink.
#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {

// bind, listen and connect with an address of AF_UNIX; false when it is another address.
bool Loader::load_unix_address(const Node& node, const Member& verb, TimelineEntry& entry) {
  const auto path = verb.value.is_scalar() ? parse_unix_address(verb.value.text) : std::nullopt;
  const bool local = entry.on != nothing && entry.on < scenario_.sockets.size() && scenario_.sockets[entry.on].local;
  if (entry.on != nothing && local != path.has_value())
    reporter_.error(verb.value.mark,
                    "the socket '" + scenario_.sockets[entry.on].name + "' is " + (local ? "" : "not ") + "of AF_UNIX",
                    local ? "unix:/path" : "an address and a port");
  if (!path) return false;
  entry.is_unix = true;
  entry.path = *path;
  entry.endpoint.written = verb.value.text;
  refuse_network_keys(node);
  return true;
}

void Loader::refuse_network_keys(const Node& node) {
  for (const std::string_view key : {"from", "protocol", "family", "count", "v6only", "reuse-address", "reuse-port",
                                     "free-bind", "keep-alive", "user-timeout", "syn-count", "bind-address-no-port"})
    if (const Node* value = node.find(key))
      reporter_.error(value->mark, "'" + std::string(key) + "' is not for AF_UNIX", "the entry without it");
}

void Loader::load_descriptor_verb(const Node& node, const Member& verb, TimelineEntry& entry) {
  entry.close_on_exec = read(node, "close-on-exec", parse_boolean).value_or(false);
  switch (entry.verb) {
    case Verb::exec:
    case Verb::unlink:
    case Verb::open:
      entry.path = verb.value.is_scalar() ? verb.value.text : "";
      return;
    case Verb::dup:
      if (const auto to = read(node, "to", parse_integer)) entry.wanted_fd = static_cast<std::int32_t>(*to);
      return;
    case Verb::pipe:
      for (const auto& [key, name] : {std::pair{"read", &entry.as}, std::pair{"write", &entry.also_as}})
        if (const Node* as = verb.value.find(key)) *name = define_name(*as, entry, true);
      return;
    case Verb::epoll:
      for (const Node& item : verb.value.items) entry.watched.push_back(socket_ref(item));
      if (entry.watched.empty()) reporter_.error(verb.value.mark, "no socket is named", "epoll: [a, b]");
      return check_watched(verb.value, entry);
    case Verb::fork:
      return load_fork(verb, entry);
    default:
      return;
  }
}

void Loader::load_fork(const Member& verb, TimelineEntry& entry) {
  entry.child = process_ref(verb.value);
  if (!entry.child.valid() || entry.child.process == nothing || !entry.process.valid()) return;
  HostSpec& host = scenario_.hosts[entry.child.host];
  ProcessSpec& child = host.processes[entry.child.process];
  if (entry.child.host != entry.process.host)
    reporter_.error(verb.value.mark, "a copy runs on the same host",
                    "a process of " + scenario_.hosts[entry.process.host].name);
  if (child.start || !child.listen.empty() || !child.files.empty())
    reporter_.error(verb.value.mark, "'" + child.name + "' has a start of its own, or opens something",
                    "a process with start: later and what it inherits");
  if (entry.child.host == entry.process.host && is_copy_of(entry.process, entry.child)) {
    reporter_.error(verb.value.mark, "'" + child.name + "' would be its own parent",
                    "another process with start: later");
    return;
  }
  check_not_a_running_copy(verb.value, entry.child);
  if (entry.child.host == entry.process.host) child.parent = entry.process.process;
}

// Whether an entry above has made the process by fork, and none between has ended it.
void Loader::check_not_a_running_copy(const Node& value, const ProcessRef& process) {
  if (!process.valid() || process.process == nothing) return;
  const auto is_it = [&](const ProcessRef& other) {
    return other.host == process.host && other.process == process.process;
  };
  bool running = false;
  for (const TimelineEntry& entry : scenario_.timeline) {
    if (entry.verb == Verb::fork && is_it(entry.child)) running = true;
    if ((entry.verb == Verb::kill || entry.verb == Verb::exit) && is_it(entry.process)) running = false;
  }
  if (running)
    reporter_.error(
        value.mark,
        "'" + scenario_.hosts[process.host].processes[process.process].name + "' runs already: an entry above forks it",
        "another process, or kill: before");
}

// epoll takes descriptors of the process that waits.
void Loader::check_watched(const Node& value, const TimelineEntry& entry) {
  for (std::size_t i = 0; i < entry.watched.size(); ++i) {
    if (entry.watched[i] >= scenario_.sockets.size() || !entry.process.valid()) continue;
    const ProcessRef owner = scenario_.sockets[entry.watched[i]].owner;
    if (!owner.valid() || is_copy_of(entry.process, owner)) continue;
    const HostSpec& host = scenario_.hosts[owner.host];
    reporter_.error(value.items[i].mark,
                    "the socket '" + scenario_.sockets[entry.watched[i]].name + "' belongs to another process",
                    "one of this process, or process: " + host.name + "/" + host.processes[owner.process].name);
  }
}

// A program needs a listener: of its own, or inherited by fork.
void Loader::check_programs_serve() {
  for (const WithoutListener& one : without_listener_) {
    const ProcessSpec& process = scenario_.hosts[one.process.host].processes[one.process.process];
    if (process.parent == nothing)
      reporter_.error(one.program, "the program " + std::string(name_of(process.program)) + " serves nobody",
                      "a 'listen' beside it, such as listen: tcp 0.0.0.0:80");
  }
}

// Conditions and claims about sockets are for those networks know.
bool Loader::is_on_a_network(SocketRef socket, Mark mark) {
  if (socket == nothing || socket >= scenario_.sockets.size() || !scenario_.sockets[socket].local) return true;
  reporter_.error(mark, "'" + scenario_.sockets[socket].name + "' is no TCP or UDP socket",
                  "process: with descriptor: and leads-to:, or received:");
  return false;
}

}  // namespace fourtuple::world
