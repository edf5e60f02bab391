// Which packets of a trace a filter takes. One pass over the records, in slices, following a trace that grows; what
// befalls a packet later (dropped, rewritten, delivered) changes the answer then. 8 bytes a match, 5 a packet. One
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/replay/filter/ends.h"
#include "sim/replay/filter/expression.h"
#include "sim/replay/indexes.h"

namespace fourtuple::replay {

class FilterResult {
 public:
  // The indexes must outlive it.
  FilterResult(const Indexes& indexes, FilterExpression expression);
  FilterResult(const FilterResult&) = delete;
  FilterResult& operator=(const FilterResult&) = delete;

  // Looks at records the indexes have, at most about `max_slots` of them. True when nothing is left.
  bool advance(std::uint64_t max_slots = ~std::uint64_t{0});

  const FilterExpression& expression() const { return expression_; }
  bool matches(PacketId packet) const { return packet.value < shown_.size() && shown_[packet.value]; }
  // The packet_created records of those that match, ascending.
  const std::vector<std::uint64_t>& positions() const { return positions_; }
  // Packets looked at.
  std::uint64_t packets() const { return packets_; }
  bool finished() const { return end_ >= indexes_->end(); }
  // Another number whenever other packets match.
  std::uint64_t version() const { return version_; }

 private:
  void take(std::uint64_t position, const trace::Slot* record);
  void take_created(std::uint64_t position, const trace::Slot* record);
  void take_end(PacketId packet, const trace::Slot* record);
  void take_verdict(const trace::Slot* record);
  void answer(PacketId packet, FilterWord word);
  void answer(PacketId packet, FilterWord word, std::uint32_t number);
  void ask_bpf(PacketId packet, std::uint64_t position);
  void ask_ends(PacketId packet);
  void ask_host(PacketId packet, HostId host);
  void set(PacketId packet, std::size_t atom);
  void update(PacketId packet);
  bool is_wanted(const RuleWanted& wanted, HostId host, const trace::RuleVerdictReached& event) const;

  const Indexes* indexes_;
  FilterExpression expression_;
  std::array<bool, static_cast<std::size_t>(FilterWord::bpf) + 1> asks_{};
  std::optional<PacketEnds> ends_;       // when states or processes are asked for
  std::vector<std::uint32_t> rulesets_;  // by HostId: of Tables::rulesets
  std::vector<std::uint32_t> masks_;     // by PacketId: an answer a bit
  std::vector<bool> shown_;              // by PacketId
  std::vector<std::uint64_t> positions_;
  std::uint64_t end_ = 0;
  std::uint64_t packets_ = 0, version_ = 0;
};

}  // namespace fourtuple::replay
