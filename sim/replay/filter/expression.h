// A filter that was understood: questions about a packet (atoms) joined by and, or, not. Each atom is one bit of a
// packet's mask, so the whole is asked again cheaply when an answer changes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/outcome.h"
#include "sim/replay/filter/words.h"

namespace fourtuple::replay {

// Whether the packet, as its headers were behind the record at `position`, is one a BPF program takes. Records are
// asked about in ascending order by one scan; several scans may share the program.
using BpfProgram = std::function<bool(PacketId packet, std::uint64_t position)>;
// Compiles text of libpcap's language. The error's column counts from the text's start; its file is not set.
using BpfCompiler = std::function<Outcome<BpfProgram>(const std::string& text)>;

struct RuleWanted {
  static constexpr std::uint32_t policy = 0xffffffffu;
  std::string chain;         // empty: any
  std::uint32_t number = 0;  // as people count, from 1; or `policy`
};

struct FilterAtom {
  FilterWord word = FilterWord::bpf;
  // host: HostId; state: TcpState; verdict: trace::RuleVerdict; reason: trace::DropReason; flow: number from 0;
  // process: pid
  std::vector<std::uint32_t> numbers;
  std::vector<std::string> names;  // process
  std::vector<RuleWanted> rules;   // rule
  BpfProgram program;              // bpf

  bool has(std::uint32_t number) const;
};

class FilterExpression {
 public:
  static constexpr std::size_t most_atoms = 32;
  static constexpr std::uint8_t op_or = 0xfd, op_and = 0xfe, op_not = 0xff;

  const std::string& text() const { return text_; }
  const std::vector<FilterAtom>& atoms() const { return atoms_; }
  // Whether a packet with these answers belongs to it; bit i is atom i.
  bool holds(std::uint32_t mask) const;
  // Whether an atom of that kind is in it.
  bool asks(FilterWord word) const;

 private:
  friend class FilterParser;

  std::string text_;
  std::vector<FilterAtom> atoms_;
  std::vector<std::uint8_t> program_;  // postfix: the number of an atom, or an op_; never needs a stack above 64
};

}  // namespace fourtuple::replay
