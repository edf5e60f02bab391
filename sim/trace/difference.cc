#include "sim/trace/difference.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::trace {
namespace {

// One of the two traces, walked over the records that are compared.
bool tells_of_change(Kind kind) {
  return kind == Kind::command || kind == Kind::ruleset_loaded || kind == Kind::netfilter_object ||
         kind == Kind::set_element_added || kind == Kind::set_element_removed;
}

class Side : public Names {
 public:
  Side(const Trace& trace, Level level, bool story)
      : trace_(&trace), level_(level), story_(story), position_(trace.first()) {
    skip();
  }

  bool ended() const { return position_ >= trace_->published(); }
  const Slot* record() const { return trace_->at(position_); }
  std::uint64_t position() const { return position_; }
  void pass() {
    position_ = trace_->next(position_);
    skip();
  }
  std::uint64_t count_rest() {
    std::uint64_t count = 0;
    for (; !ended(); pass()) ++count;
    return count;
  }
  std::string event() const { return describe_event(*trace_, position_, *this); }
  const Tables& tables() const { return trace_->tables(); }
  std::string words() const { return ended() ? "(the trace ends here)" : describe(*trace_, position_, *this); }

  // Looked up from the start: asked once or twice, for the difference alone.
  bool packet(PacketId id, Packet& packet) const override {
    for (std::uint64_t at = trace_->first(); at < trace_->published() && at <= position_; at = trace_->next(at)) {
      const Slot* slots = trace_->at(at);
      if (slots->kind != Kind::packet_created || slots->subject != id.value) continue;
      packet = unpack_packet_created(slots).packet;
      return true;
    }
    return false;
  }
  std::string process(ProcessId id) const override {
    std::string name = Names::process(id);
    for (std::uint64_t at = trace_->first(); at < trace_->published() && at <= position_; at = trace_->next(at)) {
      const Slot* slots = trace_->at(at);
      if (slots->kind != Kind::process_started || slots->subject != id.value) continue;
      const ProcessStarted started = unpack_process_started(slots);
      name = fmt::format("{} (pid {})", trace_->tables().strings[started.name], started.pid);
    }
    return name;
  }

 private:
  void skip() {
    while (!ended() && !is_compared(*record())) position_ = trace_->next(position_);
  }
  bool is_compared(const Slot& slot) const {
    if (level_of(slot.kind) > level_) return false;
    return !story_ || !tells_of_change(slot.kind);
  }

  const Trace* trace_;
  Level level_;
  bool story_;
  std::uint64_t position_;
};

bool same_tables(const Tables& a, const Tables& b) {
  if (a.addresses.size() != b.addresses.size() || a.strings.size() != b.strings.size()) return false;
  for (std::uint32_t i = 0; i < a.addresses.size(); ++i)
    if (a.addresses[{i}] != b.addresses[{i}]) return false;
  for (std::uint32_t i = 0; i < a.strings.size(); ++i)
    if (a.strings[{i}] != b.strings[{i}]) return false;
  return true;
}

bool same(const Slot* a, const Slot* b) {
  return a->extra == b->extra && std::memcmp(a, b, sizeof(Slot) * (1u + a->extra)) == 0;
}

}  // namespace

std::string Difference::to_string() const {
  return fmt::format("first difference at record {}, {}\n  a: {}\n  b: {}\n", number, time_text(time), a, b);
}

std::uint64_t count_compared(const Trace& trace, Compared compared) {
  const Level level = compared == Compared::everything ? trace.level() : Level::facts;
  return Side(trace, level, compared == Compared::story).count_rest();
}

std::optional<Difference> first_difference(const Trace& a, const Trace& b, Compared compared) {
  const Level level = compared == Compared::everything ? std::min(a.level(), b.level()) : Level::facts;
  const bool story = compared == Compared::story;
  Side left(a, level, story), right(b, level, story);
  const bool by_words = story && !same_tables(a.tables(), b.tables());
  const auto agree = [&] {
    if (same(left.record(), right.record())) return true;
    return by_words && left.record()->at == right.record()->at && left.record()->kind == right.record()->kind &&
           left.record()->host == right.record()->host && left.event() == right.event();
  };
  std::uint64_t number = 0;
  while (!left.ended() && !right.ended() && agree()) {
    left.pass();
    right.pass();
    ++number;
  }
  if (left.ended() && right.ended()) return std::nullopt;
  Difference difference;
  difference.number = number;
  difference.position_a = left.position();
  difference.position_b = right.position();
  difference.time = Time::never();
  for (const Side* side : {&left, &right})
    if (!side->ended()) difference.time = std::min(difference.time, side->record()->at);
  difference.a = left.words();
  difference.b = right.words();
  difference.rest_a = left.count_rest();
  difference.rest_b = right.count_rest();
  return difference;
}

}  // namespace fourtuple::trace
