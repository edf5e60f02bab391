#include "app/view/documents.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "app/filter/bpf.h"
#include "app/rule_text.h"
#include "app/session.h"
#include "app/through/through.h"
#include "app/view/host_tools.h"
#include "app/view/layout_file.h"
#include "sim/trace/describe.h"

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

tl::expected<viz::Document, std::vector<Error>> open_scenario(const std::string& path, bool japanese) {
  std::vector<Error> warnings;
  auto scenario = read_scenario(path, {}, &warnings);
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
      document.notes.push_back("a long run: only the first " + trace::time_text(run->now()) + " are shown");
    } else {
      document.notes = {"a long run: it is shown with less detail"};
    }
  }
  for (const Error& warning : warnings) document.notes.push_back(warning.to_string());
  document.trace = &run->trace();
  document.bpf = bpf_for_run(run->trace());
  document.value_text = rule_values(document.trace->tables());
  document.owner = run;
  return document;
}

// Frames are read from the file when a panel asks for them.
viz::FrameBytes frame_reader(const std::shared_ptr<LoadedFile>& file) {
  auto in = std::make_shared<std::ifstream>(file->path, std::ios::binary);
  return [file, in](PacketId packet, std::string& frame, std::uint32_t& original) {
    const auto& frames = file->imported->frames;
    if (packet.value >= frames.size() || !*in) return false;
    const capture::FrameInfo& info = frames[packet.value];
    original = info.original;
    frame.resize(info.captured);
    in->clear();
    in->seekg(static_cast<std::streamoff>(info.file_offset));
    in->read(frame.data(), static_cast<std::streamsize>(frame.size()));
    return static_cast<std::size_t>(in->gcount()) == frame.size();
  };
}

// A layout that cannot be read costs only a note.
void add_positions(const std::string& path, viz::Document& document) {
  auto positions = read_layout(path);
  if (positions) {
    document.positions = std::move(*positions);
  } else {
    document.notes.push_back("positions are not used: " + positions.error().to_string());
  }
}

}  // namespace

tl::expected<viz::Document, std::vector<Error>> open_document(const std::string& path, capture::SocketOwners lists,
                                                              const std::string& title, bool japanese) {
  const auto kind = detect_file(path);
  if (!kind) return tl::make_unexpected(std::vector<Error>{kind.error()});
  if (!lists.empty() && *kind != FileKind::capture)
    return tl::make_unexpected(
        std::vector<Error>{{{path, 0, 0}, "sockets are joined to captures", "pcap or pcapng", {}}});
  if (*kind == FileKind::scenario) {
    auto document = open_scenario(path, japanese);
    if (document) add_positions(path, *document);
    return document;
  }
  LoadOptions options;
  options.lists = std::move(lists);
  auto loaded = load_file(path, options);
  if (!loaded) return tl::make_unexpected(std::move(loaded.error()));
  if (!title.empty() && loaded->imported) loaded->imported->trace.mutable_tables().title = title;
  viz::Document document;
  document.path = title.empty() ? path : title;
  for (const Error& warning : loaded->warnings) document.notes.push_back(warning.to_string());
  const auto file = std::make_shared<LoadedFile>(std::move(*loaded));
  if (file->imported) document.frame_bytes = frame_reader(file);
  document.trace = &file->trace();
  document.bpf = file->imported ? bpf_for_capture({file, file->imported.get()}) : bpf_for_run(file->trace());
  document.tools = make_host_tools(ephemeral_ranges(document.trace->tables()));
  document.value_text = rule_values(document.trace->tables());
  document.notes.insert(document.notes.end(), document.trace->tables().notes.begin(),
                        document.trace->tables().notes.end());
  add_positions(path, document);
  document.owner = file;
  return document;
}

tl::expected<viz::Document, std::vector<Error>> open_through(const std::string& path, const ThroughOptions& options) {
  const auto capture = capture::import_capture(path);
  if (!capture) return tl::make_unexpected(std::vector<Error>{capture.error()});
  auto sent = send_through(*capture, options);
  if (!sent) return tl::make_unexpected(std::vector<Error>{sent.error()});
  const std::shared_ptr<Through> through = std::move(*sent);
  viz::Document document;
  document.path = path;
  document.notes = through->warnings;
  document.trace = &through->trace;
  document.bpf = bpf_for_run(through->trace);
  document.tools = make_host_tools({});
  document.value_text = rule_values(document.trace->tables());
  document.owner = through;
  return document;
}

}  // namespace fourtuple::app
