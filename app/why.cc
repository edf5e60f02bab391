// `fourtuple why`: what became of a packet and why, the causes of what happens at an instant or to a socket; without
// any of them, which packets were dropped.
#include <charconv>
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/rule_text.h"
#include "app/session.h"
#include "app/why/story.h"
#include "sim/replay/causes/cause_text.h"
#include "sim/replay/causes/causes.h"
#include "sim/replay/rule_walk.h"
#include "sim/trace/describe.h"
#include "sim/trace/find_host.h"

namespace fourtuple::app {
namespace {

Error unknown_packet(const replay::Indexes& indexes, std::uint64_t number) {
  const trace::Trace& trace = indexes.trace();
  const std::uint32_t size = indexes.packets().size();
  if (size == 0) return {{"--packet", 0, 0}, fmt::format("there is no packet {}", number), "a file with packets", {}};
  return {{"--packet", 0, 0},
          fmt::format("there is no packet {}", number),
          fmt::format("a number from {} to {}; without --packet the dropped ones are listed", packet_number(trace, {0}),
                      packet_number(trace, {size - 1})),
          {}};
}

// What the trace does not hold of a packet that rules judged.
std::string missing_text(const trace::Trace& trace) {
  if (trace.tables().rulesets.empty() || trace.wants(trace::Kind::rule_expression)) return "";
  return fmt::format(
      "note: this trace was recorded without {}; `fourtuple run --level expressions --trace …` keeps "
      "them\n",
      trace.wants(trace::Kind::rule_verdict) ? "the statements of rules" : "the rules packets met");
}

// "server:3000": the host's socket with this local port at a boundary; a listener before its connections.
Outcome<SocketId> find_socket(const trace::Trace& trace, const state::State& state, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint32_t port = 0;
  const auto done = colon == std::string::npos
                        ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                        : std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (done.ec != std::errc() || done.ptr != text.data() + text.size() || port > 65535)
    return fail({"--socket", 0, 0}, "'" + text + "' names no socket", "a host and its port, such as server:80");
  const std::string host = text.substr(0, colon);
  const HostId wanted = trace::find_host(trace.tables(), host);
  SocketId found;
  for (std::uint32_t id = 0; id < state.sockets.end(); ++id) {
    if (!state.sockets.alive(id)) continue;
    const state::Socket& socket = state.sockets[id];
    if (socket.tuple.local_port != port || !wanted.valid() || socket.host != wanted) continue;
    if (!found.valid() || socket.tuple.remote_port == 0) found = {id};
  }
  if (found.valid()) return found;
  return fail({"--socket", 0, 0}, fmt::format("{} has no socket on port {} at that instant", host, port),
              "HOST:PORT; `fourtuple show FILE ss` lists them");
}

struct Sources {
  explicit Sources(const trace::Trace& trace) : indexes(trace), events(trace, indexes.packets()), cursor(trace, 0) {
    indexes.refresh();
    events.refresh(indexes.end());
    cursor.refresh();
  }
  replay::CauseSources all() const { return {indexes, events, cursor}; }
  std::uint64_t boundary(const std::optional<Time>& at) const {
    return at ? indexes.records().boundary_after(*at) : indexes.end();
  }

  replay::Indexes indexes;
  replay::EventIndex events;
  replay::Cursor cursor;
};

Outcome<std::string> packet_text(const Sources& sources, std::uint64_t number, bool json) {
  const trace::Trace& trace = sources.indexes.trace();
  const PacketId packet = packet_with_number(trace, number);
  const replay::RuleWalk walk = replay::walk_of(sources.indexes, sources.cursor, packet, rule_values(trace.tables()));
  if (walk.entries.empty()) return tl::unexpected<Error>(unknown_packet(sources.indexes, number));
  const replay::CauseChain chain = replay::causes_of(
      sources.all(), replay::record_to_explain(sources.all(), sources.indexes.end(), {packet, SocketId::none()}));
  if (json) return story_json(sources.indexes, walk, chain);
  return story_text(sources.indexes, walk) + "\n" + replay::chain_text(trace.tables(), chain);
}

// The chain of what happens at `--at`, or befell `--socket`.
Outcome<std::string> causes_text(const Sources& sources, const WhyOptions& options) {
  const trace::Trace& trace = sources.indexes.trace();
  std::optional<Time> at;
  if (!options.at.empty()) {
    const auto instant = parse_instant(options.at, "--at");
    if (!instant) return tl::unexpected<Error>(instant.error());
    at = *instant;
  }
  const std::uint64_t boundary = sources.boundary(at);
  replay::CauseSubject subject;
  if (!options.socket.empty()) {
    const auto socket = find_socket(trace, sources.cursor.state_at(boundary).state, options.socket);
    if (!socket) return tl::unexpected<Error>(socket.error());
    subject.socket = *socket;
  }
  const std::uint64_t record = replay::record_to_explain(sources.all(), boundary, subject);
  if (record == trace::Index::none) return fail({"--at", 0, 0}, "nothing has happened by then", "a later instant");
  const replay::CauseChain chain = replay::causes_of(sources.all(), record);
  return options.json ? chain_json(trace.tables(), chain) : replay::chain_text(trace.tables(), chain);
}

Outcome<std::string> answer(const Sources& sources, const WhyOptions& options, const SelectedPackets* selected) {
  if (options.packet) return packet_text(sources, *options.packet, options.json);
  if (!options.at.empty() || !options.socket.empty()) return causes_text(sources, options);
  return options.json ? dropped_json(sources.indexes, selected) : dropped_text(sources.indexes, selected);
}

}  // namespace

int why(const WhyOptions& options) {
  LoadOptions load;
  load.level = trace::Level::expressions;
  const auto file = load_file(options.file, load);
  if (!file) {
    print_errors(file.error());
    return exit_bad_input;
  }
  print_warnings(file->warnings);
  const trace::Trace& trace = file->trace();
  std::unique_ptr<SelectedPackets> selected;
  if (!options.filter.empty()) {
    auto made = SelectedPackets::select(trace, bpf_for(*file), options.filter);
    if (!made) return refuse(made.error());
    selected = std::move(*made);
  }
  const Sources sources(trace);
  const auto text = answer(sources, options, selected.get());
  if (!text) {
    print_errors({text.error()});
    return exit_bad_input;
  }
  print(*text);
  if (!options.json) fmt::print(stderr, "{}", missing_text(trace));
  return exit_ok;
}

}  // namespace fourtuple::app
