#include "sim/trace/difference.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::trace {
namespace {

// One of the two traces, walked over the records that are compared.
class Side : public Names {
 public:
  Side(const Trace& trace, Level level) : trace_(&trace), level_(level), position_(trace.first()) { skip(); }

  bool ended() const { return position_ >= trace_->published(); }
  const Slot* record() const { return trace_->at(position_); }
  std::uint64_t position() const { return position_; }
  void pass() {
    position_ = trace_->next(position_);
    skip();
  }
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
    while (!ended() && level_of(record()->kind) > level_) position_ = trace_->next(position_);
  }

  const Trace* trace_;
  Level level_;
  std::uint64_t position_;
};

bool same(const Slot* a, const Slot* b) {
  return a->extra == b->extra && std::memcmp(a, b, sizeof(Slot) * (1u + a->extra)) == 0;
}

}  // namespace

std::string Difference::to_string() const {
  return fmt::format("first difference at record {}, {}\n  a: {}\n  b: {}\n", number, time_text(time), a, b);
}

std::optional<Difference> first_difference(const Trace& a, const Trace& b, bool deep) {
  const Level level = deep ? std::min(a.level(), b.level()) : Level::facts;
  Side left(a, level), right(b, level);
  std::uint64_t number = 0;
  while (!left.ended() && !right.ended() && same(left.record(), right.record())) {
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
  return difference;
}

}  // namespace fourtuple::trace
