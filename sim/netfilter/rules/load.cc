#include "sim/netfilter/rules/load.h"

#include <algorithm>

#include "sim/netfilter/rules/compile.h"
#include "sim/netfilter/rules/elements.h"
#include "sim/netfilter/rules/objects.h"
#include "sim/netfilter/rules/side_table.h"

namespace fourtuple::netfilter {
namespace {

std::uint32_t interface_index(const Context& c, std::string_view name) {
  const nft::Value wanted = nft::value_of_name(name);
  const trace::Topology& topology = c.trace.tables().topology;
  for (std::uint32_t i = 0; i < c.filter.interfaces.size(); ++i) {
    const bool mine = i >= topology.interfaces.size() || topology.interfaces[i].host == c.host;
    if (mine && c.filter.interfaces[i].name == wanted) return c.filter.interfaces[i].index;
  }
  return 0;
}

const Kept* kept_set(const Program& program, const Origin& origin) {
  const auto found = std::find_if(program.kept_sets.begin(), program.kept_sets.end(),
                                  [&](const Kept& kept) { return kept.origin == origin; });
  return found == program.kept_sets.end() ? nullptr : &*found;
}

// Sets that are gone leave no elements behind.
void drop_old_sets(Context& c, const Program& before, const Program& after) {
  for (const Kept& old : before.kept_sets)
    if (kept_set(after, old.origin) == nullptr) drop_elements(c, old.id);
}

// The words of an element in the State: a key, or the two ends of a range.
struct ElementKey {
  state::NetfilterWords words{};
  std::uint8_t count = 0;
};
ElementKey element_key(const SetCode& set, const KeyRange& range) {
  ElementKey key{range.low, set.shape.words};
  if (!set.ranges) return key;
  std::copy_n(range.high.begin(), key.count, key.words.begin() + key.count);
  key.count = static_cast<std::uint8_t>(key.count * 2);
  return key;
}

// What the script did to the elements of one set that lives in the State.
class ElementChanges {
 public:
  ElementChanges(Context& c, const Program& program, const nft::Set& set, const SetCode& code)
      : c_(c), program_(program), set_(set), code_(code), types_(key_types(set)) {}

  void apply(const RuntimeChange& change) {
    if (change.kind == RuntimeChange::Kind::flush) return drop_elements(c_, code_.id);
    const auto range = key_range(change.element, types_, code_.shape);
    if (!range || !code_.in_state) return;
    const ElementKey key = element_key(code_, *range);
    trace::SetElementAdded added;
    added.word_count = key.count;
    std::copy_n(key.words.begin(), key.count, added.words);
    const std::uint32_t found = c_.filter.sets.find(c_.visible, code_.id, added.words, added.word_count);
    const bool live = found != no_element && c_.visible.set_elements[found].expires > c_.now;
    if (found != no_element && (!live || change.kind == RuntimeChange::Kind::remove)) drop_element(c_, found);
    if (change.kind == RuntimeChange::Kind::add && !live) add(change.element, added);
  }

 private:
  void add(const nft::Expr& element, trace::SetElementAdded added) {
    constexpr std::uint64_t millisecond_ns = 1'000'000;
    const auto& given = element.attributes;
    added.timeout_ns = code_.timeout_ns;
    if (given.timeout_ms) added.timeout_ns = *given.timeout_ms * millisecond_ns;
    if (given.expires_ms) added.expires_in_ns = *given.expires_ms * millisecond_ns;
    if (const nft::Expr* data = data_of(element); data != nullptr)
      if (const auto words = data_range(*data, data_types(set_), code_.data_shape))
        added.data = value_of_words(words->low.data(), code_.data_words).low;
    put_element(c_, program_, code_, added);
  }

  Context& c_;
  const Program& program_;
  const nft::Set& set_;
  const SetCode& code_;
  SetTypes types_;
};

void apply_changes(Context& c, const Model& model, const Compiled& compiled, const Program& program) {
  for (const RuntimeChange& change : model.changes) {
    for (std::size_t i = 0; i < model.tables.size(); ++i) {
      const nft::Table& table = model.tables[i];
      const TableState& state = model.states[i];
      if (state.serial != change.table) continue;
      for (std::size_t k = 0; k < table.sets.size(); ++k)
        if (state.sets[k] == change.handle)
          ElementChanges(c, program, table.sets[k], program.sets[compiled.set_codes.at(&table.sets[k])]).apply(change);
      for (std::size_t k = 0; k < table.objects.size(); ++k)
        if (change.kind == RuntimeChange::Kind::reset_object && state.objects[k] == change.handle)
          if (const auto id = compiled.named_objects.find(&table.objects[k]); id != compiled.named_objects.end())
            netfilter::change(c, trace::NetfilterObjectChanged{id->second, 0, 0});
    }
  }
}

// Ranges that live in the State change only here, so their index is made here too.
void index_ranges(const Context& c, SetCode& set) {
  std::vector<NumberedRange> ranges;
  for (std::uint32_t id = c.filter.sets.first(set.id); id != no_element; id = c.filter.sets.next(id)) {
    const state::SetElement& element = c.visible.set_elements[id];
    if (element.expires <= c.now) continue;
    NumberedRange range{{}, id};
    std::copy_n(element.words.begin(), set.shape.words, range.range.low.begin());
    std::copy_n(element.words.begin() + set.shape.words, set.shape.words, range.range.high.begin());
    ranges.push_back(range);
  }
  set.timed = RangeIndex(set.shape, std::move(ranges));
}

}  // namespace

ElementExists element_exists(const Netfilter& filter, const state::State& visible, HostId host, Time now) {
  return [&filter, &visible, host, now](std::uint64_t table, std::uint64_t set, const KeyRange& key) {
    const Program* program = filter.hosts[host.value].program.get();
    const Kept* kept = program == nullptr ? nullptr : kept_set(*program, {table, set, 0});
    if (kept == nullptr) return false;
    for (const SetCode& code : program->sets) {
      if (code.id != kept->id) continue;
      const ElementKey words = element_key(code, key);
      const std::uint32_t found = filter.sets.find(visible, code.id, words.words.data(), words.count);
      return found != no_element && visible.set_elements[found].expires > now;
    }
    return false;
  };
}

void load_ruleset(Context& c, const Model& model, const nft::Script& source, std::uint32_t ruleset_index,
                  trace::RulesetInfo& info) {
  const std::shared_ptr<const Program> before = c.mine().program;
  CompileOptions options;
  options.before = before.get();
  options.interface_index = [&c](std::string_view name) { return interface_index(c, name); };
  options.now = c.now;
  Compiled compiled = compile(model, c.filter, options);
  fill_side_table(model, source, compiled, c.host, info);
  const auto program = std::make_shared<Program>(std::move(compiled.program));
  c.mine().program = program;
  c.mine().conntrack.enabled4 = program->tracks[0];
  c.mine().conntrack.enabled6 = program->tracks[1];
  change(c, trace::RulesetLoaded{ruleset_index});
  if (before != nullptr) drop_old_sets(c, *before, *program);
  for (const trace::NetfilterObjectChanged& value : compiled.first_values) change(c, value);
  apply_changes(c, model, compiled, *program);
  for (SetCode& set : program->sets)
    if (set.ranges) index_ranges(c, set);
}

}  // namespace fourtuple::netfilter
