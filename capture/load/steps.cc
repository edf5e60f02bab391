#include "capture/load/steps.h"

#include <algorithm>

namespace fourtuple::capture {
namespace {

// A pause in which the sender had nothing to wait for is the program's own.
constexpr std::int64_t pause_ns = 20'000'000;

}  // namespace

// How much of what the other side sent has arrived at `side`. Half a round trip is where it is; a little is left for
// packets that were faster than the handshake.
std::uint64_t StepRecorder::known_amount(std::size_t side, std::int64_t now_ns) {
  Way& other = ways_[1 - side];
  const std::int64_t latest = now_ns - distances_[side] / 2;
  while (other.known < other.passed.size() && other.passed[other.known].first <= latest) ++other.known;
  return other.known == 0 ? 0 : other.passed[other.known - 1].second;
}

bool StepRecorder::knows_end(std::size_t side, std::int64_t now_ns) const {
  const Way& other = ways_[1 - side];
  return other.finished && other.finished_ns <= now_ns - distances_[side] / 2;
}

bool StepRecorder::begins_step(std::size_t side, std::int64_t now_ns) {
  const Way &own = ways_[side], &other = ways_[1 - side];
  if (own.steps.empty() || own.steps.back().kind != Step::Kind::send) return true;
  if (known_amount(side, now_ns) > own.step_amount) return true;
  if (knows_end(side, now_ns) && !own.step_after_end) return true;
  if (own.acked != own.next) return false;  // its window may have been full
  return now_ns - std::max(own.last_data_ns, other.last_any_ns + distances_[side]) >= pause_ns;
}

void StepRecorder::begin_step(std::size_t side, Step::Kind kind, std::uint64_t bytes, std::int64_t now_ns) {
  Way& own = ways_[side];
  const Way& other = ways_[1 - side];
  const std::uint64_t known = known_amount(side, now_ns);
  const bool end_known = knows_end(side, now_ns);
  Step step{kind, Step::Cause::opened, bytes, 0, 0};
  std::int64_t since_ns = opened_ns_[side] + distances_[side];
  if (end_known && !own.step_after_end) {
    step.cause = Step::Cause::end_of_input;
    since_ns = other.finished_ns + distances_[side];
  } else if (known > own.step_amount) {
    step.cause = Step::Cause::received;
    step.amount = known;
    since_ns = other.passed[other.known - 1].first + distances_[side];
  } else if (!own.steps.empty()) {
    step.cause = Step::Cause::previous;
    since_ns = own.step_ns;
  }
  step.delay_ns = std::max<std::int64_t>(0, now_ns - since_ns);
  own.steps.push_back(step);
  own.step_ns = now_ns;
  own.step_amount = known;
  own.step_after_end = end_known;
}

void StepRecorder::data(std::size_t side, std::uint64_t bytes, std::int64_t now_ns) {
  Way& own = ways_[side];
  if (begins_step(side, now_ns))
    begin_step(side, Step::Kind::send, bytes, now_ns);
  else
    own.steps.back().bytes += bytes;
  own.amount += bytes;
  own.bytes += bytes;
  own.last_data_ns = now_ns;
  own.passed.emplace_back(now_ns, own.amount);
}

void StepRecorder::segment(std::size_t side, const Packet& packet, std::int64_t now_ns) {
  Way &own = ways_[side], &other = ways_[1 - side];
  const bool syn = packet.has(TcpFlag::syn);
  const SeqNumber start = syn ? packet.seq + 1 : packet.seq;
  if (syn && !own.started) {
    own.started = true;
    own.next = own.acked = start;
  }
  if (packet.has(TcpFlag::ack) && other.started && packet.ack.after(other.acked)) other.acked = packet.ack;
  if (packet.has(TcpFlag::rst)) {
    // After its FIN the kernel resets by itself when something more comes.
    const bool own_doing = own.started && other.started && !own.reset && !own.finished;
    own.reset = true;
    if (own_doing && !other.reset) begin_step(side, Step::Kind::reset, 0, now_ns);
  } else if (own.started && !own.finished) {
    const SeqNumber end = start + packet.payload_length;
    own.gaps |= start.after(own.next);
    if (end.after(own.next)) {
      const auto fresh = static_cast<std::uint32_t>(end - own.next);
      own.next = end;
      data(side, fresh, now_ns);
    }
    if (packet.has(TcpFlag::fin) && end.at_or_after(own.next)) {
      begin_step(side, Step::Kind::finish, 0, now_ns);
      own.finished = true;
      own.finished_ns = now_ns;
      own.other_at_end = other.amount;
      own.next = own.next + 1;
    }
  }
  own.last_any_ns = now_ns;
}

void StepRecorder::datagram(std::size_t side, std::uint64_t bytes, std::int64_t now_ns) {
  Way& own = ways_[side];
  const Way& other = ways_[1 - side];
  const std::uint64_t known = known_amount(side, now_ns);
  Step step{Step::Kind::send, Step::Cause::previous, bytes, known, 0};
  std::int64_t since_ns = own.step_ns;
  // Who answers does so to the sender of a datagram, so all of a server's steps hang on one of the client's.
  if (known > own.step_amount || (side == 1 && known > 0)) {
    step.cause = Step::Cause::received;
    since_ns = other.passed[other.known - 1].first + distances_[side];
  } else if (side == 1) {
    step.cause = Step::Cause::received;
    step.amount = 1;
    since_ns = now_ns;
  } else if (own.steps.empty()) {
    step.cause = Step::Cause::opened;
    since_ns = now_ns;
  }
  step.delay_ns = std::max<std::int64_t>(0, now_ns - since_ns);
  own.steps.push_back(step);
  own.step_ns = now_ns;
  own.step_amount = known;
  own.bytes += bytes;
  own.passed.emplace_back(now_ns, ++own.amount);
}

void StepRecorder::more_of_datagram(std::size_t side, std::uint64_t bytes) {
  Way& own = ways_[side];
  if (own.steps.empty()) return;
  own.steps.back().bytes += bytes;
  own.bytes += bytes;
}

void StepRecorder::finish(Exchange& exchange) {
  for (std::size_t side = 0; side < 2; ++side) {
    Way &own = ways_[side], &other = ways_[1 - side];
    exchange.bytes[side] = own.bytes;
    exchange.gaps |= own.gaps;
    // Who still takes data after its FIN has closed only its own direction.
    if (own.finished && !own.reset && other.amount > own.other_at_end) {
      for (Step& step : own.steps)
        if (step.kind == Step::Kind::finish) step.kind = Step::Kind::half_finish;
      own.steps.push_back({Step::Kind::finish, Step::Cause::received, 0, other.amount, 0});
    }
    exchange.steps[side] = std::move(own.steps);
  }
  const bool over = ways_[0].reset || ways_[1].reset || (ways_[0].finished && ways_[1].finished);
  exchange.open = !over;
}

}  // namespace fourtuple::capture
