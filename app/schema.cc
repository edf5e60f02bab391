// `fourtuple schema`: the JSON Schema (draft 2020-12) of the scenario format, made from the key table, for editors.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "app/commands.h"
#include "sim/world/scenario/keys.h"

namespace fourtuple::app {
namespace {

using Json = nlohmann::ordered_json;
using world::Form;
using world::Key;
using world::Object;
using world::Shape;

constexpr const char* name_pattern = "^[A-Za-z][A-Za-z0-9_-]{0,31}$";

// A quantity with its unit, or a bare number: any, or only zero where a unit is needed.
Json text_or_number(const char* pattern, bool any = true) {
  const Json text{{"type", "string"}, {"pattern", pattern}};
  const Json number = any ? Json{{"type", "integer"}, {"minimum", 0}} : Json{{"const", 0}};
  return {{"anyOf", {text, number}}};
}

Json of_form(const Key& key) {
  switch (key.form) {
    case Form::name:
    case Form::host:
      return {{"type", "string"}, {"pattern", name_pattern}};
    case Form::boolean:
      return {{"type", "boolean"}};
    case Form::integer: {
      Json json{{"type", "integer"}, {"minimum", key.least}};
      if (key.most != INT64_MAX) json["maximum"] = key.most;
      return json;
    }
    case Form::word: {
      Json json{{"enum", Json::array()}};
      for (const std::string_view word : world::words_in(key.words)) json["enum"].push_back(word);
      // YAML 1.1 editors read a bare on or off as a boolean.
      if (key.words == world::Words::on_off) json["enum"].insert(json["enum"].end(), {true, false});
      return json;
    }
    case Form::duration:
      return key.name == "start" ? text_or_number(R"(^(later|[0-9]+(\.[0-9]+)? *(ns|us|µs|ms|s|min|h))$)", false)
                                 : text_or_number(R"(^[0-9]+(\.[0-9]+)? *(ns|us|µs|ms|s|min|h)$)", false);
    case Form::rate:
      return {{"type", "string"}, {"pattern", R"(^[0-9]+(\.[0-9]+)? *[kMG]?bit/s$)"}};
    case Form::size:
      return text_or_number(R"(^[0-9]+(\.[0-9]+)? *(B|KB|kB|KiB|MB|MiB)?$)");
    case Form::packets:
      return text_or_number(R"(^[0-9]+ *(packets?)?$)");
    case Form::percent:
      return text_or_number(R"(^[0-9]+(\.[0-9]+)? *%$)", false);
    case Form::port:
      return {{"type", "integer"}, {"minimum", 0}, {"maximum", 65535}};
    case Form::port_range:
    case Form::port_list:
    case Form::from:
      return {{"type", {"integer", "string"}}};
    case Form::process:
      return {{"type", "string"}, {"pattern", "^[A-Za-z][A-Za-z0-9_-]*/[A-Za-z][A-Za-z0-9_-]*$"}};
    default:
      return {{"type", "string"}};
  }
}

// A value of a key without regard to its shape.
Json single(const Key& key) {
  Json choices = Json::array();
  if (key.form != Form::none) choices.push_back(of_form(key));
  if (key.object != nullptr) choices.push_back({{"$ref", "#/$defs/" + std::string(key.object->name)}});
  return choices.size() == 1 ? choices[0] : Json{{"anyOf", choices}};
}

Json of_key(const Key& key) {
  Json json;
  switch (key.shape) {
    case Shape::one:
      json = single(key);
      break;
    case Shape::list:
      json = {{"type", "array"}, {"items", single(key)}};
      break;
    case Shape::one_or_list:
      json = {{"anyOf", {single(key), Json{{"type", "array"}, {"items", single(key)}, {"minItems", 1}}}}};
      break;
    case Shape::named: {
      Json value = single(key);
      if (key.names == Form::destination) value = {{"anyOf", {value, Json{{"type", "array"}, {"items", value}}}}};
      json = {{"type", "object"}, {"additionalProperties", value}};
      if (key.names == Form::name) json["propertyNames"] = {{"pattern", name_pattern}};
      break;
    }
  }
  json["description"] = key.doc;
  if (!key.example.empty()) json["examples"] = {key.example};
  return json;
}

Json of_object(const Object& object) {
  Json json{{"type", "object"}, {"description", object.doc}, {"additionalProperties", false}};
  Json required = Json::array(), choices = Json::array();
  for (const Key& key : object.keys) {
    json["properties"][std::string(key.name)] = of_key(key);
    if (key.required) required.push_back(key.name);
    if (key.chooses) choices.push_back({{"required", {key.name}}});
  }
  if (!required.empty()) json["required"] = required;
  if (!choices.empty()) json["oneOf"] = choices;
  return json;
}

}  // namespace

int schema() {
  Json json{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Fourtuple scenario"}};
  json.update(of_object(world::root_object()));
  for (const Object* object : world::all_objects())
    if (object != &world::root_object()) json["$defs"][std::string(object->name)] = of_object(*object);
  std::printf("%s\n", json.dump(2).c_str());
  return exit_ok;
}

}  // namespace fourtuple::app
