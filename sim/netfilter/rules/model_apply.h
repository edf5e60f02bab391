// The commands of a script, carried out one after the other on a model (model.h). Internal to sim/netfilter/rules.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/netfilter/rules/elements.h"
#include "sim/netfilter/rules/model.h"

namespace fourtuple::netfilter {

// A name as messages show it.
inline std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

class ScriptApplier {
 public:
  ScriptApplier(Model model, const nft::Script& script, const ElementExists& exists);
  // False: error() says why.
  bool run();
  const Error& error() const { return error_; }
  Model take() { return std::move(model_); }

 private:
  using Command = nft::Command;
  using Key = std::array<std::uint32_t, 33>;  // lowest and highest words, and whether it is `*`
  // The elements of a set as keys: to find equal and overlapping ones.
  struct SetIndex {
    std::map<Key, std::size_t> elements;  // key to place in Set::elements
  };

  bool fail(nft::Span where, std::string message, std::string expected = {}, std::string suggestion = {});
  bool run(const Command& command);

  // model.cc: tables, chains, rules
  bool merge_table(const Command& command);
  bool add_chain(const nft::Chain& chain, bool create);
  bool update_chain(nft::Chain& existing, const nft::Chain& chain);
  bool check_hook(const nft::Chain& chain);
  bool add_rule(const Command& command, const nft::Chain& chain, const nft::Rule& rule);
  bool place_rule(const Command& command, nft::Chain& chain, std::size_t& at);
  bool delete_table(const Command& command);
  bool delete_chain(const Command& command);
  bool delete_rule(const Command& command);
  bool rename_chain(const Command& command);
  bool flush(const Command& command);
  void erase_table(std::size_t table);
  void erase_chain(std::size_t chain);
  bool chain_in_use(std::string_view name) const;

  // model_elements.cc: sets, objects, elements
  bool add_set(const nft::Set& set, bool create);
  bool add_object(const nft::Object& object, bool create);
  bool add_flowtable(const nft::Flowtable& flowtable);
  bool add_elements(const nft::Set& named, bool create);
  bool add_element(std::size_t set, nft::Expr element, bool create);
  bool check_overlap(const nft::Set& set, const SetIndex& index, const Key& key, const nft::Expr& element);
  bool delete_elements(const Command& command);
  bool delete_element(std::size_t set, const nft::Expr& element, bool if_exists);
  bool in_state(std::size_t set, const KeyRange& key) const;
  bool delete_set(const Command& command);
  bool delete_object(const Command& command);
  bool flush_set(const Command& command);
  void reset(const Command& command);
  bool type_elements(const nft::Set& set, std::vector<nft::Expr>& elements, bool keys_only);
  bool check_element(const nft::Set& set, const nft::Expr& element);
  bool set_in_use(std::string_view name) const;
  bool object_in_use(const nft::Object& object) const;
  SetIndex& index_of(std::size_t set);
  void settle_elements();

  // Chooses the table a command names; with `make`, makes it when there is none.
  bool choose_table(const Command& command, bool make);
  std::size_t chain_named(std::string_view name) const;
  std::size_t set_named(std::string_view name) const;
  nft::Table& table() { return model_.tables[table_]; }
  const nft::Table& table() const { return model_.tables[table_]; }
  TableState& state() { return model_.states[table_]; }
  std::string title() const;  // "ip filter"

  Model model_;
  const nft::Script& script_;
  const ElementExists& exists_;
  Error error_;
  std::size_t table_ = 0;                                                // of the current command
  std::map<std::pair<std::uint64_t, std::uint64_t>, SetIndex> indexes_;  // by serial of the table and set's handle
  std::set<std::pair<std::uint64_t, std::uint64_t>> new_sets_;           // made by this script
};

inline constexpr std::size_t nowhere = ~std::size_t{0};

}  // namespace fourtuple::netfilter
