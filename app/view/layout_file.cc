#include "app/view/layout_file.h"

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

}  // namespace

std::string layout_path(const std::string& document) {
  return document + ".layout";
}

Outcome<viz::MapPositions> read_layout(const std::string& document) {
  const std::string path = layout_path(document);
  viz::MapPositions positions;
  std::error_code problem;
  if (!fs::exists(path, problem)) return positions;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem || size > longest) return fail({path, 0, 0}, "is not a layout of a map", "a file of at most 1 MiB");
  std::ifstream in(path, std::ios::binary);
  const json file = json::parse(in, nullptr, false);
  if (file.is_discarded() || !file.is_object() || file.value("fourtuple-layout", json()) != json(1)) {
    return fail({path, 0, 0}, "is not a layout of a map", "JSON with \"fourtuple-layout\": 1");
  }
  const json hosts = file.value("hosts", json::object());
  if (!hosts.is_object()) return fail({path, 0, 0}, "\"hosts\" is not a list of places", "names with [x, y]");
  for (const auto& [name, place] : hosts.items()) {
    if (!is_place(place)) {
      return fail({path, 0, 0}, fmt::format("the place of '{}' is not understood", name), "[x, y] between -4 and 4");
    }
    positions.push_back({name, {place[0].get<float>(), place[1].get<float>()}});
  }
  return positions;
}

Outcome<void> write_layout(const std::string& document, const viz::MapPositions& positions) {
  const std::string path = layout_path(document);
  if (positions.empty()) {
    std::error_code problem;
    fs::remove(path, problem);
    if (problem) return fail({path, 0, 0}, "cannot be removed");
    return {};
  }
  // One host a line, so that the file can be read and compared; four digits are finer than a pixel.
  std::string text = "{\n  \"fourtuple-layout\": 1,\n  \"hosts\": {";
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const viz::MapPosition& position = positions[i];
    text += fmt::format("{}\n    {}: [{:.4f}, {:.4f}]", i == 0 ? "" : ",",
                        json(position.host).dump(-1, ' ', false, json::error_handler_t::replace), position.at.x,
                        position.at.y);
  }
  text += "\n  }\n}\n";
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) return fail({path, 0, 0}, "cannot be written");
  return {};
}

}  // namespace fourtuple::app
