#include "app/view/gallery_list.h"

#include <algorithm>
#include <filesystem>

#include "app/view/sketch.h"
#include "sim/world/scenario/parse.h"

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_entries = 400;
constexpr std::uintmax_t longest_scenario = 1u << 20;  // of those read for their title

bool has_ending(const fs::path& path, std::initializer_list<std::string_view> endings) {
  const std::string ending = path.extension().string();
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

// Title, words to be found by, and the picture; a file with faults keeps its name.
void describe(viz::GalleryEntry& entry, std::string_view language) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(entry.path, problem);
  if (problem || size > longest_scenario) return;
  const world::ParseResult parsed = world::load_scenario(entry.path);
  const std::string_view title = parsed.scenario.title.in(language);
  if (!title.empty()) entry.title = title;
  entry.words = parsed.scenario.summary.in(language);
  for (const std::string& lesson : parsed.scenario.covers) entry.words += ' ' + lesson;
  if (parsed.ok()) entry.sketch = sketch_of(parsed.scenario);
}

}  // namespace

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

std::vector<viz::GalleryEntry> list_scenarios(const std::string& folder, bool japanese) {
  std::vector<fs::path> paths;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(folder, problem), end; !problem && at != end && paths.size() < most_entries;
       at.increment(problem)) {
    if (has_ending(at->path(), {".yaml", ".pcap", ".pcapng"})) paths.push_back(at->path());
  }
  // The one that plays in the gallery, then the one to begin with.
  const auto order = [](const fs::path& path) {
    const fs::path name = path.filename();
    return std::pair(name == "two_laptops.yaml" ? 0 : name == "first_run.yaml" ? 1 : 2, path);
  };
  std::sort(paths.begin(), paths.end(), [&](const fs::path& a, const fs::path& b) { return order(a) < order(b); });
  std::vector<viz::GalleryEntry> entries;
  for (const fs::path& path : paths) {
    const fs::path topic = fs::relative(path.parent_path(), folder, problem);
    viz::GalleryEntry entry{path.filename().string(), path.string(),
                            topic == "." ? std::string("start here") : topic.string(), !has_ending(path, {".yaml"})};
    if (!entry.capture) describe(entry, japanese ? "ja" : "en");
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace fourtuple::app
