// Sets, maps, their elements, and named objects of a model.
#include <algorithm>
#include <memory>

#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/rules/model_apply.h"
#include "sim/netfilter/rules/rule_check.h"

namespace fourtuple::netfilter {

using nft::Expr;
using nft::Set;

namespace {

bool same_expression(const Expr& a, const Expr& b) {
  if (a.kind != b.kind || a.value != b.value || a.value2 != b.value2 || a.length != b.length ||
      a.verdict.kind != b.verdict.kind || a.verdict.chain != b.verdict.chain || a.parts.size() != b.parts.size())
    return false;
  for (std::size_t i = 0; i < a.parts.size(); ++i)
    if (!same_expression(a.parts[i], b.parts[i])) return false;
  return true;
}

bool same_data(const Expr& a, const Expr& b) {
  const Expr *left = data_of(a), *right = data_of(b);
  return left == nullptr || right == nullptr ? left == right : same_expression(*left, *right);
}

std::string kind_of(const Set& set) {
  return set.is_map ? "map " : "set ";
}

}  // namespace

std::size_t ScriptApplier::set_named(std::string_view name) const {
  const auto& sets = table().sets;
  for (std::size_t i = 0; i < sets.size(); ++i)
    if (sets[i].name == name) return i;
  return nowhere;
}

bool ScriptApplier::add_set(const Set& set, bool create) {
  const std::size_t at = set_named(set.name);
  if (at != nowhere) {
    const Set& existing = table().sets[at];
    if (create || existing.key != set.key || existing.data != set.data || existing.is_map != set.is_map ||
        existing.data_object != set.data_object)
      return fail(set.span,
                  kind_of(existing) + quoted(set.name) + " exists already" + (create ? "" : " with other types"));
    return true;
  }
  if (shape_of(key_types(set)).parts < set.key.size())
    return fail(set.span, "the keys of " + quoted(set.name) + " are longer than 64 bytes");
  Set made = set;
  made.elements.clear();
  state().sets.push_back(state().next_handle++);
  new_sets_.insert({state().serial, state().sets.back()});
  table().sets.push_back(std::move(made));
  return true;
}

bool ScriptApplier::add_object(const nft::Object& object, bool create) {
  for (const nft::Object& existing : table().objects) {
    if (existing.name != object.name || existing.kind != object.kind) continue;
    return create ? fail(object.span, "object " + quoted(object.name) + " exists already") : true;
  }
  state().objects.push_back(state().next_handle++);
  table().objects.push_back(object);
  return true;
}

bool ScriptApplier::add_flowtable(const nft::Flowtable& flowtable) {
  for (const nft::Flowtable& existing : table().flowtables)
    if (existing.name == flowtable.name) return true;
  ++state().next_handle;
  table().flowtables.push_back(flowtable);
  return true;
}

ScriptApplier::SetIndex& ScriptApplier::index_of(std::size_t at) {
  const auto [entry, fresh] = indexes_.try_emplace({state().serial, state().sets[at]});
  SetIndex& index = entry->second;
  if (!fresh) return index;
  const Set& set = table().sets[at];
  const SetTypes types = key_types(set);
  const KeyShape shape = shape_of(types);
  for (std::size_t i = 0; i < set.elements.size(); ++i) {
    const auto range = key_range(set.elements[i], types, shape);
    if (!range) continue;
    Key key{};
    std::copy(range->low.begin(), range->low.end(), key.begin());
    std::copy(range->high.begin(), range->high.end(), key.begin() + 16);
    key[32] = range->all ? 1 : 0;
    index.elements.emplace(key, i);
  }
  return index;
}

// Types what the parser could not: it knows only sets of its own script.
bool ScriptApplier::type_elements(const Set& set, std::vector<Expr>& elements, bool keys_only) {
  Set definition = set;
  definition.elements.clear();
  if (keys_only) definition.data.clear();
  const std::vector<Error> faults = nft::type_elements(script_, elements, definition);
  if (faults.empty()) return true;
  error_ = faults.front();
  return false;
}

bool ScriptApplier::check_element(const Set& set, const Expr& element) {
  const SetTypes types = key_types(set);
  const Expr& key = key_of(element);
  if (key.kind == nft::ExprKind::wildcard) return true;
  const KeyShape shape = shape_of(types);
  const std::size_t parts = key.kind == nft::ExprKind::concatenation ? key.parts.size() : 1;
  if (parts != shape.parts)
    return fail(key.span, "an element of " + quoted(set.name) + " has " + std::to_string(shape.parts) + " parts",
                std::to_string(shape.parts) + " values joined by '.'");
  const auto range = key_range(element, types, shape);
  if (!range) return fail(key.span, "an element of " + quoted(set.name) + " must be constant");
  if (!range->exact(shape) && (set.flags & nft::SetFlag::interval) == 0)
    return fail(key.span, "ranges and prefixes need a set with 'flags interval'");
  if (set.is_map && data_of(element) == nullptr)
    return fail(element.span, "an element of map " + quoted(set.name) + " needs data", "key : value");
  if (!set.is_map && data_of(element) != nullptr)
    return fail(element.span, quoted(set.name) + " is a set, not a map: its elements have no data");
  if (data_of(element) != nullptr && data_of(element)->kind == nft::ExprKind::verdict)
    if (const auto fault = check_verdict(table(), data_of(element)->verdict, data_of(element)->span))
      return fail(fault->where, fault->message, fault->expected, fault->suggestion);
  return true;
}

bool ScriptApplier::add_elements(const Set& named, bool create) {
  const std::size_t at = set_named(named.name);
  if (at == nowhere)
    return fail(named.span, "there is no set or map " + quoted(named.name) + " in table " + quoted(title()));
  std::vector<Expr> elements = named.elements;
  if (!type_elements(table().sets[at], elements, false)) return false;
  for (Expr& element : elements)
    if (!add_element(at, std::move(element), create)) return false;
  return true;
}

bool ScriptApplier::add_element(std::size_t at, Expr element, bool create) {
  Set& set = table().sets[at];
  if (!check_element(set, element)) return false;
  if ((set.flags & nft::SetFlag::timeout) == 0 && (element.attributes.timeout_ms || element.attributes.expires_ms))
    return fail(element.span, "set " + quoted(set.name) + " has no timeouts", "'flags timeout' in its declaration");
  const SetTypes types = key_types(set);
  const auto range = key_range(element, types, shape_of(types));
  Key key{};
  std::copy(range->low.begin(), range->low.end(), key.begin());
  std::copy(range->high.begin(), range->high.end(), key.begin() + 16);
  key[32] = range->all ? 1 : 0;
  if (lives_in_state(set)) {
    model_.changes.push_back({RuntimeChange::Kind::add, state().serial, state().sets[at], std::move(element)});
    return true;
  }
  SetIndex& index = index_of(at);
  const auto found = index.elements.find(key);
  if (found != index.elements.end()) {
    if (create || !same_data(set.elements[found->second], element))
      return fail(element.span, kind_of(set) + quoted(set.name) + " has this element already");
    return true;
  }
  if (!check_overlap(set, index, key, element)) return false;
  if (set.size != 0 && set.elements.size() >= set.size)
    return fail(element.span, kind_of(set) + quoted(set.name) + " is full: its size is " + std::to_string(set.size));
  index.elements.emplace(key, set.elements.size());
  set.elements.push_back(std::move(element));
  return true;
}

// Intervals of one part are in order, so only the neighbours can overlap. Concatenations are tried one by one.
bool ScriptApplier::check_overlap(const Set& set, const SetIndex& index, const Key& key, const Expr& element) {
  if ((set.flags & nft::SetFlag::interval) == 0 || set.auto_merge || key[32] != 0) return true;
  const KeyShape shape = shape_of(key_types(set));
  const auto overlaps = [&](const Key& other) {
    if (other[32] != 0) return false;
    std::size_t at = 0;
    for (std::uint8_t part = 0; part < shape.parts; ++part) {
      const std::uint8_t count = shape.part_words[part];
      if (value_of_words(&key[16 + at], count) < value_of_words(&other[at], count) ||
          value_of_words(&other[16 + at], count) < value_of_words(&key[at], count))
        return false;
      at += count;
    }
    return true;
  };
  bool clash = false;
  if (shape.parts == 1) {
    const auto after = index.elements.lower_bound(key);
    clash = (after != index.elements.end() && overlaps(after->first)) ||
            (after != index.elements.begin() && overlaps(std::prev(after)->first));
  } else {
    clash = std::any_of(index.elements.begin(), index.elements.end(),
                        [&](const auto& entry) { return overlaps(entry.first); });
  }
  return !clash || fail(element.span, "this element overlaps another one of " + quoted(set.name));
}

bool ScriptApplier::delete_elements(const Command& command) {
  for (const Set& named : command.table.sets) {
    const std::size_t at = set_named(named.name);
    if (at == nowhere) {
      if (command.if_exists) continue;
      return fail(named.span, "there is no set or map " + quoted(named.name) + " in table " + quoted(title()));
    }
    const Set& set = table().sets[at];
    std::vector<Expr> elements = named.elements;
    const bool keys_only =
        std::all_of(elements.begin(), elements.end(), [](const Expr& element) { return data_of(element) == nullptr; });
    if (!type_elements(set, elements, keys_only)) return false;
    for (const Expr& element : elements)
      if (!delete_element(at, element, command.if_exists)) return false;
  }
  return true;
}

// As the State and the script so far have it. Without a State every element may be there.
bool ScriptApplier::in_state(std::size_t at, const KeyRange& key) const {
  const std::uint64_t serial = model_.states[table_].serial, handle = model_.states[table_].sets[at];
  const Set& set = table().sets[at];
  const SetTypes types = key_types(set);
  bool there = new_sets_.count({serial, handle}) == 0 && (!exists_ || exists_(serial, handle, key));
  for (const RuntimeChange& change : model_.changes) {
    if (change.table != serial || change.handle != handle) continue;
    if (change.kind == RuntimeChange::Kind::flush) there = false;
    if (change.kind != RuntimeChange::Kind::add && change.kind != RuntimeChange::Kind::remove) continue;
    const auto range = key_range(change.element, types, shape_of(types));
    if (range && *range == key) there = change.kind == RuntimeChange::Kind::add;
  }
  return there;
}

bool ScriptApplier::delete_element(std::size_t at, const Expr& element, bool if_exists) {
  Set& set = table().sets[at];
  const SetTypes types = key_types(set);
  const KeyShape shape = shape_of(types);
  const auto wanted = key_range(element, types, shape);
  const auto same = [&](const Expr& other) { return wanted && key_range(other, types, shape) == wanted; };
  const auto found = std::find_if(set.elements.begin(), set.elements.end(), same);
  const bool there = lives_in_state(set) ? wanted && in_state(at, *wanted) : found != set.elements.end();
  if (!there) {
    if (if_exists) return true;
    return fail(element.span, kind_of(set) + quoted(set.name) + " has no such element");
  }
  if (lives_in_state(set)) {
    model_.changes.push_back({RuntimeChange::Kind::remove, state().serial, state().sets[at], element});
    return true;
  }
  set.elements.erase(found);
  indexes_.erase({state().serial, state().sets[at]});
  return true;
}

bool ScriptApplier::flush_set(const Command& command) {
  for (const Set& named : command.table.sets) {
    const std::size_t at = set_named(named.name);
    if (at == nowhere)
      return fail(command.span, "there is no set or map " + quoted(named.name) + " in table " + quoted(title()));
    table().sets[at].elements.clear();
    indexes_.erase({state().serial, state().sets[at]});
    model_.changes.push_back({RuntimeChange::Kind::flush, state().serial, state().sets[at], {}});
  }
  return true;
}

bool ScriptApplier::set_in_use(std::string_view name) const {
  bool used = false;
  for (const nft::Chain& chain : table().chains)
    for (const nft::Rule& rule : chain.rules)
      for (const nft::Statement& statement : rule.statements) {
        used = used || (statement.kind == nft::StatementKind::set_update && statement.text == name);
        visit_expressions(statement, [&](const Expr& expression) {
          used = used || (expression.kind == nft::ExprKind::named && expression.text == name);
        });
      }
  return used;
}

bool ScriptApplier::delete_set(const Command& command) {
  for (const Set& named : command.table.sets) {
    const std::size_t at = set_named(named.name);
    if (at == nowhere) {
      if (command.if_exists) continue;
      return fail(command.span, "there is no set or map " + quoted(named.name) + " in table " + quoted(title()));
    }
    if (set_in_use(named.name)) return fail(command.span, "set " + quoted(named.name) + " is in use: a rule names it");
    table().sets.erase(table().sets.begin() + static_cast<std::ptrdiff_t>(at));
    state().sets.erase(state().sets.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return true;
}

bool ScriptApplier::object_in_use(const nft::Object& object) const {
  using nft::ObjectKind;
  using nft::StatementKind;
  const auto names_it = [&](const nft::Statement& statement) {
    if (statement.text != object.name) return false;
    switch (object.kind) {
      case ObjectKind::counter:
        return statement.kind == StatementKind::counter;
      case ObjectKind::quota:
        return statement.kind == StatementKind::quota;
      case ObjectKind::limit:
        return statement.kind == StatementKind::limit;
      default:
        return statement.kind == StatementKind::object;
    }
  };
  for (const nft::Chain& chain : table().chains)
    for (const nft::Rule& rule : chain.rules)
      if (std::any_of(rule.statements.begin(), rule.statements.end(), names_it)) return true;
  return false;
}

bool ScriptApplier::delete_object(const Command& command) {
  for (const nft::Object& named : command.table.objects) {
    auto& objects = table().objects;
    const auto found = std::find_if(objects.begin(), objects.end(), [&](const nft::Object& object) {
      return object.name == named.name && object.kind == named.kind;
    });
    if (found == objects.end()) {
      if (command.if_exists) continue;
      return fail(command.span, "there is no object " + quoted(named.name) + " in table " + quoted(title()));
    }
    if (object_in_use(*found))
      return fail(command.span, "object " + quoted(named.name) + " is in use: a rule names it");
    state().objects.erase(state().objects.begin() + (found - objects.begin()));
    objects.erase(found);
  }
  return true;
}

void ScriptApplier::reset(const Command& command) {
  const bool every = command.table.objects.empty() || command.table.objects[0].name.empty();
  for (std::size_t i = 0; i < model_.tables.size(); ++i) {
    const nft::Table& table = model_.tables[i];
    if (!command.table.name.empty() && (table.name != command.table.name || table.family != command.table.family))
      continue;
    for (std::size_t k = 0; k < table.objects.size(); ++k) {
      const nft::Object& object = table.objects[k];
      if (!command.table.objects.empty() && object.kind != command.table.objects[0].kind) continue;
      if (!every && object.name != command.table.objects[0].name) continue;
      model_.changes.push_back(
          {RuntimeChange::Kind::reset_object, model_.states[i].serial, model_.states[i].objects[k], {}});
    }
  }
}

// What became dynamic only after its elements were given moves to the State with them, before all other changes.
void ScriptApplier::settle_elements() {
  std::vector<RuntimeChange> moved;
  for (std::size_t i = 0; i < model_.tables.size(); ++i)
    for (std::size_t k = 0; k < model_.tables[i].sets.size(); ++k) {
      Set& set = model_.tables[i].sets[k];
      if (set.elements.empty() || !lives_in_state(set)) continue;
      for (Expr& element : set.elements)
        moved.push_back(
            {RuntimeChange::Kind::add, model_.states[i].serial, model_.states[i].sets[k], std::move(element)});
      set.elements.clear();
      set.flags |= updated_by_rules;
    }
  model_.changes.insert(model_.changes.begin(), std::make_move_iterator(moved.begin()),
                        std::make_move_iterator(moved.end()));
}

}  // namespace fourtuple::netfilter
