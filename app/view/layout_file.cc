#include "app/view/layout_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace fourtuple::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uintmax_t longest = 1u << 20;
constexpr float farthest = 4;  // maps away from the middle; nobody drags further

bool is_place(const json& value) {
  if (!value.is_array() || value.size() != 2) return false;
  for (const json& part : value) {
    if (!part.is_number() || !(std::abs(part.get<double>()) <= farthest)) return false;
  }
  return true;
}

Outcome<void> read_hosts(const json& file, const std::string& path, viz::MapPositions& positions) {
  const json hosts = file.value("hosts", json::object());
  if (!hosts.is_object()) return fail({path, 0, 0}, "\"hosts\" is not a list of places", "names with [x, y]");
  for (const auto& [name, place] : hosts.items()) {
    if (!is_place(place)) {
      return fail({path, 0, 0}, fmt::format("the place of '{}' is not understood", name), "[x, y] between -4 and 4");
    }
    positions.push_back({name, {place[0].get<float>(), place[1].get<float>()}});
  }
  return {};
}

Outcome<void> read_bookmarks(const json& file, const std::string& path, std::vector<viz::Bookmark>& bookmarks) {
  const json list = file.value("bookmarks", json::array());
  const auto is_bookmark = [](const json& mark) {
    if (!mark.is_object()) return false;
    const json at = mark.value("at_ns", json()), name = mark.value("name", json(""));
    return at.is_number_integer() && at.get<std::int64_t>() >= 0 && name.is_string();
  };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_bookmark)) {
    return fail({path, 0, 0}, "a bookmark is not understood", "a list of { \"at_ns\": 445000000, \"name\": \"…\" }");
  }
  viz::Bookmarks sorted;
  for (const json& mark : list) sorted.rename(Time{mark["at_ns"].get<std::int64_t>()}, mark.value("name", ""));
  bookmarks = std::move(sorted.marks);
  return {};
}

std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string layout_path(const std::string& document) {
  return document + ".layout";
}

Outcome<Layout> read_layout(const std::string& document) {
  const std::string path = layout_path(document);
  std::error_code problem;
  if (!fs::exists(path, problem)) return Layout{};
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem || size > longest) return fail({path, 0, 0}, "is not a layout of a map", "a file of at most 1 MiB");
  std::ifstream in(path, std::ios::binary);
  const json file = json::parse(in, nullptr, false);
  if (file.is_discarded() || !file.is_object() || file.value("fourtuple-layout", json()) != json(1)) {
    return fail({path, 0, 0}, "is not a layout of a map", "JSON with \"fourtuple-layout\": 1");
  }
  Layout layout;
  if (auto done = read_hosts(file, path, layout.positions); !done) return tl::unexpected<Error>(done.error());
  if (auto done = read_bookmarks(file, path, layout.bookmarks); !done) return tl::unexpected<Error>(done.error());
  return layout;
}

Outcome<void> write_layout(const std::string& document, const Layout& layout) {
  const std::string path = layout_path(document);
  if (layout == Layout{}) {
    std::error_code problem;
    fs::remove(path, problem);
    if (problem) return fail({path, 0, 0}, "cannot be removed");
    return {};
  }
  // One host or bookmark a line, so that the file can be read and compared; four digits are finer than a pixel.
  std::string text = "{\n  \"fourtuple-layout\": 1,\n  \"hosts\": {";
  std::string_view separator;
  for (const viz::MapPosition& position : layout.positions) {
    text += fmt::format("{}\n    {}: [{:.4f}, {:.4f}]", separator, quoted(position.host), position.at.x, position.at.y);
    separator = ",";
  }
  text += layout.positions.empty() ? "}" : "\n  }";
  if (!layout.bookmarks.empty()) text += ",\n  \"bookmarks\": [";
  separator = {};
  for (const viz::Bookmark& mark : layout.bookmarks) {
    text += fmt::format("{}\n    {{ \"at_ns\": {}, \"name\": {} }}", separator, mark.at.ns, quoted(mark.name));
    separator = ",";
  }
  text += layout.bookmarks.empty() ? "\n}\n" : "\n  ]\n}\n";
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) return fail({path, 0, 0}, "cannot be written");
  return {};
}

}  // namespace fourtuple::app
