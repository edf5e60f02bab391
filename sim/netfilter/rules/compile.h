// Turns a model into a Program. Sets and stateful objects keep their ids from the program before as long as what they
// were made for exists; the new ones are listed, to get their first values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netfilter/netfilter.h"
#include "sim/netfilter/rules/model.h"
#include "sim/netfilter/rules/program.h"
#include "sim/trace/events.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::netfilter {

struct CompileOptions {
  const Program* before = nullptr;  // the host's program so far
  // The index of an interface of this host, 0 when it has none of that name.
  std::function<std::uint32_t(std::string_view name)> interface_index;
  Time now;
};

struct Compiled {
  Program program;
  std::vector<trace::ObjectInfo> objects;
  std::vector<trace::NetfilterObjectChanged> first_values;  // of new objects
  // Ids by what they belong to in the model, whose addresses must not change meanwhile.
  std::map<const nft::Statement*, std::uint32_t> statement_objects;
  std::map<const nft::Object*, std::uint32_t> named_objects;
  std::map<const nft::Set*, std::uint32_t> set_codes;          // Program::sets of declared sets
  std::map<const nft::Statement*, std::uint32_t> meter_codes;  // … and of meters
  // What the statements of elements were compiled from, by Program::sets.
  std::map<std::uint32_t, const std::vector<nft::Statement>*> attached;
};

// New ids are taken from `filter`. REQUIRES: the model came from apply_script().
Compiled compile(const Model& model, Netfilter& filter, const CompileOptions& options);

}  // namespace fourtuple::netfilter
