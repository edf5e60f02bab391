#include "app/view/documents.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "app/drill/captions.h"
#include "app/drill/script_run.h"
#include "app/filter/bpf.h"
#include "app/rule_text.h"
#include "app/session.h"
#include "app/through/through.h"
#include "app/view/forks.h"
#include "app/view/host_tools.h"
#include "app/view/layout_file.h"
#include "app/view/packet_names.h"
#include "app/view/ruleset_trial.h"
#include "capture/capture_bytes.h"
#include "sim/trace/describe.h"
#include "viz/theme/phrases/phrasebook.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;

// Runs until the end or until the trace is full; false when it is full.
bool run_within(ScenarioRun& run, std::uint64_t budget) {
  Duration slice = milliseconds(1);
  Time limit{0};
  while (!run.over()) {
    limit = run.end() - limit > slice ? limit + slice : run.end();
    const std::uint64_t before = run.trace().bytes();
    if (!run.advance(limit)) break;
    if (run.trace().bytes() > budget) return false;
    if (run.trace().bytes() - before < budget / 64) slice = slice * 2;
  }
  return true;
}

// What a run can be asked besides its records. REQUIRES: the document has its path and trace.
void add_scenario(const world::Scenario& scenario, viz::Document& document) {
  document.bpf = bpf_for_run(*document.trace);
  document.value_text = rule_values(document.trace->tables());
  document.files = files_of(scenario);
  document.fork = fork_of({std::make_shared<const world::Scenario>(scenario),
                           scenario.seed,
                           document.trace->level(),
                           document.path,
                           trace_budget,
                           {}});
}

tl::expected<viz::Document, std::vector<Error>> open_scenario(const std::string& path, bool japanese) {
  std::vector<Error> warnings;
  auto scenario = is_ruleset(path) ? ruleset_trial(path) : read_scenario(path, {}, &warnings);
  if (!scenario) return tl::make_unexpected(std::move(scenario.error()));
  if (japanese) scenario->language = "ja";
  viz::Document document;
  document.path = path;
  std::shared_ptr<ScenarioRun> run;
  for (const trace::Level level : {trace::Level::expressions, trace::Level::stages, trace::Level::facts}) {
    run = std::make_shared<ScenarioRun>(*scenario, scenario->seed, level);
    document.tools = make_host_tools(ephemeral_ranges(*scenario, *run));
    if (run_within(*run, trace_budget)) break;
    if (level == trace::Level::facts) {
      document.notes = {"a long run: only the first " + trace::time_text(run->now()) + " are shown, with less detail"};
    } else {
      document.notes = {"a long run: it is shown with less detail"};
    }
  }
  for (const Error& warning : warnings) document.notes.push_back(warning.to_string());
  document.trace = &run->trace();
  add_scenario(*scenario, document);
  document.owner = run;
  return document;
}

// A layout that cannot be read costs only a note.
void add_layout(const std::string& path, viz::Document& document) {
  auto layout = read_layout(path);
  if (layout) {
    document.positions = std::move(layout->positions);
    document.bookmarks = std::move(layout->bookmarks);
  } else {
    document.notes.push_back("positions and bookmarks are not used: " + layout.error().to_string());
  }
}

// Captions are shown as their author wrote them; those of a script are made here.
void say_in_japanese(std::vector<trace::Caption>& captions) {
  viz::Phrasebook book;
  for (trace::Caption& caption : captions) {
    caption.title = std::string(book.in_japanese(caption.title));
    caption.text = std::string(book.in_japanese(caption.text));
  }
}

// What was skipped and what differs first are notes; each line is a caption at its instant.
tl::expected<viz::Document, std::vector<Error>> open_script(const std::string& path, bool japanese) {
  auto run = run_script_file(path, {}, trace::Level::expressions);
  if (!run) return tl::make_unexpected(std::vector<Error>{run.error()});
  const auto ran = std::make_shared<ScriptRun>(std::move(*run));
  if (japanese) say_in_japanese(ran->trace->mutable_tables().captions);
  viz::Document document;
  document.path = path;
  document.files = {path};
  document.notes = notes_of(*ran);
  document.trace = ran->trace.get();
  document.bpf = bpf_for_run(*document.trace);
  document.tools = make_host_tools({});
  document.value_text = rule_values(document.trace->tables());
  document.no_fork = "A packetdrill script says itself what happens: edit it and it runs again";
  document.owner = ran;
  add_layout(path, document);
  return document;
}

constexpr std::uint64_t slots_per_frame = 80'000;  // taken over from a run in one frame

// Frames are read from the file when a panel asks for them.
viz::FrameBytes frame_reader(const std::shared_ptr<LoadedFile>& file) {
  auto bytes = std::make_shared<capture::CaptureBytes>(*file->imported);
  return [file, bytes](PacketId packet, std::string& frame, std::uint32_t& original) {
    const auto& frames = file->imported->frames;
    if (packet.value >= frames.size()) return false;
    const std::vector<std::uint8_t> read = bytes->frame(packet);
    frame.assign(read.begin(), read.end());
    original = frames[packet.value].original;
    return read.size() == frames[packet.value].captured;
  };
}

// "10.0.1.0/24"; empty without packets.
std::string prefix_of_first_sender(const trace::Trace& trace) {
  for (std::uint64_t at = trace.first(); at < trace.published(); at = trace.next(at)) {
    if (trace.at(at)->kind != trace::Kind::packet_created) continue;
    const IpAddress& sender = trace.tables().addresses[trace::unpack_packet_created(trace.at(at)).packet.source];
    return sender.to_string() + (sender.family == Family::ipv4 ? "/24" : "/64");
  }
  return {};
}

// What a capture's way through rules is made of, to send it again with a change.
struct ThroughOrigin {
  std::shared_ptr<const capture::ImportedCapture> capture;
  ThroughOptions options;
  std::string path;
  std::vector<ThroughChange> changes;
};

viz::Document document_of(std::unique_ptr<Through> sent, ThroughOrigin origin) {
  const std::shared_ptr<Through> through = std::move(sent);
  viz::Document document;
  document.path = origin.path;
  document.notes = through->warnings;
  document.trace = &through->trace;
  document.bpf = bpf_for_run(through->trace);
  document.tools = make_host_tools({});
  document.value_text = rule_values(document.trace->tables());
  document.owner = through;
  const auto shared = std::make_shared<const ThroughOrigin>(std::move(origin));
  document.fork = [shared](const viz::ForkRequest& request,
                           viz::ForkProgress& progress) -> Outcome<std::shared_ptr<viz::Document>> {
    ThroughOrigin changed = *shared;
    changed.changes.push_back({request.at, request.changes});
    std::stable_sort(changed.changes.begin(), changed.changes.end(),
                     [](const ThroughChange& a, const ThroughChange& b) { return a.at < b.at; });
    const auto go_on = [&progress](Time now) {
      progress.reached_ns = now.ns;
      return !progress.stop;
    };
    auto again = send_through(*changed.capture, changed.options, {changed.changes, go_on});
    if (!again) return tl::unexpected<Error>(again.error());
    return std::make_shared<viz::Document>(document_of(std::move(*again), std::move(changed)));
  };
  return document;
}

tl::expected<viz::Document, std::vector<Error>> open_loaded(const std::string& path, const LoadOptions& options,
                                                            const std::string& title) {
  auto loaded = load_file(path, options);
  if (!loaded) return tl::make_unexpected(std::move(loaded.error()));
  if (!title.empty() && loaded->imported) loaded->imported->trace.mutable_tables().title = title;
  viz::Document document;
  document.path = title.empty() ? path : title;
  for (const Error& warning : loaded->warnings) document.notes.push_back(warning.to_string());
  const auto file = std::make_shared<LoadedFile>(std::move(*loaded));
  if (file->imported) {
    document.frame_bytes = frame_reader(file);
    document.names = packet_names(file);
    for (const capture::CaptureFile& part : file->imported->files)
      if (part.format.empty()) document.notes.push_back(part.path + " is left out: " + part.end.message);
  }
  document.trace = &file->trace();
  document.bpf = file->imported ? bpf_for_capture({file, file->imported.get()}) : bpf_for_run(file->trace());
  document.tools = make_host_tools(ephemeral_ranges(document.trace->tables()));
  document.value_text = rule_values(document.trace->tables());
  document.notes.insert(document.notes.end(), document.trace->tables().notes.begin(),
                        document.trace->tables().notes.end());
  add_layout(path, document);
  document.no_fork = file->imported ? "A capture happened as it did: only a scenario can be run again with a change"
                                    : "A saved trace cannot be run again: open its scenario to change something";
  document.owner = file;
  return document;
}

}  // namespace

tl::expected<viz::Document, std::vector<Error>> open_document(const std::string& path, capture::SocketOwners lists,
                                                              const std::string& title, bool japanese,
                                                              const capture::ImportWatch& watch) {
  const auto kind = detect_file(path);
  if (!kind) return tl::make_unexpected(std::vector<Error>{kind.error()});
  if (*kind == FileKind::scenario && is_script(path)) return open_script(path, japanese);
  if (!lists.empty() && *kind != FileKind::capture)
    return tl::make_unexpected(
        std::vector<Error>{{{path, 0, 0}, "sockets are joined to captures", "pcap or pcapng", {}}});
  if (*kind == FileKind::scenario) {
    auto document = open_scenario(path, japanese);
    if (document) add_layout(path, *document);
    return document;
  }
  LoadOptions options;
  options.lists = std::move(lists);
  options.watch = [&](const capture::ImportProgress& progress) {
    return progress.packets < most_packets_shown && (!watch || watch(progress));
  };
  return open_loaded(path, options, title);
}

tl::expected<viz::Document, std::vector<Error>> open_together(const std::vector<std::string>& paths,
                                                              capture::SocketOwners lists,
                                                              const capture::ClockChoice& clocks,
                                                              const std::string& title) {
  LoadOptions options;
  options.lists = std::move(lists);
  options.clocks = clocks;
  options.watch = [](const capture::ImportProgress& progress) { return progress.packets < most_packets_shown; };
  std::string first;
  for (const std::string& path : paths) {
    const auto kind = detect_file(path);
    if (kind && *kind != FileKind::capture)
      return tl::make_unexpected(
          std::vector<Error>{{{path, 0, 0}, "only captures are shown together", "pcap or pcapng", {}}});
    if (kind && first.empty())
      first = path;
    else
      options.beside.push_back(path);
  }
  if (first.empty()) return open_document(paths.front(), std::move(options.lists), title);
  return open_loaded(first, options, title);
}

tl::expected<RunningDocument, std::vector<Error>> open_running(const std::string& path, trace::Level level,
                                                               bool japanese) {
  std::vector<Error> warnings;
  auto scenario = is_ruleset(path) ? ruleset_trial(path) : read_scenario(path, {}, &warnings);
  if (!scenario) return tl::make_unexpected(scenario.error());
  if (japanese) scenario->language = "ja";
  const auto producer = std::make_shared<Producer>(*scenario, level, trace_budget);
  viz::Document document;
  document.path = path;
  document.owner = producer;
  document.trace = &producer->trace();
  document.tools = make_host_tools(producer->ephemeral());
  add_scenario(*scenario, document);
  add_layout(path, document);
  document.grow = [producer] { return producer->take(slots_per_frame); };
  document.stop_growing = [producer] { producer->stop(); };
  if (level != trace::Level::expressions) document.notes.push_back("a long run: it is shown with less detail");
  for (const Error& warning : warnings) document.notes.push_back(warning.to_string());
  return RunningDocument{std::move(document), producer};
}

tl::expected<viz::Document, std::vector<Error>> open_through(const std::vector<std::string>& paths,
                                                             const ThroughOptions& options, bool guess_inside,
                                                             const capture::ClockChoice& clocks) {
  capture::ImportOptions import;
  import.clocks = clocks;
  auto imported = capture::import_captures(paths, {}, import);
  if (!imported) return tl::make_unexpected(std::vector<Error>{imported.error()});
  ThroughOrigin origin{
      std::make_shared<const capture::ImportedCapture>(std::move(*imported)), options, paths.front(), {}};
  auto sent = send_through(*origin.capture, origin.options);
  // Whoever drops rules on a capture cannot say which addresses are inside: those near the first sender.
  const std::string inside = guess_inside && !sent ? prefix_of_first_sender(origin.capture->trace) : std::string();
  if (!inside.empty()) {
    origin.options.inside = {inside};
    sent = send_through(*origin.capture, origin.options);
  }
  if (!sent) return tl::make_unexpected(std::vector<Error>{sent.error()});
  viz::Document document = document_of(std::move(*sent), std::move(origin));
  if (!inside.empty()) document.notes.insert(document.notes.begin(), "a guess: " + inside + " is inside the router");
  return document;
}

}  // namespace fourtuple::app
