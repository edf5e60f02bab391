#include "app/compare/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/text_table.h"
#include "sim/trace/describe.h"

namespace fourtuple::app {
namespace {

using Json = nlohmann::ordered_json;

std::string value_or_absent(const replay::DifferentFact& fact, const std::string& value) {
  return value.empty() ? std::string(replay::absent_words(fact.kind)) : value;
}

// + only in B, - only in A, ~ in both.
std::string_view mark_of(const replay::DifferentFact& fact) {
  return fact.a.empty() ? "+" : fact.b.empty() ? "-" : "~";
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::string text;
  if (comparison.fork) {
    text += fmt::format("A  as it is\nB  changed at {}\n", trace::time_text(*comparison.fork));
    for (const std::string& change : comparison.changes) text += "     " + change + "\n";
    text += "\n";
  }
  if (!comparison.first) {
    text += fmt::format("no difference: all {} are the same\n", plural(comparison.same, "event"));
  } else {
    const trace::Difference& first = *comparison.first;
    text += fmt::format("same   {} before the first difference\n", plural(first.number, "event"));
    text += fmt::format("first  event {}, at {}\n", first.number + 1, trace::time_text(first.time));
    text += fmt::format("  A    {}\n  B    {}\n", first.a, first.b);
    text += fmt::format("after  {} more in A, {} in B\n", plural(first.rest_a, "event"), first.rest_b);
  }
  const std::string when = trace::time_text(comparison.look);
  if (comparison.facts.empty()) return text + fmt::format("\nNothing is different at {}.\n", when);
  TextTable table({"", "DIFFERENT AT " + when, "A", "B", "SINCE"});
  for (const replay::DifferentFact& fact : comparison.facts)
    table.add({std::string(mark_of(fact)), fact.subject, value_or_absent(fact, fact.a), value_or_absent(fact, fact.b),
               trace::time_text(fact.since)});
  return text + "\n" + table.text();
}

std::string comparison_json(const Comparison& comparison) {
  Json json;
  if (comparison.fork) {
    json["fork_ns"] = comparison.fork->ns;
    json["changes"] = comparison.changes;
  }
  json["same"] = comparison.first ? comparison.first->number : comparison.same;
  json["first_difference"] = nullptr;
  if (const auto& first = comparison.first)
    json["first_difference"] = {{"time_ns", first->time.ns},
                                {"a", first->a},
                                {"b", first->b},
                                {"after_a", first->rest_a},
                                {"after_b", first->rest_b}};
  json["look_ns"] = comparison.look.ns;
  json["different"] = Json::array();
  for (const replay::DifferentFact& fact : comparison.facts)
    json["different"].push_back({{"subject", fact.subject},
                                 {"a", value_or_absent(fact, fact.a)},
                                 {"b", value_or_absent(fact, fact.b)},
                                 {"since_ns", fact.since.ns}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fourtuple::app
