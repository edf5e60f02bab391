#include "viz/panels/packet/compare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace fourtuple::viz {
namespace {

constexpr std::array<std::string_view, 4> tuple_names = {"Source address", "Source port", "Destination address",
                                                         "Destination port"};

// A field below its header; options that appear several times count on. What an ICMP error quotes is left out.
struct FieldKey {
  std::string_view header, name;
  int turn = 0;
  bool operator==(const FieldKey&) const = default;
};

std::vector<FieldKey> keys_of(const PacketModel& model) {
  std::vector<FieldKey> keys;
  FieldKey key;
  for (const Field& field : model.fields) {
    if (field.depth == 0) key.header = field.name;
    key.name = field.name;
    key.turn = 0;
    while (std::find(keys.begin(), keys.end(), key) != keys.end()) ++key.turn;
    keys.push_back(key);
  }
  return keys;
}

std::string value_of(const PacketModel& model, std::string_view name) {
  const std::size_t field = field_named(model, name);
  return field < model.fields.size() ? model.fields[field].value : std::string();
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string summary_of(const PacketModel& pinned, const PacketModel& shown) {
  std::array<std::string, 4> a, b;
  std::vector<std::string_view> different;
  for (std::size_t i = 0; i < 4; ++i) {
    a[i] = value_of(pinned, tuple_names[i]);
    b[i] = value_of(shown, tuple_names[i]);
    if (a[i] != b[i]) different.push_back(tuple_names[i]);
  }
  if (different.empty()) return "The same four-tuple: two packets of one direction of one conversation.";
  if (a[0] == b[2] && a[1] == b[3] && a[2] == b[0] && a[3] == b[1])
    return "Source and destination change places: the other direction of the same conversation.";
  if (different.size() == 1) return fmt::format("Of the four-tuple, only the {} differs.", lower(different.front()));
  if (different.size() == 4) return "All four parts of the four-tuple differ.";
  return fmt::format("{} of the four parts of the four-tuple differ.", different.size() == 2 ? "Two" : "Three");
}

std::size_t rank(std::string_view name) {
  return static_cast<std::size_t>(std::find(tuple_names.begin(), tuple_names.end(), name) - tuple_names.begin());
}

}  // namespace

PacketComparison compare_packets(const PacketModel& pinned, const PacketModel& shown) {
  PacketComparison result;
  const std::vector<FieldKey> mine = keys_of(pinned), theirs = keys_of(shown);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const Field& field = shown.fields[i];
    if (field.depth == 0) continue;
    const auto found = static_cast<std::size_t>(std::find(mine.begin(), mine.end(), theirs[i]) - mine.begin());
    const std::string before = found < mine.size() ? pinned.fields[found].value : std::string();
    if (before.empty() && field.value.empty()) continue;  // options that only fill up
    result.fields.push_back({field.name, before, field.value, i});
  }
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const Field& field = pinned.fields[i];
    if (field.depth == 0 || field.value.empty()) continue;
    if (std::find(theirs.begin(), theirs.end(), mine[i]) == theirs.end())
      result.fields.push_back({field.name, field.value, std::string(), shown.fields.size()});
  }
  std::stable_sort(result.fields.begin(), result.fields.end(),
                   [](const ComparedField& a, const ComparedField& b) { return rank(a.name) < rank(b.name); });
  result.summary = summary_of(pinned, shown);
  return result;
}

std::size_t next_difference(const PacketComparison& comparison, std::size_t chosen) {
  const auto& fields = comparison.fields;
  std::size_t at = 0;
  while (at < fields.size() && fields[at].field != chosen) ++at;
  for (std::size_t n = 1; n <= fields.size(); ++n) {
    const ComparedField& candidate = fields[(at + n) % fields.size()];
    if (!candidate.same() && !candidate.shown.empty()) return candidate.field;
  }
  return chosen;
}

}  // namespace fourtuple::viz
