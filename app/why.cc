// `fourtuple why`: what became of a packet and why; without one, which packets were dropped.
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/rule_text.h"
#include "app/session.h"
#include "app/why/story.h"
#include "sim/replay/rule_walk.h"

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
  replay::Indexes indexes(trace);
  indexes.refresh();
  std::string text;
  std::unique_ptr<SelectedPackets> selected;
  if (!options.filter.empty()) {
    auto made = SelectedPackets::select(trace, bpf_for(*file), options.filter);
    if (!made) return refuse(made.error());
    selected = std::move(*made);
  }
  if (options.packet) {
    const PacketId packet = packet_with_number(trace, *options.packet);
    const replay::Cursor cursor(trace, 0);
    const replay::RuleWalk walk = replay::walk_of(indexes, cursor, packet, rule_values(trace.tables()));
    if (walk.entries.empty()) {
      print_errors({unknown_packet(indexes, *options.packet)});
      return exit_bad_input;
    }
    text = options.json ? story_json(indexes, walk) : story_text(indexes, walk);
  } else {
    text = options.json ? dropped_json(indexes, selected.get()) : dropped_text(indexes, selected.get());
  }
  print(text);
  if (!options.json) fmt::print(stderr, "{}", missing_text(trace));
  return exit_ok;
}

}  // namespace fourtuple::app
