#include "app/view/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
constexpr std::uintmax_t largest_file = 1u << 20;
constexpr int smallest_window = 320, largest_window = 16384;

// $XDG_…, else the folder below HOME.
std::string base_folder(const char* variable, const char* below_home) {
  const char* set = std::getenv(variable);
  if (set != nullptr && *set == '/') return set;
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + below_home : std::string();
}

std::string file_in(const std::string& base, const char* name) {
  return base.empty() ? base : base + "/fourtuple/" + name;
}

std::optional<Json> parse(const std::string& path, std::vector<std::string>& notes) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (size <= largest_file) text << in.rdbuf();
  Json json = Json::parse(text.str(), nullptr, false, true);
  if (!json.is_object()) {
    notes.push_back(path + ": this is no settings file (a JSON object was expected); it is left as it is");
    return std::nullopt;
  }
  return json;
}

// Reads members one by one and remembers whether all of them were understood.
struct Reader {
  const Json& json;
  const std::string& path;
  std::vector<std::string>& notes;
  bool good = true;

  template <typename Take>
  void take(const char* name, const char* expected, Take&& give) {
    const auto found = json.find(name);
    if (found == json.end() || give(*found)) return;
    good = false;
    notes.push_back(fmt::format("{}: \"{}\" is not understood, expected {}", path, name, expected));
  }
};

bool take_texts(const Json& json, std::vector<std::string>& texts) {
  if (!json.is_array()) return false;
  for (const Json& text : json) {
    if (!text.is_string()) return false;
    texts.push_back(text.get<std::string>());
  }
  return true;
}

bool take_keys(const Json& json, viz::KeyChanges& keys) {
  if (!json.is_object()) return false;
  return std::all_of(json.items().begin(), json.items().end(),
                     [&](const auto& entry) { return take_texts(entry.value(), keys[entry.key()]); });
}

bool take_flag(const Json& json, bool& flag) {
  if (json.is_boolean()) flag = json.get<bool>();
  return json.is_boolean();
}

bool take_size(const Json& json, int& size) {
  if (!json.is_number_integer()) return false;
  const auto value = json.get<std::int64_t>();
  if (value < smallest_window || value > largest_window) return false;
  size = static_cast<int>(value);
  return true;
}

Outcome<void> write(const std::string& path, const Json& json) {
  if (path.empty()) return fail({}, "there is no folder for settings: neither HOME nor XDG variables are set");
  std::error_code problem;
  fs::create_directories(fs::path(path).parent_path(), problem);
  const std::string fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::binary);
    out << json.dump(2) << '\n';
    if (!out.flush()) return fail({path, 0, 0}, "cannot be written");
  }
  fs::rename(fresh, path, problem);
  if (problem) return fail({path, 0, 0}, "cannot be written: " + problem.message());
  return {};
}

}  // namespace

std::string settings_path() {
  return file_in(base_folder("XDG_CONFIG_HOME", "/.config"), "settings.json");
}

std::string window_memory_path() {
  return file_in(base_folder("XDG_STATE_HOME", "/.local/state"), "window.json");
}

bool read_settings(const std::string& path, Settings& settings, std::vector<std::string>& notes) {
  std::error_code problem;
  if (path.empty() || !fs::exists(path, problem)) return true;
  const std::optional<Json> json = parse(path, notes);
  if (!json) return false;
  Reader reader{*json, path, notes};
  viz::ViewerLook& look = settings.look;
  reader.take("theme", "dark, light or high-contrast", [&](const Json& value) {
    const auto named = value.is_string() ? viz::look_named(value.get<std::string>()) : std::nullopt;
    if (named) look.look = *named;
    return named.has_value();
  });
  reader.take("scale", "a number from 1 to 3", [&](const Json& value) {
    const float scale = value.is_number() ? value.get<float>() : 0;
    const bool fits = scale >= 1 && scale <= viz::largest_scale;
    if (fits) look.scale = scale;
    return fits;
  });
  reader.take("language", "\"en\" or \"ja\"", [&](const Json& value) {
    if (value != "en" && value != "ja") return false;
    look.japanese = value == "ja";
    return true;
  });
  reader.take("less_motion", "true or false", [&](const Json& value) { return take_flag(value, look.reduced_motion); });
  reader.take("keys", "keys by name of action, such as {\"next-drop\": [\"X\"]}",
              [&](const Json& value) { return take_keys(value, settings.keys); });
  return reader.good;
}

bool read_window_memory(const std::string& path, WindowMemory& memory, std::vector<std::string>& notes) {
  std::error_code problem;
  if (path.empty() || !fs::exists(path, problem)) return true;
  const std::optional<Json> json = parse(path, notes);
  if (!json) return false;
  Reader reader{*json, path, notes};
  reader.take("width", "a number of pixels", [&](const Json& value) { return take_size(value, memory.width); });
  reader.take("height", "a number of pixels", [&](const Json& value) { return take_size(value, memory.height); });
  reader.take("recent", "a list of paths", [&](const Json& value) { return take_texts(value, memory.recent); });
  if (memory.recent.size() > most_recent) memory.recent.resize(most_recent);
  return reader.good;
}

Outcome<void> write_settings(const std::string& path, const Settings& settings) {
  Json json;
  json["theme"] = viz::look_names[static_cast<std::size_t>(settings.look.look)];
  json["scale"] = settings.look.scale;
  json["language"] = settings.look.japanese ? "ja" : "en";
  json["less_motion"] = settings.look.reduced_motion;
  json["keys"] = settings.keys;
  return write(path, json);
}

Outcome<void> write_window_memory(const std::string& path, const WindowMemory& memory) {
  Json json;
  json["width"] = memory.width;
  json["height"] = memory.height;
  json["recent"] = memory.recent;
  return write(path, json);
}

void remember(WindowMemory& memory, const std::string& path) {
  std::error_code problem;
  const std::string whole = fs::absolute(path, problem).lexically_normal().string();
  if (problem) return;
  std::erase(memory.recent, whole);
  memory.recent.insert(memory.recent.begin(), whole);
  if (memory.recent.size() > most_recent) memory.recent.resize(most_recent);
}

}  // namespace fourtuple::app
