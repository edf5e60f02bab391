#include "sim/world/rules.h"

#include "sim/stack/hooks.h"

namespace fourtuple::world {
namespace {

// Lines and columns of a text inside the scenario count in the scenario's file; those of files it includes stay.
void move_span(trace::TextSpan& span, const RulesetSpec& spec) {
  const std::vector<nft::ScriptSource>& sources = spec.script.sources;
  if (span.line == 0 || (sources.size() > 1 && span.begin >= sources[1].begin)) return;
  if (span.line <= spec.generated_lines) {
    span.line = spec.where.line;
    span.column = spec.where.column;
    return;
  }
  span.line += spec.text_begins.line - 1 - spec.generated_lines;
  span.column += spec.text_begins.column - 1;
}

void place_in_scenario(trace::RulesetInfo& info, const RulesetSpec& spec) {
  if (spec.own_file || info.text != spec.script.text) return;
  for (trace::ChainInfo& chain : info.chains) move_span(chain.span, spec);
  for (trace::RuleInfo& rule : info.rules) move_span(rule.span, spec);
  for (trace::ExpressionInfo& expression : info.expressions) move_span(expression.span, spec);
  if (info.sources.empty()) return;
  info.sources[0].line = spec.text_begins.line;
  if (spec.generated_lines == 0) return;
  std::size_t begin = 0;
  for (std::uint32_t line = 0; line < spec.generated_lines; ++line) begin = info.text.find('\n', begin) + 1;
  info.sources.insert(info.sources.begin(), {"", 0, 0});
  info.sources[1].begin = static_cast<std::uint32_t>(begin);
}

}  // namespace

void RuleLoader::load_initial() {
  const Scenario& scenario = *world.script_.scenario;
  std::size_t revisions = 0;
  for (const HostSpec& host : scenario.hosts) revisions += host.nft != nullptr ? 1 : 0;
  for (const TimelineEntry& entry : scenario.timeline)
    if (entry.verb == Verb::nft) revisions += entry.count;
  c.trace.mutable_tables().rulesets.resize(revisions);
  for (std::uint32_t host = 0; host < scenario.hosts.size(); ++host) {
    if (scenario.hosts[host].nft != nullptr) load({host}, *scenario.hosts[host].nft);
    if (scenario.hosts[host].nat) start_middlebox({host}, *scenario.hosts[host].nat);
  }
}

void RuleLoader::start_middlebox(HostId host, const MiddleboxSpec& spec) {
  stack::Host& h = c.system.hosts[host.value];
  netfilter::Middlebox& box = c.system.netfilter.hosts[host.value].middlebox;
  box.config.mapping = spec.mapping;
  box.config.filtering = spec.filtering;
  box.config.outside = h.interfaces[spec.outside + 1];  // behind lo
  for (const AddressId address : c.system.interfaces[box.config.outside.value].addresses)
    if (!box.config.address.valid() && c.address(address).family == Family::ipv4) box.config.address = address;
  box.config.preserve_ports = spec.preserve_ports;
  box.config.timeout_s = spec.timeout_s;
  box.active = h.filtered = true;
}

void RuleLoader::load(HostId host, const RulesetSpec& spec) {
  std::shared_ptr<const netfilter::Model>& current = world.script_.models[host.value];
  Outcome<netfilter::Model> changed =
      netfilter::apply_script(current == nullptr ? netfilter::Model{} : *current, spec.script);
  std::vector<trace::RulesetInfo>& rulesets = c.trace.mutable_tables().rulesets;
  if (!changed || world.script_.next_ruleset >= rulesets.size()) return;
  current = std::make_shared<const netfilter::Model>(std::move(*changed));
  const std::uint32_t number = world.script_.next_ruleset++;
  stack::load_ruleset(c, host, *current, spec.script, number);
  place_in_scenario(rulesets[number], spec);
}

}  // namespace fourtuple::world
