#include "app/view/documents.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "app/rule_text.h"
#include "app/session.h"
#include "app/through/through.h"
#include "app/view/forks.h"
#include "app/view/host_tools.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_entries = 400;
constexpr std::uintmax_t longest_scenario = 1u << 20;  // of those read for their title

bool has_ending(const fs::path& path, std::initializer_list<std::string_view> endings) {
  const std::string ending = path.extension().string();
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

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

tl::expected<viz::Document, std::vector<Error>> open_scenario(const std::string& path) {
  std::vector<Error> warnings;
  auto scenario = read_scenario(path, {}, &warnings);
  if (!scenario) return tl::make_unexpected(std::move(scenario.error()));
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
  document.value_text = rule_values(document.trace->tables());
  document.files = files_of(*scenario);
  document.fork = fork_of({std::make_shared<const world::Scenario>(*scenario),
                           scenario->seed,
                           run->trace().level(),
                           path,
                           trace_budget,
                           {}});
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

std::string title_of(const fs::path& path) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem || size > longest_scenario) return path.stem().string();
  const world::ParseResult parsed = world::load_scenario(path.string());
  const std::string title(parsed.scenario.title.in("en"));
  return title.empty() ? path.stem().string() : title;
}

}  // namespace

tl::expected<viz::Document, std::vector<Error>> open_document(const std::string& path, capture::SocketOwners lists,
                                                              const std::string& title) {
  const auto kind = detect_file(path);
  if (!kind) return tl::make_unexpected(std::vector<Error>{kind.error()});
  if (!lists.empty() && *kind != FileKind::capture)
    return tl::make_unexpected(
        std::vector<Error>{{{path, 0, 0}, "sockets are joined to captures", "pcap or pcapng", {}}});
  if (*kind == FileKind::scenario) return open_scenario(path);
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
  document.tools = make_host_tools(ephemeral_ranges(document.trace->tables()));
  document.value_text = rule_values(document.trace->tables());
  document.notes.insert(document.notes.end(), document.trace->tables().notes.begin(),
                        document.trace->tables().notes.end());
  document.no_fork = *kind == FileKind::capture
                         ? "A capture happened as it did: only a scenario can be run again with a change"
                         : "A saved trace cannot be run again: open its scenario to change something";
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
  document.tools = make_host_tools({});
  document.value_text = rule_values(document.trace->tables());
  document.no_fork = "Packets of a capture through rules: edit the rules and open it again to compare";
  document.owner = through;
  return document;
}

std::string scenario_folder() {
  std::error_code problem;
  const fs::path binary = fs::read_symlink("/proc/self/exe", problem).parent_path();
  for (const fs::path& root :
       {fs::path(FOURTUPLE_SOURCE_DATA_DIR), binary / FOURTUPLE_DATA_DIR_FROM_BIN, fs::path(FOURTUPLE_DATA_DIR)}) {
    const fs::path folder = root / "scenarios";
    if (fs::is_directory(folder, problem)) return folder.string();
  }
  return {};
}

std::vector<viz::GalleryEntry> list_scenarios(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(folder, problem), end; !problem && at != end && paths.size() < most_entries;
       at.increment(problem)) {
    if (has_ending(at->path(), {".yaml", ".pcap", ".pcapng"})) paths.push_back(at->path());
  }
  const auto order = [](const fs::path& path) { return std::pair(path.filename() != "first_run.yaml", path); };
  std::sort(paths.begin(), paths.end(), [&](const fs::path& a, const fs::path& b) { return order(a) < order(b); });
  std::vector<viz::GalleryEntry> entries;
  for (const fs::path& path : paths) {
    const bool capture = !has_ending(path, {".yaml"});
    const fs::path topic = fs::relative(path.parent_path(), folder, problem);
    entries.push_back({capture ? path.filename().string() : title_of(path), path.string(),
                       topic == "." ? std::string("start here") : topic.string(), capture});
  }
  return entries;
}

}  // namespace fourtuple::app
