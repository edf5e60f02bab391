#include "sim/netfilter/rules/compile.h"

#include <algorithm>

#include "sim/netfilter/rules/compiler.h"
#include "sim/netfilter/rules/objects.h"
#include "sim/netfilter/rules/rule_check.h"

namespace fourtuple::netfilter {
namespace {

using nft::ChainType;
using nft::HookPoint;
using nft::TableFamily;

// Priorities of the kernel's own hooks.
constexpr std::int32_t conntrack_priority = -200, destination_nat_priority = -100, source_nat_priority = 100;
constexpr std::int32_t last_priority = 0x7fffffff;

bool has_family(TableFamily family, std::size_t index) {
  return family == TableFamily::inet || family == (index == 0 ? TableFamily::ip : TableFamily::ip6);
}

bool is_dormant(const nft::Table& table) {
  return std::find(table.flags.begin(), table.flags.end(), "dormant") != table.flags.end();
}

// A hook and when it was registered: at equal priority the later one runs first.
struct Registered {
  HookEntry entry;
  std::uint64_t order = 0;
};

std::vector<HookEntry> in_order(std::vector<Registered> registered) {
  std::stable_sort(registered.begin(), registered.end(), [](const Registered& a, const Registered& b) {
    return a.entry.priority != b.entry.priority ? a.entry.priority < b.entry.priority : a.order > b.order;
  });
  std::vector<HookEntry> entries;
  for (const Registered& hook : registered) entries.push_back(hook.entry);
  return entries;
}

}  // namespace

Compiled compile(const Model& model, Netfilter& filter, const CompileOptions& options) {
  return Compiler(model, filter, options).run();
}

Compiler::Compiler(const Model& model, Netfilter& filter, const CompileOptions& options)
    : model_(model), filter_(filter), options_(options) {
  if (options.before == nullptr) return;
  for (const Kept& kept : options.before->kept_objects) old_objects_.emplace(kept.origin, kept.id);
  for (const Kept& kept : options.before->kept_sets) old_sets_.emplace(kept.origin, kept.id);
}

Compiled Compiler::run() {
  number_chains();
  for (std::size_t i = 0; i < model_.tables.size(); ++i) add_table(i);
  register_hooks();
  add_gates(program_);
  const auto by_origin = [](const Kept& a, const Kept& b) { return a.origin < b.origin; };
  std::sort(program_.kept_objects.begin(), program_.kept_objects.end(), by_origin);
  std::sort(program_.kept_sets.begin(), program_.kept_sets.end(), by_origin);
  return std::move(out_);
}

void Compiler::number_chains() {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < model_.tables.size(); ++i)
    for (const std::uint64_t handle : model_.states[i].chains)
      chain_numbers_.emplace(std::pair{model_.states[i].serial, handle}, number++);
}

std::uint32_t Compiler::object_id(const Origin& origin, trace::NetfilterObjectKind kind, std::string name,
                                  bool& fresh) {
  const auto old = old_objects_.find(origin);
  fresh = old == old_objects_.end();
  const std::uint32_t id = fresh ? filter_.next_object++ : old->second;
  program_.kept_objects.push_back({origin, id});
  out_.objects.push_back({id, kind, std::move(name)});
  return id;
}

std::uint32_t Compiler::set_id(const Origin& origin) {
  const auto old = old_sets_.find(origin);
  const std::uint32_t id = old == old_sets_.end() ? filter_.sets.add_set() : old->second;
  program_.kept_sets.push_back({origin, id});
  return id;
}

void Compiler::add_table(std::size_t index) {
  table_ = &model_.tables[index];
  const TableState& state = model_.states[index];
  serial_ = state.serial;
  first_chain_ = static_cast<std::uint32_t>(program_.chains.size());
  chains_.clear();
  sets_.clear();
  for (std::size_t i = 0; i < table_->chains.size(); ++i)
    chains_.emplace(table_->chains[i].name, first_chain_ + static_cast<std::uint32_t>(i));
  for (std::size_t i = 0; i < table_->objects.size(); ++i) {
    const nft::Object& object = table_->objects[i];
    if (object.kind == nft::ObjectKind::synproxy) note_synproxy();
    if (object.kind > nft::ObjectKind::limit) continue;
    constexpr trace::NetfilterObjectKind kinds[] = {
        trace::NetfilterObjectKind::counter, trace::NetfilterObjectKind::quota, trace::NetfilterObjectKind::limit};
    const std::string name = std::string(name_of(table_->family)) + " " + table_->name + " " + object.name;
    bool fresh = false;
    const Origin origin{serial_, state.objects[i], 0};
    const std::uint32_t id = object_id(origin, kinds[static_cast<std::size_t>(object.kind)], name, fresh);
    out_.named_objects.emplace(&object, id);
    Op op = object_op(object.value);
    if (fresh) out_.first_values.push_back(initial_value(program_, op, id, options_.now));
  }
  for (std::size_t i = 0; i < table_->sets.size(); ++i) {
    const std::uint32_t code = add_set(table_->sets[i], {serial_, state.sets[i], 0});
    sets_.emplace(table_->sets[i].name, code);
    out_.set_codes.emplace(&table_->sets[i], code);
  }
  for (const nft::Chain& chain : table_->chains) add_chain(chain);
}

void Compiler::add_chain(const nft::Chain& chain) {
  ChainCode code;
  code.first_rule = static_cast<std::uint32_t>(program_.rules.size());
  code.rule_count = static_cast<std::uint32_t>(chain.rules.size());
  code.accept = !chain.hook || chain.hook->accept;
  code.route = chain.hook && chain.hook->type == ChainType::route;
  program_.chains.push_back(code);
  for (const nft::Rule& rule : chain.rules) add_rule(rule);
}

void Compiler::add_rule(const nft::Rule& rule) {
  RuleCode code;
  code.first_op = static_cast<std::uint32_t>(program_.ops.size());
  code.op_count = static_cast<std::uint32_t>(rule.statements.size());
  rule_handle_ = rule.handle;
  inner_number_ = 0;
  for (std::uint32_t i = 0; i < rule.statements.size(); ++i) {
    const nft::Statement& statement = rule.statements[i];
    guard_ = nft::Requires::nothing;
    Op op = statement.not_simulated.empty() ? compile_statement(statement, i + 1) : skipped(statement);
    if (guard_ != nft::Requires::nothing) {
      code.guard = guard_;
      code.guard_op = i;
    }
    note_need(statement);
    program_.ops.push_back(op);
  }
  program_.rules.push_back(code);
}

// Connection tracking runs for the families of tables in which some rule asks for it (nf_ct_netns_get).
void Compiler::note_need(const nft::Statement& statement) {
  bool needs = statement.kind == nft::StatementKind::nat || statement.kind == nft::StatementKind::connection_limit ||
               (statement.kind == nft::StatementKind::object && statement.what.starts_with("ct "));
  visit_expressions(statement, [&](const nft::Expr& expression) {
    const bool selector = expression.kind == nft::ExprKind::selector;
    needs = needs || (selector && info(expression.field).needs == nft::Requires::conntrack);
  });
  for (const nft::Statement& inner : statement.inner)
    needs = needs || inner.kind == nft::StatementKind::connection_limit;
  if (statement.kind == nft::StatementKind::synproxy) note_synproxy();
  for (std::size_t family = 0; family < 2; ++family)
    if (needs && has_family(table_->family, family)) program_.tracks[family] = true;
}

// Its hooks and connection tracking are there as soon as something asks for it, be it an object no rule names.
void Compiler::note_synproxy() {
  for (std::size_t family = 0; family < 2; ++family)
    if (has_family(table_->family, family)) program_.has_synproxy[family] = program_.tracks[family] = true;
}

void Compiler::register_hooks() {
  std::vector<Registered> hooks[2][hook_points], nat[2][hook_points];
  std::uint64_t first_nat[2] = {0, 0};
  std::uint64_t order = 0;
  for (const Registration& registration : model_.registrations) {
    ++order;
    for (std::size_t i = 0; i < model_.tables.size(); ++i) {
      const nft::Table& table = model_.tables[i];
      const auto& handles = model_.states[i].chains;
      const auto at = std::find(handles.begin(), handles.end(), registration.chain);
      if (model_.states[i].serial != registration.table || at == handles.end() || is_dormant(table)) continue;
      const nft::ChainHook& hook = *table.chains[static_cast<std::size_t>(at - handles.begin())].hook;
      const auto point = static_cast<std::size_t>(hook.point);
      if (point >= hook_points) continue;
      const std::uint32_t number = chain_numbers_.at({registration.table, registration.chain});
      const Registered registered{{HookKind::chain, hook.priority, number}, order};
      for (std::size_t family = 0; family < 2; ++family) {
        if (!has_family(table.family, family)) continue;
        const bool is_nat = hook.type == ChainType::nat;
        (is_nat ? nat : hooks)[family][point].push_back(registered);
        if (is_nat && first_nat[family] == 0) first_nat[family] = order;
      }
    }
  }
  for (std::size_t family = 0; family < 2; ++family)
    for (std::size_t point = 0; point < hook_points; ++point) {
      auto& list = hooks[family][point];
      const auto where = static_cast<HookPoint>(point);
      const bool destination = where == HookPoint::prerouting || where == HookPoint::output;
      const bool source = where == HookPoint::postrouting || where == HookPoint::input;
      // The kernel's NAT hook appears on all four hooks with the first nat chain of the family.
      if (first_nat[family] != 0 && (destination || source))
        list.push_back({{HookKind::nat, destination ? destination_nat_priority : source_nat_priority, no_index},
                        first_nat[family]});
      if (program_.tracks[family] && destination)
        list.push_back({{HookKind::track, conntrack_priority, no_index}, order + 1});
      if (program_.has_synproxy[family] && source)
        list.push_back({{HookKind::synproxy, last_priority - 1, no_index}, 0});
      if (program_.tracks[family] && source) list.push_back({{HookKind::confirm, last_priority, no_index}, 0});
      program_.hooks[family][point] = in_order(list);
      for (const HookEntry& entry : in_order(nat[family][point]))
        program_.nat_chains[family][point].push_back(entry.chain);
    }
}

}  // namespace fourtuple::netfilter
