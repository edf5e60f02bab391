// The ruleset a host has at run time: tables as the commands of `nft -f` left them. Applying a script is a transaction:
// all of it or, at the first fault, nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/netfilter/nft/syntax.h"
#include "sim/netfilter/rules/sets.h"

namespace fourtuple::netfilter {

// What nft::Table does not say of a table at run time. The handles are numbered as the kernel numbers them: all of a
// table's chains, objects, sets (anonymous ones too) and rules in order of their making.
struct TableState {
  std::uint64_t serial = 0;  // never used again, also when a table of the same name is made later
  std::uint64_t next_handle = 1;
  std::vector<std::uint64_t> chains, sets, objects;  // handles, parallel to the table's lists
};

// A base chain, by its table's serial and its handle.
struct Registration {
  std::uint64_t table = 0, chain = 0;
  friend bool operator==(const Registration&, const Registration&) = default;
};

// What the last script did to elements that live in the State, and to objects. In order.
struct RuntimeChange {
  enum class Kind : std::uint8_t { add, remove, flush, reset_object };
  Kind kind = Kind::add;
  std::uint64_t table = 0, handle = 0;  // of the set or object
  nft::Expr element;                    // add and remove
};

struct Model {
  // In order of creation; rules carry handles. Sets whose elements live in the State (lives_in_state) have none here.
  std::vector<nft::Table> tables;
  std::vector<TableState> states;  // parallel to tables
  // Base chains in the order they were registered: at equal priority on one hook, later ones run first.
  std::vector<Registration> registrations;
  std::vector<RuntimeChange> changes;  // of the last script only
  bool of_one_script = false;          // all of it came from the last script: its spans are places in that text
  std::uint64_t next_serial = 1;
};

// Whether an element that lives in the State is there: `set` is the handle of the set in the table with that serial.
using ElementExists = std::function<bool(std::uint64_t table, std::uint64_t set, const KeyRange& key)>;

// Faults of meaning (unknown chain, wrong types across tables, missing set) name the place in the script's text.
// Without `exists`, deleting an element that may come and go with packets is never a fault.
Outcome<Model> apply_script(const Model& before, const nft::Script& script, const ElementExists& exists = {});

}  // namespace fourtuple::netfilter
