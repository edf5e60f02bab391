// The ruleset of a host with its counters, quotas and set elements at an instant, as `nft list ruleset` prints it.
#include <fmt/format.h>

#include "app/rule_text.h"
#include "app/views/views.h"
#include "sim/replay/listing.h"

namespace fourtuple::app {
namespace {

using trace::NetfilterObjectKind;
using trace::RulesetInfo;

std::string_view kind_name(NetfilterObjectKind kind) {
  constexpr std::string_view names[] = {"counter", "quota", "limit", "connection-limit"};
  return names[static_cast<std::size_t>(kind)];
}

// What a counter or quota holds; null for an object whose inside nobody lists.
Json value_json(const state::State& state, const trace::ObjectInfo& object) {
  if (object.id >= state.objects.size()) return nullptr;
  const state::NetfilterObject& value = state.objects[object.id];
  if (object.kind == NetfilterObjectKind::counter) return {{"packets", value.first}, {"bytes", value.second}};
  if (object.kind == NetfilterObjectKind::quota) return {{"used_bytes", value.first}};
  return nullptr;
}

const trace::ObjectInfo* object_of(const RulesetInfo& ruleset, std::uint32_t id) {
  for (const trace::ObjectInfo& object : ruleset.objects)
    if (object.id == id) return &object;
  return nullptr;
}

Json rule_json(const ViewInput& input, const RulesetInfo& ruleset, const trace::RuleInfo& rule) {
  Json json{{"number", rule.number + 1}, {"text", rule.text}};
  if (!rule.comment.empty()) json["comment"] = rule.comment;
  if (rule.span.line != 0) json["line"] = rule.span.line;
  for (std::uint32_t i = 0; i < rule.expression_count; ++i) {
    const trace::ObjectInfo* object = object_of(ruleset, ruleset.expressions[rule.first_expression + i].object);
    if (object == nullptr) continue;
    const Json value = value_json(input.state, *object);
    if (!value.is_null()) json[kind_name(object->kind)] = value;
  }
  return json;
}

Json chain_json(const ViewInput& input, const RulesetInfo& ruleset, const trace::ChainInfo& chain) {
  Json json{{"chain", chain.name}, {"family", chain.family}, {"table", chain.table}};
  if (chain.base) {
    json["type"] = chain.type;
    json["hook"] = chain.hook;
    json["priority"] = chain.priority;
    json["policy"] = chain.policy;
  }
  json["rules"] = Json::array();
  for (std::uint32_t i = 0; i < chain.rule_count; ++i)
    json["rules"].push_back(rule_json(input, ruleset, ruleset.rules[chain.first_rule + i]));
  return json;
}

Json set_json(const ViewInput& input, const RulesetInfo& ruleset, const trace::SetInfo& set) {
  Json json{{set.is_map ? "map" : "set", set.name}, {"family", set.family}, {"table", set.table}};
  json["elements"] = Json::array();
  for (const replay::ElementText& element :
       replay::elements_of(ruleset, set, input.state, input.now, nft_listing(input.tables)))
    json["elements"].push_back(element.text);
  return json;
}

}  // namespace

std::string nft_text(const ViewInput& input, HostId host) {
  const RulesetInfo* ruleset = replay::ruleset_of(input.tables.rulesets, input.state, host);
  if (ruleset == nullptr) return "no ruleset\n";
  return replay::listing_text(*ruleset, input.state, input.now, nft_listing(input.tables));
}

Json nft_json(const ViewInput& input, HostId host) {
  Json rows = Json::array();
  const RulesetInfo* ruleset = replay::ruleset_of(input.tables.rulesets, input.state, host);
  if (ruleset == nullptr) return rows;
  for (const trace::ObjectInfo& object : ruleset->objects)
    if (!object.name.empty())
      rows.push_back(
          {{"object", object.name}, {"kind", kind_name(object.kind)}, {"value", value_json(input.state, object)}});
  // A set without a name is part of a rule.
  for (const trace::SetInfo& set : ruleset->sets)
    if (!set.name.empty()) rows.push_back(set_json(input, *ruleset, set));
  for (const trace::ChainInfo& chain : ruleset->chains) rows.push_back(chain_json(input, *ruleset, chain));
  return rows;
}

}  // namespace fourtuple::app
