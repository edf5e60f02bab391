// `fourtuple check FILE…`: validates scenarios. One line for each fault, file:line:column first.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands.h"
#include "sim/world/scenario/expand.h"
#include "sim/world/scenario/parse.h"

namespace fourtuple::app {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Error& error) {
  Json json{{"file", error.where.file}, {"message", error.message}};
  if (error.where.line > 0) json["line"] = error.where.line;
  if (error.where.column > 0) json["column"] = error.where.column;
  if (!error.expected.empty()) json["expected"] = error.expected;
  if (!error.suggestion.empty()) json["suggestion"] = error.suggestion;
  return json;
}

Json to_json(const std::string& file, const world::ParseResult& result) {
  Json json{{"file", file}, {"ok", result.ok()}, {"errors", Json::array()}, {"warnings", Json::array()}};
  for (const Error& error : result.errors) json["errors"].push_back(to_json(error));
  for (const Error& warning : result.warnings) json["warnings"].push_back(to_json(warning));
  if (result.ok()) {
    json["title"] = result.scenario.title.in("en");
    json["hosts"] = result.scenario.hosts.size();
    json["timeline"] = result.scenario.timeline.size();
    json["expect"] = result.scenario.expects.size();
  }
  return json;
}

void print_result(const std::string& file, const world::ParseResult& result) {
  for (const Error& error : result.errors) std::fprintf(stderr, "%s\n", error.to_string().c_str());
  for (const Error& warning : result.warnings) std::fprintf(stderr, "%s\n", warning.to_string("warning").c_str());
  if (result.errors.size() >= 50) std::fprintf(stderr, "%s: more errors are not shown\n", file.c_str());
  if (!result.ok()) return;
  const world::Scenario& scenario = result.scenario;
  std::printf("%s: ok: %zu hosts, %zu networks, %zu timeline entries, %zu expectations\n", file.c_str(),
              scenario.hosts.size(), scenario.networks.size(), scenario.timeline.size(), scenario.expects.size());
}

}  // namespace

int check(const CheckOptions& options) {
  int status = exit_ok;
  Json all = Json::array();
  for (const std::string& file : options.files) {
    const world::ParseResult result = world::load_scenario(file);
    if (!result.ok()) status = exit_bad_input;
    if (options.json)
      all.push_back(to_json(file, result));
    else if (!options.expand || !result.ok())
      print_result(file, result);
    if (options.expand && result.ok()) {
      const std::string text = world::expanded(result.scenario);
      if (options.json)
        all.back()["expanded"] = text;
      else
        std::fputs(text.c_str(), stdout);
    }
  }
  // A file name or a text of a scenario may hold bytes that are not UTF-8.
  if (options.json) std::printf("%s\n", all.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  return status;
}

}  // namespace fourtuple::app
