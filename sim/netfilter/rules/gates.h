// Gates: most rules that fail do so because of one number (a port, an address, an interface). A gate is a cheap
// condition that holds for every packet a rule's leading conditions let pass, so that a packet it stops needs no look
// at the rule itself. Numbers are read once per packet and chain.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/netfilter/nft/fields.h"
#include "sim/netfilter/rules/key.h"

namespace fourtuple::netfilter {

class PacketView;
struct Program;

inline constexpr std::size_t gate_slots = 32;

// A number gates ask for: a selector's value, of a value of more than 64 bits one half.
struct GateField {
  nft::Field field = nft::Field::none;
  bool wide = false, high = false;
  friend bool operator==(const GateField&, const GateField&) = default;
};

// Numbers that may pass: those from `low` to `low + span` whose stretch of 2^shift numbers has its bit set.
struct GateRange {
  std::uint64_t low = 0, span = ~std::uint64_t{0};
  std::uint64_t stretches = ~std::uint64_t{0};
  std::uint8_t shift = 63;

  bool has(std::uint64_t value) const {
    const std::uint64_t at = value - low;
    return at <= span && (stretches >> (at >> shift) & 1) != 0;
  }
};

struct Gate {
  std::uint32_t needs = 0;  // what the packet must have (PacketView::present)
  bool usable = false;      // false: only `needs` is known
  bool negate = false;
  std::uint8_t slot = 0;  // of Program::gate_fields
  std::uint64_t mask = ~std::uint64_t{0};
  GateRange range;

  bool passes(std::uint64_t value) const { return range.has(value & mask) != negate; }
};

// The numbers of one packet, read when first asked for.
class GateValues {
 public:
  // False: the packet does not have the number.
  bool read(const PacketView& view, const GateField* fields, std::uint8_t slot, std::uint64_t& out) {
    if ((loaded_ >> slot & 1u) == 0) [[unlikely]]
      load(view, fields[slot], slot);
    out = values_[slot];
    return (absent_ >> slot & 1u) == 0;
  }
  // The packet was changed.
  void forget() { loaded_ = absent_ = 0; }

 private:
  void load(const PacketView& view, const GateField& field, std::uint8_t slot);

  std::uint32_t loaded_ = 0, absent_ = 0;
  std::array<std::uint64_t, gate_slots> values_;  // where loaded_
};

// The numbers that can be the leading 64 bits of a key with one of these elements.
GateRange leading_range(const std::vector<KeyRange>& elements, const KeyShape& shape);
// Fills Program::gates and gate_fields. REQUIRES: rules, ops, keys, terms, values and sets are complete.
void add_gates(Program& program);

}  // namespace fourtuple::netfilter
