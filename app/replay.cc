// `fourtuple replay`: reads a capture file and tells what is in it.
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/output.h"
#include "app/replay/clocks.h"
#include "app/replay/expert_text.h"
#include "app/replay/filtered.h"
#include "app/replay/flows_text.h"
#include "app/replay/leave.h"
#include "app/replay/lists.h"
#include "app/replay/packet_lists.h"
#include "app/run/progress.h"
#include "app/text_table.h"
#include "app/through/through.h"
#include "capture/export.h"
#include "capture/flow_json.h"
#include "capture/importer.h"
#include "capture/names/conversation_names.h"
#include "capture/names/written_names.h"
#include "capture/nat/sides_text.h"
#include "sim/trace/file.h"

namespace fourtuple::app {
namespace {

using capture::FrameKind;
using capture::ImportedCapture;

void print_summary(const ImportedCapture& capture) {
  const capture::CaptureReport& r = capture.report;
  std::string links;
  for (const capture::CaptureInterface& interface : capture.interfaces) {
    const std::string link = name_of(interface.link);
    if (links.find(link) == std::string::npos) links += (links.empty() ? "" : ", ") + link;
  }
  const std::string file = capture.trace.tables().file_name;
  fmt::print("{}: {}{}{}\n", file, capture.format, links.empty() ? "" : ", ", links);
  if (r.packets == 0) {
    fmt::print("  no packets\n");
    return;
  }
  for (const capture::CaptureFile& file : capture.files)
    if (capture.files.size() > 1)
      fmt::print("  {}: {}\n", file.name(), file.format.empty() ? file.end.message : plural(file.packets, "packet"));
  fmt::print("  {} over {}, {} on the wire\n", plural(r.packets, "packet"),
             duration_text(r.max_time_ns - r.min_time_ns), bytes_text(r.bytes_wire));
}

std::string conversation_name(const ImportedCapture& capture, std::size_t index, const capture::Flow& flow) {
  return conversation_words(capture.names, static_cast<std::uint32_t>(index), flow, capture.trace.tables().addresses);
}

void print_flows(const ImportedCapture& capture) {
  const auto owners = [&](std::size_t flow) {
    return flow < capture.flow_owners.size() ? capture.flow_owners[flow] : capture::FlowOwners{};
  };
  fmt::print("{}", flows_text({capture.flows.flows(), capture.trace.tables().addresses, capture.report.first_time_ns,
                               owners, capture.owners, capture.analysis, [&](std::size_t flow) {
                                 return conversation_name(capture, flow, capture.flows.flows()[flow]);
                               }}));
  if (capture.sides) fmt::print("{}", sides_text(*capture.sides));
}

void print_coverage(const ImportedCapture& capture) {
  fmt::print("coverage\n");
  for (std::size_t kind = 0; kind < capture::frame_kinds; ++kind) {
    const std::uint64_t count = capture.report.by_kind[kind];
    if (count != 0 || kind == 0) fmt::print("  {:>8}  {}\n", count, words_of(static_cast<FrameKind>(kind)));
  }
  for (const std::string& note : capture.trace.tables().notes) fmt::print("note: {}\n", note);
}

// Packets and rules need the trace, tables do not.
capture::ImportOptions import_options(const ReplayOptions& options) {
  capture::ImportOptions import;
  import.records = options.packets || options.ndjson || !options.filter.empty() || !options.through.ruleset.empty() ||
                   !options.leave.scenario.empty();
  import.survey.enter_tunnels = !options.outer;
  return import;
}

int replay_through(const ImportedCapture& capture, const ReplayOptions& options) {
  const auto through = send_through(capture, options.through);
  if (!through) return refuse(through.error());
  for (const std::string& warning : (*through)->warnings) fmt::print(stderr, "{}\n", warning);
  fmt::print("{}", options.json ? through_json(**through) : through_text(**through, options.packets));
  if (!options.pcap_dir.empty()) {
    const std::vector<capture::CaptureName> names = told_names(capture.names);
    const auto files = capture::export_run((*through)->trace, options.pcap_dir, &names);
    if (!files) return refuse(files.error());
  }
  if (options.trace_file.empty()) return exit_ok;
  const auto saved = trace::save((*through)->trace, options.trace_file);
  return saved ? exit_ok : refuse(saved.error());
}

int replay_filtered(const ImportedCapture& capture, const ReplayOptions& options) {
  const auto filtered = filter_capture(capture, options.filter);
  if (!filtered) return refuse(filtered.error());
  if (options.json) {
    print(filtered_json(*filtered, capture, options.filter));
    return exit_ok;
  }
  if (!options.packets && !options.flows) print_summary(capture);
  fmt::print("  {} of {} fit the filter\n", filtered->packets, plural(filtered->of, "packet"));
  const auto owners = [&](std::size_t flow) { return filtered->owners[flow]; };
  if (options.flows || !options.packets)
    fmt::print("{}", flows_text({filtered->flows, capture.trace.tables().addresses, capture.report.first_time_ns,
                                 owners, capture.owners, capture.analysis, [&](std::size_t flow) {
                                   return conversation_name(capture, filtered->indexes[flow], filtered->flows[flow]);
                                 }}));
  if (options.packets) fmt::print("{}", packets_text(capture, &filtered->frames));
  return exit_ok;
}

// Whether a file is damaged; each says how.
bool print_damage(const ImportedCapture& capture) {
  bool any = false;
  for (const capture::CaptureFile& file : capture.files) {
    if (file.end.clean()) continue;
    any = true;
    if (file.format.empty())
      fmt::print(stderr, "{}: error: {}\n", file.path, file.end.message);
    else
      fmt::print(stderr, "{}: error: {} (at byte {}, after {})\n", file.path, file.end.message, file.end.offset,
                 plural(file.packets, "packet"));
  }
  return any;
}

}  // namespace

int replay(const ReplayOptions& options) {
  if (options.leave.anonymize) return write_anonymized(options.files, options.leave);
  auto lists = read_lists(options.sockets);
  if (!lists) return refuse(lists.error());
  auto import = import_options(options);
  auto clocks = read_clocks(options.clock_offsets, options.files.size());
  if (!clocks) return refuse(clocks.error());
  import.clocks = std::move(*clocks);
  ProgressBar bar;
  import.watch = [&](const capture::ImportProgress& progress) {
    bar.show(progress);
    return true;
  };
  const auto capture = capture::import_captures(options.files, lists->owners, import);
  bar.clear();
  if (!capture) return refuse(capture.error());
  for (const std::string& note : lists->notes) fmt::print(stderr, "{}\n", note);
  if (!options.through.ruleset.empty()) return replay_through(*capture, options);
  if (!options.leave.scenario.empty()) {
    if (const int code = write_scenario(*capture, options.leave); code != exit_ok) return code;
  } else if (!options.filter.empty()) {
    if (const int code = replay_filtered(*capture, options); code != exit_ok) return code;
  } else if (options.ndjson) {
    print_packets_ndjson(*capture);
  } else if (options.json) {
    write_json(*capture, [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
  } else if (options.packets || options.flows) {
    if (options.flows) print_flows(*capture);
    if (options.packets) fmt::print("{}", packets_text(*capture));
  } else {
    print_summary(*capture);
    print_flows(*capture);
    fmt::print("{}", expert_text(capture->flows.flows(), capture->analysis, capture->interfaces));
    print_coverage(*capture);
  }
  // What came before the damage has been shown; the file is still bad input.
  return print_damage(*capture) ? exit_bad_input : exit_ok;
}

}  // namespace fourtuple::app
