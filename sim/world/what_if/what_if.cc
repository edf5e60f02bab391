#include "sim/world/what_if/what_if.h"

#include <algorithm>
#include <map>

#include "sim/netfilter/nft/parse.h"
#include "sim/world/builder.h"
#include "sim/world/rules.h"
#include "sim/world/script_runner.h"

namespace fourtuple::world {
namespace {

SourcePosition place_of(const Change& change) {
  return {"'" + change.words + "'", 0, 0};
}

bool is_about_rules(const Change& change) {
  return change.kind <= Change::Kind::insert_rule;
}

// The chain a rule's place names, with its rules; null: there is none.
const nft::Chain* find_chain(const netfilter::Model& model, const RulePlace& place) {
  for (const nft::Table& table : model.tables) {
    if (table.name != place.table || nft::name_of(table.family) != place.family) continue;
    for (const nft::Chain& chain : table.chains)
      if (chain.name == place.chain) return &chain;
  }
  return nullptr;
}

std::string chains_of(const netfilter::Model& model) {
  std::string names;
  for (const nft::Table& table : model.tables)
    for (const nft::Chain& chain : table.chains)
      names += (names.empty() ? "one of: " : ", ") + std::string(nft::name_of(table.family)) + " " + table.name + " " +
               chain.name;
  return names.empty() ? "a host with rules" : names;
}

// The command of nft for a change of one rule, by the rule's handle.
Outcome<std::string> command_for(const Change& change, const netfilter::Model& model) {
  const RulePlace& place = change.rule;
  const nft::Chain* chain = find_chain(model, place);
  const std::string where = place.family + " " + place.table + " " + place.chain;
  if (chain == nullptr) return fail(place_of(change), "there is no chain '" + where + "'", chains_of(model));
  const std::size_t count = chain->rules.size();
  const bool append = change.kind == Change::Kind::insert_rule && place.number == count + 1;
  if (append) return "add rule " + where + " " + change.text;
  if (place.number > count)
    return fail(place_of(change), "there is no rule " + std::to_string(place.number) + " in '" + where + "'",
                count == 0 ? "a chain with rules" : "a rule from 1 to " + std::to_string(count));
  const std::string handle = std::to_string(chain->rules[place.number - 1].handle);
  switch (change.kind) {
    case Change::Kind::remove_rule:
      return "delete rule " + where + " handle " + handle;
    case Change::Kind::replace_rule:
      return "replace rule " + where + " handle " + handle + " " + change.text;
    default:
      return "insert rule " + where + " position " + handle + " " + change.text;
  }
}

}  // namespace

Outcome<std::shared_ptr<const RulesetSpec>> WhatIf::ruleset_for(const Change& change,
                                                                const netfilter::Model& model) const {
  std::string text = change.text;
  if (change.kind != Change::Kind::nft) {
    Outcome<std::string> command = command_for(change, model);
    if (!command) return tl::unexpected<Error>(command.error());
    text = *command;
  }
  nft::ParseOptions options;
  options.source_name = "what if";
  nft::ParseResult parsed = nft::parse(text, options);
  if (!parsed.errors.empty()) {
    Error error = parsed.errors.front();
    error.where = place_of(change);
    return tl::unexpected<Error>(std::move(error));
  }
  auto spec = std::make_shared<RulesetSpec>();
  spec->own_file = true;  // its lines stand in no scenario
  spec->script = std::move(parsed.script);
  return spec;
}

// Looks at all changes before any is made: rules one after the other, as they will follow each other.
Outcome<void> WhatIf::prepare(std::span<const Change> changes) {
  std::map<std::uint32_t, netfilter::Model> models;
  for (const Change& change : changes) {
    rulesets_.emplace_back();
    if (change.kind == Change::Kind::drop_packet) {
      if (auto there = check_packet(change); !there) return there;
    }
    if (change.kind == Change::Kind::kill && !world_.script_.processes[change.host][change.process].valid()) {
      const HostSpec& host = world_.script_.scenario->hosts[change.host];
      return fail(place_of(change), host.processes[change.process].name + " does not run on " + host.name + " now",
                  "a process that runs at this instant");
    }
    if (!is_about_rules(change)) continue;
    const auto& now = world_.script_.models[change.host];
    netfilter::Model& model = models.try_emplace(change.host, now ? *now : netfilter::Model{}).first->second;
    auto spec = ruleset_for(change, model);
    if (!spec) return tl::unexpected<Error>(spec.error());
    Outcome<netfilter::Model> after = netfilter::apply_script(model, (*spec)->script);
    if (!after) {
      Error error = after.error();
      error.where = place_of(change);
      return tl::unexpected<Error>(std::move(error));
    }
    model = std::move(*after);
    rulesets_.back() = std::move(*spec);
  }
  return {};
}

// A packet that has ended can no longer be lost; one that is yet to be made can.
Outcome<void> WhatIf::check_packet(const Change& change) const {
  for (std::uint64_t at = trace_.first(); at < trace_.published(); at = trace_.next(at)) {
    const trace::Slot* record = trace_.at(at);
    if (record->subject != change.packet.value) continue;
    if (record->kind != trace::Kind::packet_delivered && record->kind != trace::Kind::packet_dropped) continue;
    return fail(place_of(change), "the packet's way is over before this instant", "an earlier instant");
  }
  return {};
}

Outcome<void> WhatIf::make(Time at, std::span<const Change> changes) {
  if (changes.empty()) return {};
  trace_.publish();
  if (auto ready = prepare(changes); !ready) return ready;
  world_.now_ = at;
  trace::Tables& tables = trace_.mutable_tables();
  tables.rulesets.resize(tables.rulesets.size() +
                         static_cast<std::size_t>(std::count_if(changes.begin(), changes.end(), is_about_rules)));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    tables.commands.push_back({tables.strings.intern("what if: " + change.words), 0});
    stack::Context c{world_.system_, trace_, at};
    const auto number = static_cast<std::uint32_t>(tables.commands.size() - 1);
    note(c, change.host == nothing ? HostId::none() : HostId{change.host}, trace::CommandRan{number});
    carry_out(change, rulesets_[i]);
    world_.carry_out(trace_);
  }
  if (world_.script_.waits()) ScriptRunner{world_, {world_.system_, trace_, at}}.check_conditions();
  trace_.publish();
  return {};
}

void WhatIf::carry_out(const Change& change, const std::shared_ptr<const RulesetSpec>& ruleset) {
  stack::Context c{world_.system_, trace_, world_.now_};
  switch (change.kind) {
    case Change::Kind::nft:
    case Change::Kind::remove_rule:
    case Change::Kind::replace_rule:
    case Change::Kind::insert_rule:
      return RuleLoader{world_, c}.load({change.host}, *ruleset);
    case Change::Kind::kill:
      return ScriptRunner{world_, c}.kill({change.host, change.process});
    case Change::Kind::set:
      return apply_sysctl(world_.system_.hosts[change.host], world_.system_.netfilter.hosts[change.host],
                          change.setting);
    case Change::Kind::link:
      return change_link(change);
    case Change::Kind::drop_packet:
      world_.script_.condemned.push_back(change.packet);
      return;
  }
}

void WhatIf::change_link(const Change& change) {
  net::Network network = world_.links_.network({change.network});
  const LinkChange& link = change.link;
  network.delay = link.delay.value_or(network.delay);
  network.rate_bits_per_s = link.rate_bits_per_s.value_or(network.rate_bits_per_s);
  network.queue_packets = link.queue_packets.value_or(network.queue_packets);
  network.loss = link.loss.value_or(network.loss);
  network.up = link.up.value_or(network.up);
  world_.links_.change_network({change.network}, network);
}

}  // namespace fourtuple::world
