// The TCP tracker: the state machine (tcp_states.h), the window check (tcp_window.h) and, between the two, what Linux
// does about segments that may come from a connection it knows less of than the two ends do.
#include <algorithm>

#include "sim/netfilter/conntrack/tcp_states.h"
#include "sim/netfilter/conntrack/tcp_window.h"
#include "sim/netfilter/conntrack/tracker.h"

namespace fourtuple::netfilter {
namespace {

using state::ConntrackStatus;

// One segment on its way through the tracker.
struct Step {
  const Sighting& sighting;
  TcpTracker& tracker;
  TcpClass segment;
  TcpTracking before, next;
  bool skip_window = false;

  const Packet& packet() const { return sighting.packet; }
  int direction() const { return sighting.direction; }
  TcpSide& peer() const { return tracker.side[1 - direction()]; }
  bool last_was(TcpClass what) const { return tracker.last_class == what; }
  bool last_from_peer() const { return tracker.last_direction != direction(); }
};

// Whether the rest of a segment's way is still to be gone.
enum class Onward : std::uint8_t { yes, pass, invalid, reopen };

// What remains after a side has said its last word; such an entry may also be evicted.
bool is_closing(TcpTracking state) {
  return state == TcpTracking::fin_wait || state == TcpTracking::close_wait || state == TcpTracking::last_ack ||
         state == TcpTracking::time_wait || state == TcpTracking::close;
}

bool begin(const Sighting& sighting, TcpTracker& tracker, TcpClass segment) {
  const TcpTransition& transition = tcp_transition(0, segment, TcpTracking::none);
  if (transition.move != TcpMove::to_state) return false;
  const bool syn = transition.next == TcpTracking::syn_sent;
  if (!syn && !sighting.config.tcp_loose) return false;
  const bool synproxied = tracker.synproxied;
  tracker = {};
  tracker.synproxied = synproxied;
  TcpSide& sender = tracker.side[0];
  sender.end = segment_end(sighting.packet);
  sender.max_window = std::max<std::uint32_t>(sighting.packet.window, 1);
  if (syn) {
    sender.max_end = sender.end;
    note_options(sender, sighting.packet);
  } else {
    // The scale of the windows is not known, so nothing can be said to be outside.
    sender.max_end = sender.end + sender.max_window;
    sender.flags = tracker.side[1].flags = TcpNote::sack_permitted | TcpNote::be_liberal;
  }
  return true;
}

// A SYN-ACK for a SYN that passed without being believed: the two ends agree, so what that SYN said is taken over.
bool in_step_again(const Step& step) {
  return step.segment == TcpClass::syn_ack && step.last_was(TcpClass::syn) && step.last_from_peer() &&
         step.packet().ack == step.tracker.last_end;
}

void get_in_step(Step& step) {
  TcpTracker& tracker = step.tracker;
  step.before = TcpTracking::syn_sent;
  step.next = TcpTracking::syn_recv;
  TcpSide& opener = tracker.side[tracker.last_direction];
  opener.end = opener.max_end = tracker.last_end;
  opener.max_window = std::max<std::uint32_t>(tracker.last_window, 1);
  opener.scale = tracker.last_scale;
  tracker.last_flags &= static_cast<std::uint8_t>(~TcpNote::expect_challenge_ack);
  opener.flags = tracker.last_flags;
  TcpSide& answerer = tracker.side[step.direction()];
  const auto liberal = static_cast<std::uint8_t>(answerer.flags & TcpNote::be_liberal);
  answerer = {};
  answerer.flags = liberal;
}

Onward ignore(Step& step) {
  if (in_step_again(step)) {
    get_in_step(step);
    return Onward::yes;
  }
  TcpTracker& tracker = step.tracker;
  tracker.last_class = step.segment;
  tracker.last_direction = static_cast<std::uint8_t>(step.direction());
  tracker.last_seq = step.packet().seq;
  tracker.last_end = segment_end(step.packet());
  tracker.last_window = step.packet().window;
  if (step.segment == TcpClass::syn && step.direction() == 0) {
    TcpSide seen;
    note_options(seen, step.packet());
    tracker.last_flags = seen.flags;
    tracker.last_scale = seen.scale;
    // The answer may be a challenge ACK (RFC 5961), which must not be taken for the acknowledgement of the last FIN.
    if (step.before == TcpTracking::last_ack) tracker.last_flags |= TcpNote::expect_challenge_ack;
  }
  if (step.before == TcpTracking::syn_sent && step.segment == TcpClass::ack && step.direction() == 1)
    tracker.last_ack = step.packet().ack;
  return Onward::pass;
}

// A SYN after the end: a new connection when this side closed first or reset the old one, else as any stray SYN.
Onward reopen(Step& step) {
  const TcpTracker& tracker = step.tracker;
  const bool closed = ((tracker.side[0].flags | tracker.side[1].flags) & TcpNote::close_initiator) != 0;
  const bool aborted = !step.last_from_peer() && step.last_was(TcpClass::rst);
  return closed || aborted ? Onward::reopen : ignore(step);
}

// Whether a reset answers a SYN or an ACK that passed without being believed.
bool resets_unbelieved(const Step& step) {
  const bool stray_syn =
      step.sighting.has(ConntrackStatus::seen_reply) && step.last_was(TcpClass::syn) && step.last_from_peer();
  const bool stray_ack = !step.sighting.has(ConntrackStatus::assured) && step.last_was(TcpClass::ack);
  if ((stray_syn || stray_ack) && step.packet().ack == step.tracker.last_end) return true;
  return step.before == TcpTracking::syn_sent && step.last_was(TcpClass::ack) && step.tracker.last_direction == 1 &&
         step.packet().seq == step.tracker.last_ack;
}

// A reset is believed at exactly the next sequence number; elsewhere in the window it passes and the peer's challenge
// ACK decides (RFC 5961 section 3.2).
Onward reset(Step& step) {
  if (is_closing(step.before)) {
    step.skip_window = true;
    return Onward::yes;
  }
  const TcpSide& peer = step.peer();
  if ((peer.flags & TcpNote::max_ack_set) != 0 && !step.last_was(TcpClass::syn)) {
    const SeqNumber seq = step.packet().seq;
    const bool open = step.before == TcpTracking::established && step.sighting.has(ConntrackStatus::assured);
    if (seq == SeqNumber{0} && !open) return Onward::yes;
    if (seq.before(peer.max_ack) && !step.sighting.config.tcp_ignore_invalid_rst) return Onward::invalid;
    if (!open || seq == peer.max_ack) return Onward::yes;
    const bool behind_own_data = step.last_was(TcpClass::ack) && !step.last_from_peer() && seq == step.tracker.last_end;
    if (behind_own_data) return Onward::yes;
    step.next = step.before;
  }
  step.skip_window = resets_unbelieved(step);
  return Onward::yes;
}

bool is_challenge_ack(const Step& step) {
  return step.before == TcpTracking::last_ack && step.segment == TcpClass::ack && step.last_from_peer() &&
         step.last_was(TcpClass::syn) && (step.tracker.last_flags & TcpNote::expect_challenge_ack) != 0;
}

// A client that waits for synproxy to open its window: the SYN to the server, or the answer, was lost. The hook of
// synproxy asks the server again (conntrack/synproxy.cc).
bool is_keep_alive_of_synproxy(const Step& step) {
  const TcpTracker& tracker = step.tracker;
  return tracker.synproxied && step.before == TcpTracking::syn_sent && step.segment == TcpClass::ack &&
         step.direction() == 0 && tracker.last_direction == 0 && tracker.side[0].end - 1 == step.packet().seq;
}

Onward consider(Step& step, const TcpTransition& transition) {
  if (transition.move == TcpMove::invalid) return is_keep_alive_of_synproxy(step) ? Onward::pass : Onward::invalid;
  if (transition.move == TcpMove::ignored) return ignore(step);
  switch (step.next) {
    case TcpTracking::syn_sent:
      return step.before >= TcpTracking::time_wait ? reopen(step) : Onward::yes;
    case TcpTracking::time_wait:
      if (!is_challenge_ack(step)) return Onward::yes;
      step.tracker.last_flags &= static_cast<std::uint8_t>(~TcpNote::expect_challenge_ack);
      return Onward::pass;
    case TcpTracking::syn_sent2:
      step.tracker.last_flags |= TcpNote::simultaneous_open;
      return Onward::yes;
    case TcpTracking::syn_recv:
      if (step.direction() == 1 && step.segment == TcpClass::ack &&
          (step.tracker.last_flags & TcpNote::simultaneous_open) != 0)
        step.next = TcpTracking::established;
      return Onward::yes;
    case TcpTracking::close:
      return step.segment == TcpClass::rst ? reset(step) : Onward::yes;
    default:
      return Onward::yes;
  }
}

// A FIN or RST outside the window, answered by another one: whatever the tracker thinks, the connection is ending.
Verdict outside_window(const Step& step) {
  Verdict verdict;
  if (!step.sighting.has(ConntrackStatus::assured)) return verdict;
  if (step.segment != TcpClass::rst && step.segment != TcpClass::fin) return verdict;
  TcpTracker& tracker = step.tracker;
  if (!step.last_from_peer() || (!step.last_was(TcpClass::fin) && !step.last_was(TcpClass::rst))) {
    tracker.last_class = step.segment;
    tracker.last_direction = static_cast<std::uint8_t>(step.direction());
    return verdict;
  }
  constexpr Duration short_enough = seconds(120);
  const Duration remaining = step.sighting.entry.expires - step.sighting.now;
  const std::uint32_t timeout_s = step.sighting.config.tcp_timeout_unacknowledged;
  if (remaining >= short_enough && remaining > seconds(timeout_s)) verdict.timeout_s = timeout_s;
  return verdict;
}

std::uint32_t timeout_of(const Step& step) {
  const ConntrackConfig& config = step.sighting.config;
  const TcpTracker& tracker = step.tracker;
  const std::uint32_t usual = config.tcp_timeout(step.next);
  const bool unacknowledged = ((tracker.side[0].flags | tracker.side[1].flags) & TcpNote::data_unacknowledged) != 0;
  if (tracker.retransmissions >= config.tcp_max_retrans && usual > config.tcp_timeout_max_retrans)
    return config.tcp_timeout_max_retrans;
  if (step.segment == TcpClass::rst) return config.tcp_timeout(TcpTracking::close);
  if (unacknowledged && usual > config.tcp_timeout_unacknowledged) return config.tcp_timeout_unacknowledged;
  if (tracker.last_window == 0 && usual > config.tcp_timeout_max_retrans) return config.tcp_timeout_max_retrans;
  return usual;
}

Verdict accept(const Step& step) {
  TcpTracker& tracker = step.tracker;
  tracker.last_class = step.segment;
  tracker.last_direction = static_cast<std::uint8_t>(step.direction());
  if (step.before != step.next && step.next == TcpTracking::fin_wait)
    tracker.side[step.direction()].flags |= TcpNote::close_initiator;

  Verdict verdict{Judgement::accepted, step.next, timeout_of(step), false};
  const Sighting& sighting = step.sighting;
  if (!sighting.has(ConntrackStatus::seen_reply)) {
    if (step.packet().has(TcpFlag::rst)) verdict.judgement = Judgement::ends;
    // A SYN sent again does not keep an entry alive that nobody answers.
    if (step.segment == TcpClass::syn && step.before == TcpTracking::syn_sent) verdict.judgement = Judgement::passed;
    if (step.next == TcpTracking::established)
      verdict.timeout_s = std::min(verdict.timeout_s, sighting.config.tcp_timeout_unacknowledged);
  } else if ((step.before == TcpTracking::syn_recv || step.before == TcpTracking::established) &&
             step.next == TcpTracking::established) {
    verdict.assured = true;
  }
  return verdict;
}

}  // namespace

Verdict track_tcp(const Sighting& sighting, TcpTracker& tracker) {
  Verdict invalid{Judgement::invalid, sighting.entry.tcp, trace::ConntrackSeen::keep_timeout, false};
  if (!tcp_flags_possible(sighting.packet.flags)) return invalid;
  const TcpClass segment = tcp_class_of(sighting.packet);
  if (sighting.fresh && !begin(sighting, tracker, segment)) return invalid;

  const TcpTracking before = sighting.entry.tcp;
  const TcpTransition& transition = tcp_transition(sighting.direction, segment, before);
  Step step{sighting, tracker, segment, before, transition.next};
  switch (consider(step, transition)) {
    case Onward::pass:
      return {Judgement::passed, before, trace::ConntrackSeen::keep_timeout, false};
    case Onward::invalid:
      return invalid;
    case Onward::reopen:
      return {Judgement::reopens, before, trace::ConntrackSeen::keep_timeout, false};
    case Onward::yes:
      break;
  }
  if (step.skip_window) return accept(step);
  switch (check_window(tracker, sighting, before, segment)) {
    case WindowVerdict::ignored:
      return {Judgement::passed, before, trace::ConntrackSeen::keep_timeout, false};
    case WindowVerdict::outside:
      invalid = outside_window(step);
      invalid.tcp = before;
      return invalid;
    default:
      return accept(step);
  }
}

}  // namespace fourtuple::netfilter
